//! Who signs a bundle and who encrypts it: others, for this crate knows no cryptography but digests.
use crate::output::Output;
use obs_core::io::IoFile;
use std::fmt;
use std::io::{self, Read, Write};

/// Signs a bundle.
pub trait Sign: fmt::Debug + Send + Sync {
    /// The text of `SHA256SUMS.minisig`: a signature of `sums` in minisign's form, at most 4 KiB. `comment` is to be
    /// signed with it; it says which run, and when. Equal arguments are to give equal signatures, else bundles of one
    /// run differ.
    ///
    /// # Errors
    ///
    /// Why there is none. There is no bundle then.
    fn sign(&self, sums: &[u8], comment: &str) -> Result<Vec<u8>, String>;
}

/// Encrypts a bundle.
pub trait Encrypt: fmt::Debug + Send + Sync {
    /// Reads `plain` to its end and writes what is encrypted.
    ///
    /// # Errors
    ///
    /// Why it cannot. There is no bundle then.
    fn encrypt(&self, plain: &mut dyn Read, sealed: &mut dyn Write) -> Result<(), String>;
}

/// A file, read from its beginning.
pub(crate) struct Plain<'a> {
    pub(crate) file: &'a mut dyn IoFile,
    pub(crate) at: u64,
}

impl Read for Plain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(self.at, buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// A file, written from its beginning.
pub(crate) struct Sealed {
    pub(crate) output: Output,
}

impl Write for Sealed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
