//! Folders whose files are taken as they are.
use super::lines::{add, go_on, present};
use super::unreadable;
use crate::collect::{Files, NewFile};
use crate::error::BundleError;
use crate::remote::{Remote, Source};
use crate::run::Run;
use std::path::PathBuf;
use std::sync::Arc;

/// Those files of a folder whose names fit.
#[derive(Debug)]
pub(super) struct Folder {
    run: Arc<Run>,
    name: &'static str,
    folder: PathBuf,
    /// The folder in the bundle.
    inside: &'static str,
    role: &'static str,
    fits: fn(&str) -> bool,
}

impl Folder {
    pub(super) fn metrics(run: Arc<Run>) -> Self {
        let folder = run.directory.path().to_owned();
        let fits = |name: &str| name == "metrics.om";
        Self { run, name: "metrics", folder, inside: "run", role: "metrics", fits }
    }

    pub(super) fn profile(run: Arc<Run>) -> Self {
        let folder = run.directory.path().join("profile");
        Self { run, name: "profile", folder, inside: "run/profile", role: "profile", fits: any }
    }

    pub(super) fn cursors(run: Arc<Run>) -> Self {
        let folder = run.directory.cursors();
        Self { run, name: "cursors", folder, inside: "cursors", role: "cursor", fits: any }
    }
}

/// Not those that are about to replace another.
fn any(name: &str) -> bool {
    !name.ends_with(".new")
}

impl Source for Folder {
    fn name(&self) -> &str {
        self.name
    }

    fn collect(&self, files: &mut Remote) -> Result<(), BundleError> {
        let names = self.run.names(&self.folder).map_err(|error| unreadable(self.name, error))?;
        for name in names.iter().filter(|name| (self.fits)(name)) {
            match present(self.run.open_file(&self.folder.join(name))) {
                Ok(Some(snapshot)) => {
                    let mut file = NewFile::new(format!("{}/{name}", self.inside), self.role);
                    file.is_own = true;
                    go_on(add(file, snapshot, files), files)?;
                }
                Ok(None) => files.missing(format!("{name} went while the bundle was made")),
                Err(error) => files.missing(format!("cannot read {name}: {error}")),
            }
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.run.bytes(&self.folder, self.fits)
    }
}
