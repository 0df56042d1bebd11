//! Run directories: where they are made, and how they are called.
use obs_core::{RunId, Settings, UnixNanos};
use obs_recorder::RunLock;
use obs_recorder::layout::RunDirectory;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A run directory that was made, or why none could be.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) path: Option<PathBuf>,
    /// The lock of the run in it.
    pub(crate) lock: Option<RunLock>,
    /// Why better places were not taken: place and reason.
    pub(crate) failures: Vec<String>,
}

/// Makes the run's directory in the first root that takes it.
pub(crate) fn make(settings: &Settings, run_id: RunId, now: UnixNanos) -> Made {
    let name = format!("{}_{run_id}", now.to_file_name());
    let mut failures = Vec::new();
    for root in settings.run_root_candidates(rustix::process::geteuid().as_raw()) {
        match make_in(&root, &name) {
            Ok((path, lock)) => return Made { path: Some(path), lock: Some(lock), failures },
            Err(error) => failures.push(format!("{}: {error}", root.display())),
        }
    }
    Made { path: None, lock: None, failures }
}

/// Others see the directory when its lock is held already: to them it is that of a run that is alive.
fn make_in(root: &Path, name: &str) -> io::Result<(PathBuf, RunLock)> {
    let private = |recursive| {
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700).recursive(recursive);
        builder
    };
    private(true).create(root)?;
    let (path, hidden) = (root.join(name), root.join(format!(".new-{name}")));
    private(false).create(&hidden)?;
    let taken = RunLock::take(&RunDirectory::new(&hidden)).and_then(|lock| {
        std::fs::rename(&hidden, &path)?;
        lock.ok_or_else(|| io::ErrorKind::ResourceBusy.into())
    });
    if taken.is_err() {
        std::fs::remove_dir_all(&hidden)?;
    }
    Ok((path, taken?))
}

/// The run directories in `root`, newest first. A root that is not there has none.
pub(crate) fn list(root: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() && is_run(&entry.file_name().to_string_lossy()) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    paths.reverse();
    Ok(paths)
}

fn is_run(name: &str) -> bool {
    name.rsplit_once('_').is_some_and(|(time, id)| time.len() == 20 && id.parse::<RunId>().is_ok())
}
