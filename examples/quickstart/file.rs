//! Reading and measuring one file.
use sha2::{Digest, Sha256};
use std::error::Error;
use std::path::Path;
use std::str::Utf8Error;
use std::{fs, io};
use tracing::field::Empty;
use tracing::{Span, error, info, warn};

/// Larger files are left out.
const BYTES_MAX: u64 = 8 << 20;

/// Why a file is not in the index.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("cannot read the file")]
    Read(#[from] io::Error),
    #[error("the file is not UTF-8")]
    NotText(#[from] Utf8Error),
    #[error("the file has {0} bytes, at most {BYTES_MAX} are read")]
    TooLarge(u64),
}

#[derive(Debug)]
pub(crate) struct Measures {
    pub(crate) bytes: usize,
    pub(crate) lines: usize,
    pub(crate) words: usize,
    pub(crate) longest_line_bytes: usize,
    pub(crate) sha256: [u8; 32],
}

/// Reads and measures the file at `path`.
pub(crate) fn measure(path: &Path) -> Result<Measures, FileError> {
    let bytes = read(path)?;
    let text = str::from_utf8(&bytes)?;
    Ok(count(text))
}

/// Says what became of a file. The line says which file: it has the fields of the span around it, too.
pub(crate) fn tell(measured: &Result<Measures, FileError>) {
    match measured {
        Ok(Measures { bytes, lines, words, longest_line_bytes, sha256 }) => {
            let sha256 = sha256.as_slice();
            info!(bytes, lines, words, longest_line_bytes, sha256, "file indexed");
        }
        Err(error @ FileError::TooLarge(bytes)) => {
            info!(bytes, reason = %error, "file left out");
        }
        Err(error @ FileError::NotText(_)) => {
            warn!(error = error as &dyn Error, "file left out");
        }
        Err(error @ FileError::Read(_)) => {
            error!(error = error as &dyn Error, "file left out");
        }
    }
}

#[obs::traced(level = debug, err = false, fields(bytes = Empty))]
fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let bytes = fs::metadata(path)?.len();
    Span::current().record("bytes", bytes);
    if bytes > BYTES_MAX { Err(FileError::TooLarge(bytes)) } else { Ok(fs::read(path)?) }
}

#[obs::traced(level = debug, fields(bytes = text.len()))]
fn count(text: &str) -> Measures {
    Measures {
        bytes: text.len(),
        lines: text.lines().count(),
        words: text.split_whitespace().count(),
        longest_line_bytes: text.lines().map(str::len).max().unwrap_or(0),
        sha256: Sha256::digest(text).into(),
    }
}
