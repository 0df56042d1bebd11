//! The file that a bundle becomes: under a name of its own until it is whole.
use crate::error::{BundleError, BundleErrorKind};
use obs_core::UnixNanos;
use obs_core::io::{Io, IoFile, Open};
use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// How the names of bundles begin that are named here.
const STEM: &str = "support_";
/// The ending of a bundle that is not whole yet.
const PART: &str = ".part";
/// The ending of what has a name for a moment only.
const NAMELESS: &str = "-0.part";
/// So many names are tried when others are taken.
const NAMES_MAX: u32 = 100;
/// Where there are no locks, a part that nobody has written to for so long was left by a process that died.
const PART_AGE_MAX: Duration = Duration::from_secs(3_600);

/// A file that is there as `<name>.part` until it is published, and not at all if it never is.
#[derive(Debug)]
pub(crate) struct Target {
    io: Arc<dyn Io>,
    part: PathBuf,
    pub(crate) path: PathBuf,
    is_there: bool,
    /// Tells others that the part is being written.
    _lock: Option<File>,
}

/// The target, and the file that is to be written.
pub(crate) type Opened = (Target, Box<dyn IoFile>);

impl Target {
    /// A new `support_<time>` with an ending in `directory`; a number follows the time when there is one already.
    pub(crate) fn new_in(
        io: &Arc<dyn Io>,
        directory: &Path,
        (now, ending): (UnixNanos, &str),
    ) -> Result<Opened, BundleError> {
        let stem = format!("{STEM}{}", now.to_file_name());
        Self::new_called(io, directory, (&stem, ending))
    }

    /// A new file with this stem and ending in `directory`; a number follows the stem when there is one already.
    pub(crate) fn new_called(
        io: &Arc<dyn Io>,
        directory: &Path,
        (stem, ending): (&str, &str),
    ) -> Result<Opened, BundleError> {
        let names = (1..=NAMES_MAX).map(|number| match number {
            1 => format!("{stem}{ending}"),
            _ => format!("{stem}-{number}{ending}"),
        });
        for name in names {
            let path = directory.join(name);
            let Some((target, file)) = Self::open(io, with_ending(&path, PART), &path)? else {
                continue;
            };
            let there = io.list(directory).map_err(|error| failed("read", directory, error))?;
            if !there.contains(&path) {
                return Ok((target, file));
            }
        }
        Err(failed("create", directory, format!("{NAMES_MAX} bundles of one second are there")))
    }

    /// The file at `path`, which is replaced if it is there. Nothing else is: a bundle would take
    /// the place of a device.
    pub(crate) fn at(io: &Arc<dyn Io>, path: &Path) -> Result<Opened, BundleError> {
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            return Err(failed("write to", path, "it is there, and is no file"));
        }
        for number in 1..=NAMES_MAX {
            let ending = if number == 1 { PART.to_owned() } else { format!("-{number}{PART}") };
            if let Some(opened) = Self::open(io, with_ending(path, &ending), path)? {
                return Ok(opened);
            }
        }
        Err(failed("create", path, format!("{NAMES_MAX} parts of it are there")))
    }

    /// `None` when somebody else has this part.
    fn open(io: &Arc<dyn Io>, part: PathBuf, path: &Path) -> Result<Option<Opened>, BundleError> {
        match io.open(&part, Open::New) {
            Ok(file) => {
                let Some(lock) = lock(&part) else { return Ok(None) };
                let (io, path) = (Arc::clone(io), path.to_owned());
                Ok(Some((Self { io, part, path, is_there: true, _lock: lock }, file)))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(failed("create", &part, error)),
        }
    }

    /// A file beside it that has a name for a moment only, while it is empty.
    pub(crate) fn nameless(&self) -> Result<Box<dyn IoFile>, BundleError> {
        let path = with_ending(&self.path, NAMELESS);
        let opened = match self.io.open(&path, Open::New) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let removed = self.io.remove(&path);
                removed.and_then(|()| self.io.open(&path, Open::New))
            }
            other => other,
        };
        let file = opened.map_err(|error| failed("create", &path, error))?;
        match self.io.remove(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(failed("take its name from", &path, error))
            }
            _ => Ok(file),
        }
    }

    /// Gives the file its name, for good.
    pub(crate) fn publish(mut self, file: &mut dyn IoFile) -> Result<PathBuf, BundleError> {
        let published = self.try_publish(file);
        published.map(|()| self.path.clone()).map_err(|error| self.discard(error))
    }

    fn try_publish(&mut self, file: &mut dyn IoFile) -> Result<(), BundleError> {
        file.sync().map_err(|error| failed("sync", &self.part, error))?;
        let renamed = self.io.rename(&self.part, &self.path);
        renamed.map_err(|error| failed("rename to", &self.path, error))?;
        self.part.clone_from(&self.path);
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        self.io.sync_directory(parent).map_err(|error| failed("sync", parent, error))?;
        self.is_there = false;
        Ok(())
    }

    /// Removes what is there. Returns `error`, with what more went wrong.
    pub(crate) fn discard(mut self, error: BundleError) -> BundleError {
        match self.remove() {
            Ok(()) => error,
            Err(more) => error.and(&format!("{} stays: {more}", self.part.display())),
        }
    }

    fn remove(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_there) {
            return Ok(());
        }
        self.io.remove(&self.part)
    }
}

impl Drop for Target {
    /// Only when a panic passes through is there still something to remove, and then nobody to tell of an error.
    fn drop(&mut self) {
        self.remove().unwrap_or_default();
    }
}

/// Removes parts in `directory` that processes left which died: of the bundle with this name, else of those that are
/// named here. Returns what could not be removed, and why.
pub(crate) fn sweep(
    io: &dyn Io,
    directory: &Path,
    name: Option<&OsStr>,
    now: UnixNanos,
) -> Vec<String> {
    let is_part = |path: &PathBuf| {
        let part = path.file_name().and_then(OsStr::to_str).and_then(|it| it.strip_suffix(PART));
        match name.map(|name| name.to_str()) {
            None => part.is_some_and(|part| part.starts_with(STEM)),
            Some(name) => {
                let number = name.and_then(|name| part?.strip_prefix(name));
                let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                number.is_some_and(|text| text.strip_prefix('-').map_or(text.is_empty(), is_number))
            }
        }
    };
    let paths = match io.list(directory) {
        Ok(paths) => paths,
        Err(error) => return vec![format!("cannot look for old parts: {error}")],
    };
    let said =
        |path: &Path, error: io::Error| format!("cannot remove \"{}\": {error}", path.display());
    let left = paths.into_iter().filter(is_part).filter_map(|path| {
        // Held until the part is removed, so that nobody takes it for one of his own.
        let _lock = Left::of(&path, now)?;
        io.remove(&path).err().map(|error| said(&path, error))
    });
    left.collect()
}

/// A part that nobody writes to any more.
struct Left {
    _lock: Option<File>,
}

impl Left {
    /// `None` when somebody may still be writing. Who writes a part holds its lock; on a file system without locks its
    /// age must do.
    fn of(path: &Path, now: UnixNanos) -> Option<Self> {
        let metadata = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        let lock = File::open(path).ok()?;
        match lock.try_lock() {
            Ok(()) => return Some(Self { _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => return None,
            Err(TryLockError::Error(_)) => {}
        }
        let now = UNIX_EPOCH + Duration::from_nanos(now.0);
        let age = metadata.modified().ok().and_then(|time| now.duration_since(time).ok())?;
        (age > PART_AGE_MAX).then_some(Self { _lock: None })
    }
}

/// Locks a part that was made a moment ago. `None` when somebody took it for one that was left, and removed it.
fn lock(part: &Path) -> Option<Option<File>> {
    let Ok(file) = File::open(part) else {
        let is_of_this_machine = part.parent().is_some_and(Path::is_dir);
        return (!is_of_this_machine).then_some(None);
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => None,
        Err(TryLockError::Error(_)) => Some(None),
        Ok(()) => part.symlink_metadata().is_ok().then_some(Some(file)),
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

fn failed(what: &str, path: &Path, why: impl std::fmt::Display) -> BundleError {
    BundleError::at(BundleErrorKind::Output, what, path, why)
}
