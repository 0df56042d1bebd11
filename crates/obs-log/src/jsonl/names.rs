//! The files of one log: what they are called, and which are there.
use obs_core::io::Io;
use std::io;
use std::path::{Path, PathBuf};

/// The directory and the first part of the names.
#[derive(Debug, Clone)]
pub(super) struct FileNames {
    directory: PathBuf,
    /// `log` of `log.jsonl`.
    stem: &'static str,
}

/// A file that lines are no longer written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rotated {
    pub(super) number: u64,
    pub(super) form: Form,
}

/// How a rotated file is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// `log.0001.jsonl`.
    Plain,
    /// `log.0001.jsonl.gz`.
    Gzip,
    /// `log.0001.jsonl.gz.new`: not yet whole, or no longer needed.
    Unfinished,
}

impl Form {
    const ALL: [Self; 3] = [Self::Plain, Self::Gzip, Self::Unfinished];

    fn suffix(self) -> &'static str {
        match self {
            Self::Plain => ".jsonl",
            Self::Gzip => ".jsonl.gz",
            Self::Unfinished => ".jsonl.gz.new",
        }
    }
}

impl FileNames {
    pub(super) fn new(directory: PathBuf, stem: &'static str) -> Self {
        Self { directory, stem }
    }

    pub(super) fn stem(&self) -> &'static str {
        self.stem
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file that lines are written to.
    pub(super) fn current(&self) -> PathBuf {
        self.directory.join(format!("{}.jsonl", self.stem))
    }

    /// A rotated file.
    pub(super) fn rotated(&self, rotated: Rotated) -> PathBuf {
        let Rotated { number, form } = rotated;
        self.directory.join(format!("{}.{number:04}{}", self.stem, form.suffix()))
    }

    /// A name that no file has, for what was found damaged.
    ///
    /// # Errors
    ///
    /// What the system says when the directory cannot be read.
    pub(super) fn damaged(&self, io: &dyn Io) -> io::Result<PathBuf> {
        let there = io.list(&self.directory)?;
        let name =
            |number: u32| self.directory.join(format!("{}.jsonl.damaged-{number}", self.stem));
        let free = (1..=u32::MAX).map(name).find(|path| !there.contains(path));
        free.ok_or_else(|| io::ErrorKind::AlreadyExists.into())
    }

    /// The rotated files that are there, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// What the system says when the directory cannot be read.
    pub(super) fn list(&self, io: &dyn Io) -> io::Result<Vec<Rotated>> {
        let paths = io.list(&self.directory)?;
        let mut all: Vec<Rotated> = paths.iter().filter_map(|path| self.parse(path)).collect();
        all.sort_unstable();
        Ok(all)
    }

    fn parse(&self, path: &Path) -> Option<Rotated> {
        let name = path.file_name()?.to_str()?;
        let rest = name.strip_prefix(self.stem)?.strip_prefix('.')?;
        Form::ALL.into_iter().find_map(|form| {
            let digits = rest.strip_suffix(form.suffix())?;
            let number = digits.parse().ok()?;
            let rotated = Rotated { number, form };
            (self.rotated(rotated) == path).then_some(rotated)
        })
    }
}
