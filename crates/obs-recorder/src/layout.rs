//! The names of the files in a run directory, and in the directory of its rings.
use obs_core::RunId;
use obs_core::io::{Io, read};
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The name of the rings' directory where it is in the run directory.
pub(crate) const RINGS: &str = "rings";

/// No path of rings is longer.
const POINTER_BYTES_MAX: u64 = 8192;

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

    /// Random bytes that make the digits in the run's markers of redaction.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.path.join("run.key")
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

    /// The directory that [`RunDirectory::rings_pointer`] names, be it there or not; `None` for a run that had no rings
    /// outside of its own memory. Rings within a run directory that was moved are found where they are now.
    ///
    /// # Errors
    ///
    /// What the system says; [`ErrorKind::InvalidData`] for anything but one line with the path of a directory that is
    /// called as the run's id, or `rings`. Recovery removes what it finds there, so a damaged pointer must lead
    /// nowhere.
    pub fn rings(&self, io: &dyn Io, run_id: RunId) -> io::Result<Option<RingDirectory>> {
        let bytes = match read(io, &self.rings_pointer(), POINTER_BYTES_MAX) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let line =
            bytes.strip_suffix(b"\n").filter(|line| !line.iter().any(|b| b"\n\0".contains(b)));
        let path = Path::new(OsStr::from_bytes(line.unwrap_or_default()));
        if self.path.file_name().is_some_and(|own| path.ends_with(Path::new(own).join(RINGS))) {
            return Ok(Some(RingDirectory::new(self.path.join(RINGS))));
        }
        if path.ends_with(run_id.to_string()) || path.ends_with(RINGS) {
            return Ok(Some(RingDirectory::new(path)));
        }
        let why = "rings.path names no directory of this run's rings";
        Err(io::Error::new(ErrorKind::InvalidData, why))
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

    /// The run directory that points here. Locked while the run is alive.
    #[must_use]
    pub fn owner(&self) -> PathBuf {
        self.path.join("owner")
    }

    /// Since when it is known that no run directory points here.
    pub(crate) fn orphaned(&self) -> PathBuf {
        self.path.join("orphaned")
    }

    /// The ring with this number.
    #[must_use]
    pub fn ring(&self, number: u32) -> PathBuf {
        self.path.join(format!("{number:06}.ring"))
    }

    /// Whether a file in the directory is one that a run puts there.
    #[must_use]
    pub fn owns(&self, path: &Path) -> bool {
        let names = [self.stage(), self.crash(), self.dictionary(), self.owner(), self.orphaned()];
        names.iter().any(|name| name == path) || Self::ring_number(path).is_some()
    }

    /// The number of the ring that a file holds, if its name is that of one.
    #[must_use]
    pub fn ring_number(path: &Path) -> Option<u32> {
        let name = path.file_name()?.to_str()?;
        name.strip_suffix(".ring")?.parse().ok()
    }
}
