//! The run directory that a bundle is made of.
use crate::error::{BundleError, BundleErrorKind};
use crate::remote::Content;
use obs_core::io::{self as files, Io, IoFile, Open};
use obs_core::{RunId, UnixNanos};
use obs_recorder::Summary;
use obs_recorder::layout::RunDirectory;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The path of `run.json` in a bundle.
pub(crate) const RUN: &str = "run/run.json";
/// A longer `run.json` is not read.
pub(crate) const SUMMARY_BYTES_MAX: u64 = 1 << 20;

/// A run directory, as it was when the bundle was begun.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) io: Arc<dyn Io>,
    pub(crate) directory: RunDirectory,
    /// The bytes of `run.json`, or why there are none.
    pub(crate) summary_bytes: io::Result<Vec<u8>>,
    pub(crate) summary: Option<Summary>,
}

impl Run {
    pub(crate) fn open(io: Arc<dyn Io>, path: &Path) -> Result<Self, BundleError> {
        let kind = BundleErrorKind::Run;
        let names = io
            .list(path)
            .map_err(|error| BundleError::at(kind, "read the run directory", path, error))?;
        let directory = RunDirectory::new(path);
        let of_a_run = [directory.summary(), directory.journal(), path.join("log.jsonl")];
        if !names.iter().any(|name| of_a_run.contains(name)) {
            let why = "neither run.json nor journal nor log.jsonl is in it";
            return Err(BundleError::at(kind, "find a run in", path, why));
        }
        let summary_bytes = files::read(io.as_ref(), &directory.summary(), SUMMARY_BYTES_MAX);
        let summary = summary_bytes.as_ref().ok().and_then(|bytes| summary(bytes).ok());
        Ok(Self { io, directory, summary_bytes, summary })
    }

    /// When the run ended, if it has.
    pub(crate) fn ended_at(&self) -> Option<UnixNanos> {
        let summary = self.summary.as_ref()?;
        summary.end.as_ref()?;
        summary.ended_at.as_ref()?.parse().ok()
    }

    /// The run's id: from `run.json`, else from the end of the directory's name.
    pub(crate) fn id(&self) -> Option<RunId> {
        let named = || self.directory.path().file_name()?.to_str()?.rsplit('_').next();
        let text = self.summary.as_ref().map(|summary| summary.run_id.as_str()).or_else(named)?;
        text.parse().ok()
    }

    /// The names of the files in a folder, sorted; none where the folder is not there.
    pub(crate) fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let paths = match self.io.list(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let name = |path: &PathBuf| Some(path.file_name()?.to_string_lossy().into_owned());
        Ok(paths.iter().filter_map(name).collect())
    }

    /// How many bytes those files of a folder have that fit; files that cannot be read have none.
    pub(crate) fn bytes(&self, folder: &Path, fits: impl Fn(&str) -> bool) -> u64 {
        let names = self.names(folder).unwrap_or_default();
        let wanted = names.iter().filter(|name| fits(name));
        let files = wanted.filter_map(|name| self.open_file(&folder.join(name)).ok());
        files.map(|file| file.length()).sum()
    }

    pub(crate) fn open_file(&self, path: &Path) -> io::Result<Snapshot> {
        Snapshot::new(self.io.open(path, Open::Read)?)
    }
}

/// Reads the bytes of a `run.json` of a version that this build knows.
pub(crate) fn summary(bytes: &[u8]) -> Result<Summary, String> {
    let summary: Summary = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let known = Summary::new(RunId::from_bytes([0; 16]), "").format;
    if summary.format != known {
        return Err(format!("it has format {}, this build reads {known}", summary.format));
    }
    Ok(summary)
}

/// A file up to the length that it had when it was opened.
#[derive(Debug)]
pub(crate) struct Snapshot {
    file: Box<dyn IoFile>,
    at: u64,
    end: u64,
}

impl Snapshot {
    fn new(mut file: Box<dyn IoFile>) -> io::Result<Self> {
        let end = file.length()?;
        Ok(Self { file, at: 0, end })
    }

    pub(crate) fn length(&self) -> u64 {
        self.end
    }

    /// Leaves out what stands behind the last line that is complete.
    pub(crate) fn cut_after_last_line(&mut self) -> io::Result<()> {
        let mut piece = vec![0; crate::content::PIECE_BYTES];
        let mut from = self.end;
        while from > 0 {
            let length = from.min(piece.len() as u64);
            from -= length;
            let part = &mut piece[..length as usize];
            let read = files::read_up_to(self.file.as_mut(), from, part)?;
            if let Some(at) = part[..read].iter().rposition(|byte| *byte == b'\n') {
                self.end = from + at as u64 + 1;
                return Ok(());
            }
        }
        self.end = 0;
        Ok(())
    }
}

impl Content for Snapshot {
    fn rewind(&mut self) -> io::Result<()> {
        self.at = 0;
        Ok(())
    }
}

impl Read for Snapshot {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        let read = self.file.read_at(self.at, &mut buffer[..wanted])?;
        self.at += read as u64;
        if read == 0 {
            let why = format!("it became shorter than the {} bytes it had", self.end);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
        }
        Ok(read)
    }
}
