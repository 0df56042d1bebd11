//! The file, and who may write it.
use super::{FORMAT, Failures};
use crate::lock::FileLock;
use obs_core::io::{Io, read, replace};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A longer file is not one of ours.
const BYTES_MAX: u64 = 1 << 20;
/// Others hold the lock for as long as a small file takes to be written. After so many naps it is given up.
const NAPS_MAX: u32 = 400;
const NAP: Duration = Duration::from_millis(5);

/// What came of a change.
#[derive(Debug)]
#[non_exhaustive]
pub struct Updated<T> {
    /// What the change returned.
    pub value: T,
    /// Why what was there before could not be read: it was begun anew.
    pub damage: Option<String>,
}

/// Where the failures of the runs in `root` are counted.
#[must_use]
pub fn path(root: &Path) -> PathBuf {
    root.join("failures.json")
}

/// The failures of the runs in `root` that were counted so far; none if there is no file.
///
/// # Errors
///
/// What the system says; [`ErrorKind::InvalidData`] for a file that this build cannot read.
pub fn load(io: &dyn Io, root: &Path) -> io::Result<Failures> {
    let bytes = match read(io, &path(root), BYTES_MAX) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Failures::default()),
        Err(error) if error.kind() == ErrorKind::FileTooLarge => {
            return Err(io::Error::new(ErrorKind::InvalidData, error));
        }
        other => other?,
    };
    let failures: Failures = serde_json::from_slice(&bytes)
        .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
    if failures.format != FORMAT {
        let why = format!("it has format {}, this build reads {FORMAT}", failures.format);
        return Err(io::Error::new(ErrorKind::InvalidData, why));
    }
    Ok(failures)
}

/// Writes the file, all at once, for a caller who knows that nobody else does.
///
/// # Errors
///
/// What the system says; the old file stays then.
pub fn save(io: &dyn Io, root: &Path, failures: &Failures) -> io::Result<()> {
    let text = serde_json::to_string_pretty(failures)? + "\n";
    replace(io, &path(root), &obs_core::escape::json_document(&text))
}

/// Changes the failures of the runs in `root`: one process at a time, all at once, and not at all if `change` changes
/// nothing. A file that cannot be understood is begun anew. Waits for others up to two seconds.
///
/// # Errors
///
/// What the system says; the old file stays then. [`ErrorKind::TimedOut`] when others do not let it go.
pub fn update<T>(
    io: &dyn Io,
    root: &Path,
    change: impl FnOnce(&mut Failures) -> T,
) -> io::Result<Updated<T>> {
    let lock = lock(&root.join("failures.lock"))?;
    let (before, damage) = match load(io, root) {
        Ok(failures) => (failures, None),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            (Failures::default(), Some(error.to_string()))
        }
        Err(error) => return Err(error),
    };
    let mut failures = before.clone();
    let value = change(&mut failures);
    if failures != before || damage.is_some() {
        save(io, root, &failures)?;
    }
    drop(lock);
    Ok(Updated { value, damage })
}

fn lock(at: &Path) -> io::Result<FileLock> {
    for _ in 0..NAPS_MAX {
        if let Some(lock) = FileLock::take(at)? {
            return Ok(lock);
        }
        std::thread::sleep(NAP);
    }
    let why = format!("{} is held by another process", at.display());
    Err(io::Error::new(ErrorKind::TimedOut, why))
}
