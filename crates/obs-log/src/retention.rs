//! How long runs are kept.
use crate::error::{LogError, LogErrorKind};
use obs_core::{RunId, Settings, UnixNanos};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is kept of a service's runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Limits {
    /// The number of runs; 0 is all.
    pub count_max: u32,
    /// The age of a run, counted from its start; zero is for ever.
    pub age_max: Duration,
    /// The size of all runs together; 0 is without bound.
    pub bytes_max: u64,
}

impl From<&Settings> for Limits {
    fn from(settings: &Settings) -> Self {
        Self {
            count_max: settings.runs_count_max,
            age_max: settings.runs_age_max,
            bytes_max: settings.runs_bytes_max,
        }
    }
}

/// What became of the runs.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Pruned {
    /// The run directories that were removed, oldest first.
    pub removed: Vec<PathBuf>,
    /// How large they were.
    pub removed_bytes: u64,
    /// The number of runs that are left.
    pub kept: usize,
    /// How large they are; 0 where no limit asks for it.
    pub kept_bytes: u64,
    /// What could not be done; it did not keep the rest from being done.
    pub failures: Vec<LogError>,
}

/// Removes the oldest run directories in `root` until what is left keeps within `limits`. `now` counts for their age.
///
/// Only directories are removed whose names are those of runs, `<YYYY-MM-DDTHH-MM-SSZ>_<id>`: nothing else in `root`
/// is touched, nor what a link leads to. The newest run stays whatever the limits say, and so does every run that
/// `is_alive` says is alive or being recovered; it is asked right before the run would be removed. A `root` that is
/// not there holds no runs.
///
/// Reads every file name below `root` when there is a limit in bytes.
///
/// # Errors
///
/// [`LogErrorKind::Root`] when `root` cannot be read. Other failures are in [`Pruned::failures`].
pub fn prune(
    root: &Path,
    limits: Limits,
    now: UnixNanos,
    is_alive: &dyn Fn(&Path) -> bool,
) -> Result<Pruned, LogError> {
    apply(root, limits, now, &|pruned, path| {
        if is_alive(path) { None } else { pruned.remove(path) }
    })
}

/// What [`prune`] would do now: nothing is removed. Runs that are alive are among those that are told to be removed,
/// if they are old enough: only their end is awaited.
///
/// # Errors
///
/// As [`prune`].
pub fn due(root: &Path, limits: Limits, now: UnixNanos) -> Result<Pruned, LogError> {
    apply(root, limits, now, &|pruned, path| Some(pruned.measure(path)))
}

/// Goes through the runs, the oldest first; `remove` says how large a run was that it removed.
fn apply(
    root: &Path,
    limits: Limits,
    now: UnixNanos,
    remove: &dyn Fn(&mut Pruned, &Path) -> Option<u64>,
) -> Result<Pruned, LogError> {
    let mut runs = match list(root) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Pruned::default()),
        runs => runs.map_err(|error| LogError::new(LogErrorKind::Root, root, error))?,
    };
    runs.sort();
    let mut pruned = Pruned { kept: runs.len(), ..Pruned::default() };
    pruned.kept_bytes = match limits.bytes_max {
        0 => 0,
        _ => runs.iter().map(|run| pruned.measure(&run.path)).sum(),
    };
    let older = runs.len().saturating_sub(1);
    for run in &runs[..older] {
        let is_old = !limits.age_max.is_zero() && now.saturating_since(run.start) > limits.age_max;
        let are_many = limits.count_max > 0 && pruned.kept > limits.count_max as usize;
        let are_large = limits.bytes_max > 0 && pruned.kept_bytes > limits.bytes_max;
        if !(is_old || are_many || are_large) {
            break;
        }
        if let Some(bytes) = remove(&mut pruned, &run.path) {
            pruned.kept -= 1;
            pruned.kept_bytes = pruned.kept_bytes.saturating_sub(bytes);
            pruned.removed_bytes += bytes;
            pruned.removed.push(run.path.clone());
        }
    }
    Ok(pruned)
}

/// A run's directory.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RunPath {
    start: UnixNanos,
    path: PathBuf,
}

impl RunPath {
    fn parse(path: PathBuf) -> Option<Self> {
        let (start, id) = path.file_name()?.to_str()?.split_once('_')?;
        let run_id: RunId = id.parse().ok()?;
        let (date, of_day) = start.split_once('T')?;
        let time: UnixNanos = format!("{date}T{}", of_day.replace('-', ":")).parse().ok()?;
        let is_exact = time.to_file_name() == start && run_id.to_string() == id;
        is_exact.then_some(Self { start: time, path })
    }
}

fn list(root: &Path) -> io::Result<Vec<RunPath>> {
    let mut runs = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        // The type is that of the entry itself, not of what a link leads to.
        if entry.file_type()?.is_dir() {
            runs.extend(RunPath::parse(entry.path()));
        }
    }
    Ok(runs)
}

impl Pruned {
    /// Returns how large the run was, if it could be removed.
    fn remove(&mut self, path: &Path) -> Option<u64> {
        let bytes = self.measure(path);
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                self.failures.push(LogError::new(LogErrorKind::Remove, path, error));
                None
            }
            _ => Some(bytes),
        }
    }

    fn measure(&mut self, path: &Path) -> u64 {
        size(path).unwrap_or_else(|error| {
            self.failures.push(LogError::new(LogErrorKind::Measure, path, error));
            0
        })
    }
}

/// The size of all files below a directory. What disappears meanwhile counts nothing.
fn size(directory: &Path) -> io::Result<u64> {
    let (mut bytes, mut left) = (0, vec![directory.to_owned()]);
    while let Some(directory) = left.pop() {
        let entries = match fs::read_dir(&directory) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.metadata()?, entry.path()))) {
                Ok((metadata, path)) if metadata.is_dir() => left.push(path),
                Ok((metadata, _)) => bytes += metadata.len(),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(bytes)
}
