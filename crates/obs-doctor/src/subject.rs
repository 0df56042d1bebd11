//! What is examined.
use obs_core::Settings;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The set-up that is examined: the settings of a program, on this machine.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Subject {
    /// As the program would have them: its environment, its file, its name.
    pub settings: Settings,
    /// How long a receiver is tried, and a file system is waited for.
    pub timeout: Duration,
    /// What the kernel says of the machine is looked for in `sys` and `proc` below this directory.
    pub machine: PathBuf,
}

impl Subject {
    /// This machine, and 5 seconds of patience.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, timeout: Duration::from_secs(5), machine: PathBuf::from("/") }
    }

    /// The directories to try for run directories, best first.
    pub(crate) fn roots(&self) -> Vec<PathBuf> {
        self.settings.run_root_candidates(user())
    }

    /// What the kernel says in a file, if it says anything.
    pub(crate) fn said(&self, path: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.machine.join(path)).ok()?;
        Some(text.trim().to_owned())
    }

    /// The first root that something can be written to.
    pub(crate) fn root(&self) -> Option<PathBuf> {
        self.roots().into_iter().find(|root| crate::place::try_out(root).is_ok())
    }
}

/// The user that the process runs as.
pub(crate) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The path itself if it is there, else the nearest directory above it that is.
pub(crate) fn existing(path: &Path) -> &Path {
    path.ancestors().find(|path| path.symlink_metadata().is_ok()).unwrap_or(path)
}
