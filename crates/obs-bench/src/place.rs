//! Where the files of what is measured go.
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A kind of file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Wherever temporary files go.
    Temporary,
    /// In memory, if there is such a place, else wherever temporary files go.
    Memory,
    /// Where the bench itself was built.
    Disk,
}

impl Place {
    /// A new directory there, which is removed with its value.
    pub(crate) fn directory(self) -> anyhow::Result<TempDir> {
        let root = self.root()?;
        let made = tempfile::Builder::new().prefix("obs-bench-").tempdir_in(&root);
        made.with_context(|| format!("cannot make a directory in {}", root.display()))
    }

    fn root(self) -> anyhow::Result<PathBuf> {
        let shared = Path::new("/dev/shm");
        Ok(match self {
            Self::Memory if shared.is_dir() => shared.to_owned(),
            Self::Temporary | Self::Memory => std::env::temp_dir(),
            Self::Disk => {
                let program = std::env::current_exe()?;
                program.parent().context("the bench stands in no directory")?.to_owned()
            }
        })
    }
}
