//! Rings that no run directory points to: they belong to dead runs whose directory was removed.
use crate::layout::{RingDirectory, RunDirectory};
use obs_core::io::Disk;
use obs_core::{RunId, UnixNanos};
use rustix::fs::OFlags;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A run directory that was moved may come back for so long after its rings were first found without it.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// No path of a run directory is longer.
const OWNER_BYTES_MAX: u64 = 8192;

/// Says in the rings' directory whose they are. As long as the file is open, they are in use.
pub(crate) fn claim(rings: &RingDirectory, run: &RunDirectory) -> io::Result<File> {
    let path = std::path::absolute(run.path())?;
    // Nobody sees it before it is locked.
    let unseen = rings.path().join("owner.new");
    let mut file = options().write(true).create_new(true).mode(0o600).open(&unseen)?;
    file.try_lock()?;
    file.write_all(&[path.as_os_str().as_bytes(), b"\n"].concat())?;
    fs::rename(&unseen, rings.owner())?;
    Ok(file)
}

/// What became of rings that nothing points to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Orphans {
    /// Their directories that were removed.
    pub removed: Vec<PathBuf>,
    /// What could not be done; it did not keep the rest from being done.
    pub failures: Vec<String>,
}

impl Orphans {
    /// Removes the rings of dead runs that no run directory points to any more, a day after they were first found so.
    /// Looks in `places`, see [`Candidates::tmpfs`](crate::Candidates::tmpfs); `now` counts for the day.
    #[must_use]
    pub fn remove(places: &[PathBuf], now: UnixNanos) -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_nanos(now.0);
        let mut orphans = Self::default();
        for place in places {
            match list(place) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => orphans.failed(place, &error),
                Ok(found) => found.into_iter().for_each(|(path, id)| orphans.visit(path, id, now)),
            }
        }
        orphans
    }

    fn visit(&mut self, path: PathBuf, run_id: RunId, now: SystemTime) {
        match visit(&RingDirectory::new(&path), run_id, now) {
            Ok(true) => self.removed.push(path),
            // Its run, or whoever recovers it, has removed it meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => self.failed(&path, &error),
            Ok(false) => {}
        }
    }

    fn failed(&mut self, path: &Path, error: &io::Error) {
        self.failures.push(format!("cannot look after rings in {}: {error}", path.display()));
    }
}

/// The directories of rings in `parent` that are this user's.
fn list(parent: &Path) -> io::Result<Vec<(PathBuf, RunId)>> {
    let uid = rustix::process::geteuid().as_raw();
    let is_ours =
        |path: &Path| fs::symlink_metadata(path).map(|found| found.is_dir() && found.uid() == uid);
    let mut found = Vec::new();
    if is_ours(parent)? {
        for entry in fs::read_dir(parent)? {
            let path = entry?.path();
            let run_id = path.file_name().and_then(|name| name.to_str()?.parse().ok());
            if let Some(run_id) = run_id
                && is_ours(&path).unwrap_or(false)
            {
                found.push((path, run_id));
            }
        }
    }
    Ok(found)
}

/// Whether it was an orphan of long standing, and has been removed.
fn visit(rings: &RingDirectory, run_id: RunId, now: SystemTime) -> io::Result<bool> {
    let owner = match options().read(true).open(rings.owner()) {
        // Killed before it could say whose they are; or just about to.
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        owner => Some(owner?),
    };
    if let Some(owner) = &owner
        && is_needed(rings, run_id, owner)?
    {
        return match fs::remove_file(rings.orphaned()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(false),
        };
    }
    match options().write(true).create_new(true).mode(0o600).open(rings.orphaned()) {
        Ok(noted) => noted.set_modified(now).map(|()| false),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let noted = fs::symlink_metadata(rings.orphaned())?.modified()?;
            let is_old = now.duration_since(noted).is_ok_and(|age| age > GRACE);
            if is_old {
                fs::remove_dir_all(rings.path())?;
            }
            Ok(is_old)
        }
        Err(error) => Err(error),
    }
}

/// Whether the run is alive, or its directory points here. Where the latter cannot be known, it does.
fn is_needed(rings: &RingDirectory, run_id: RunId, owner: &File) -> io::Result<bool> {
    match owner.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(true),
        locked => locked?,
    }
    let mut line = Vec::new();
    owner.take(OWNER_BYTES_MAX).read_to_end(&mut line)?;
    let Some(path) = line.strip_suffix(b"\n") else { return Ok(false) };
    match RunDirectory::new(OsStr::from_bytes(path)).rings(&Disk::new(), run_id) {
        Ok(found) => Ok(found.is_some_and(|found| found.path() == rings.path())),
        Err(_) => Ok(true),
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32);
    options
}
