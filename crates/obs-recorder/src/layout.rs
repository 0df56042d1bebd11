//! The names of the files in a run directory, and in the directory of its rings.
use std::path::{Path, PathBuf};

/// A run directory: where a run keeps what is to stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDirectory {
    path: PathBuf,
}

impl RunDirectory {
    /// The directory at `path`, whether it is there or not.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The journal's segments.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// One file a sink: how far it has come.
    #[must_use]
    pub fn cursors(&self) -> PathBuf {
        self.path.join("cursors")
    }

    /// Locked while the run is alive, or being recovered.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.path.join("run.lock")
    }

    /// The path of the directory that holds rings and stage.
    #[must_use]
    pub fn rings_pointer(&self) -> PathBuf {
        self.path.join("rings.path")
    }

    /// What is known of the run: see [`crate::Summary`].
    #[must_use]
    pub fn summary(&self) -> PathBuf {
        self.path.join("run.json")
    }

    /// The toolkit's own troubles.
    #[must_use]
    pub fn internal_log(&self) -> PathBuf {
        self.path.join("internal.log")
    }
}

/// The directory of a run's rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingDirectory {
    path: PathBuf,
}

impl RingDirectory {
    /// The directory at `path`, whether it is there or not.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The stage.
    #[must_use]
    pub fn stage(&self) -> PathBuf {
        self.path.join("stage")
    }

    /// Notes of fatal signals.
    #[must_use]
    pub fn crash(&self) -> PathBuf {
        self.path.join("crash")
    }

    /// The callsites that records in the rings name.
    #[must_use]
    pub fn dictionary(&self) -> PathBuf {
        self.path.join("callsites")
    }

    /// The ring with this number.
    #[must_use]
    pub fn ring(&self, number: u32) -> PathBuf {
        self.path.join(format!("{number:06}.ring"))
    }

    /// The number of the ring that a file holds, if its name is that of one.
    #[must_use]
    pub fn ring_number(path: &Path) -> Option<u32> {
        let name = path.file_name()?.to_str()?;
        name.strip_suffix(".ring")?.parse().ok()
    }
}
