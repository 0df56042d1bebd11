//! `run.lock`: who holds it is the run, or recovers it; and other files that are there to be locked.
use crate::layout::RunDirectory;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// The lock of a run. It belongs to the open file and goes with the process, however that dies.
#[derive(Debug)]
pub struct RunLock {
    file: File,
}

/// The lock of a file that is there for nothing else. It goes with the process, however that dies.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock of the file at `path`, which is made if it is not there; or finds it taken: `Ok(None)`.
    ///
    /// # Errors
    ///
    /// What the system says when the file cannot be made, opened or locked. A link is not followed.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        Ok(take(path)?.map(|file| Self { _file: file }))
    }
}

fn take(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.custom_flags(no_follow()).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

impl RunLock {
    /// Takes the lock, or finds it taken: `Ok(None)`.
    ///
    /// # Errors
    ///
    /// What the system says when the file cannot be made, opened or locked.
    pub fn take(directory: &RunDirectory) -> io::Result<Option<Self>> {
        Ok(take(&directory.lock())?.map(|file| Self { file }))
    }

    /// Whether the run in `directory` is alive, or is being recovered. A directory without a lock is neither.
    ///
    /// # Errors
    ///
    /// What the system says when the file is there and cannot be opened or locked.
    pub fn is_taken(directory: &RunDirectory) -> io::Result<bool> {
        let file =
            match OpenOptions::new().read(true).custom_flags(no_follow()).open(directory.lock()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                other => other?,
            };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether the file, and with it the run directory, was removed. One that was moved was not.
    pub(crate) fn is_removed(&self) -> bool {
        self.file.metadata().is_ok_and(|file| file.nlink() == 0)
    }

    /// The open file.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }
}

fn no_follow() -> i32 {
    rustix::fs::OFlags::NOFOLLOW.bits() as i32
}
