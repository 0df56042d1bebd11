//! Where rings and stage live.
use crate::layout::{RINGS, RingDirectory, RunDirectory};
use crate::orphans;
use obs_core::settings::RingPlace;
use obs_ring::place::FileSystem;
use obs_ring::{Memory, place};
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Of the file system that holds the rings, at most this part is used.
const SHARE: u64 = 4;

/// Where rings and stage live, as it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In memory that outlives the process, until the machine or its container goes.
    Tmpfs(RingDirectory),
    /// On the disk of the run directory: stores may wait for the disk.
    RunDirectory(RingDirectory),
    /// In the process's own memory: what was not written when it dies is gone.
    Heap,
}

/// The directories to look in.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Candidates {
    /// Directories in tmpfs, best first: `$XDG_RUNTIME_DIR/obs`, `/dev/shm/obs-<uid>`.
    pub tmpfs: Vec<PathBuf>,
    /// The run directory, if there is one.
    pub run_directory: Option<PathBuf>,
}

impl Candidates {
    /// The usual places.
    #[must_use]
    pub fn new(runtime_directory: Option<&Path>, run_directory: Option<&Path>) -> Self {
        let uid = rustix::process::geteuid().as_raw();
        let runtime = runtime_directory.map(|directory| directory.join("obs"));
        let shared = PathBuf::from(format!("/dev/shm/obs-{uid}"));
        Self {
            tmpfs: runtime.into_iter().chain([shared]).collect(),
            run_directory: run_directory.map(Path::to_owned),
        }
    }
}

/// A place together with what it can hold.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) place: Place,
    /// How many bytes rings may take there in all.
    pub(crate) budget_bytes: u64,
    /// Why better places were not taken.
    pub(crate) passed_over: Vec<String>,
    /// Keeps the place from being taken for one that nobody needs any more.
    pub(crate) owner: Option<Arc<File>>,
}

impl Chosen {
    /// The process's own memory, with nothing better at hand.
    pub(crate) fn heap() -> Self {
        Self { place: Place::Heap, budget_bytes: u64::MAX, passed_over: Vec::new(), owner: None }
    }
}

/// Takes the best place that can hold `needed_bytes`, and makes a directory called `name` there.
pub(crate) fn choose(
    wish: RingPlace,
    candidates: &Candidates,
    name: &str,
    needed_bytes: u64,
) -> Chosen {
    let mut passed_over = Vec::new();
    let tmpfs = matches!(wish, RingPlace::Auto | RingPlace::Tmpfs).then_some(&candidates.tmpfs);
    for directory in tmpfs.into_iter().flatten() {
        match take(directory, name, needed_bytes, true) {
            Ok((ring_directory, budget_bytes)) => {
                let place = Place::Tmpfs(ring_directory);
                return Chosen { place, budget_bytes, passed_over, owner: None };
            }
            Err(error) => passed_over.push(format!("{}: {error}", directory.display())),
        }
    }
    let disk = candidates.run_directory.as_ref().filter(|_| wish != RingPlace::Heap);
    if let Some(directory) = disk {
        match take(directory, RINGS, needed_bytes, false) {
            Ok((ring_directory, budget_bytes)) => {
                let place = Place::RunDirectory(ring_directory);
                return Chosen { place, budget_bytes, passed_over, owner: None };
            }
            Err(error) => passed_over.push(format!("{}: {error}", directory.display())),
        }
    }
    Chosen { passed_over, ..Chosen::heap() }
}

fn take(
    parent: &Path,
    name: &str,
    needed_bytes: u64,
    tmpfs: bool,
) -> io::Result<(RingDirectory, u64)> {
    let unfit = |why: String| Err(io::Error::other(why));
    if tmpfs && !parent.parent().is_some_and(Path::is_dir) {
        return unfit("no such directory".to_owned());
    }
    place::private_directory(parent)?;
    let budget = budget(place::file_system(parent)?, needed_bytes, tmpfs)?;
    let directory = parent.join(name);
    place::private_directory(&directory)?;
    Ok((RingDirectory::new(directory), budget))
}

/// How many bytes rings may take in a file system, if it is fit for them.
pub(crate) fn budget(file_system: FileSystem, needed_bytes: u64, tmpfs: bool) -> io::Result<u64> {
    let unfit = |why: String| Err(io::Error::other(why));
    if file_system.is_remote {
        return unfit("mappings are not reliable on this file system".to_owned());
    }
    if tmpfs && !file_system.is_tmpfs {
        return unfit("not a tmpfs".to_owned());
    }
    let budget = (file_system.bytes / SHARE).min(file_system.bytes_free);
    if budget < needed_bytes {
        return unfit(format!("{needed_bytes} bytes needed, {budget} may be used"));
    }
    Ok(budget)
}

impl Place {
    /// The directory, if there is one.
    #[must_use]
    pub fn directory(&self) -> Option<&RingDirectory> {
        match self {
            Self::Tmpfs(directory) | Self::RunDirectory(directory) => Some(directory),
            Self::Heap => None,
        }
    }

    /// Makes memory of `bytes` in the file that `path` names, or on the heap. Touching it never faults.
    ///
    /// # Errors
    ///
    /// What the system says; no file stays then.
    pub(crate) fn memory(
        &self,
        path: impl FnOnce(&RingDirectory) -> PathBuf,
        bytes: usize,
    ) -> io::Result<Memory> {
        self.mapped(path, |path| place::create(path, bytes), |file| Memory::map(&file))
            .unwrap_or_else(|| Ok(Memory::heap(bytes)))
    }

    /// Like [`Place::memory`], for what one thread of the toolkit's own stores to, and never wholly as a rule.
    ///
    /// # Errors
    ///
    /// What the system says; no file stays then.
    pub(crate) fn growing_memory(
        &self,
        path: impl FnOnce(&RingDirectory) -> PathBuf,
        bytes: usize,
    ) -> io::Result<Memory> {
        self.mapped(path, |path| place::create_growing(path, bytes), Memory::map_growing)
            .unwrap_or_else(|| Ok(Memory::heap(bytes)))
    }

    fn mapped(
        &self,
        path: impl FnOnce(&RingDirectory) -> PathBuf,
        create: impl FnOnce(&Path) -> io::Result<File>,
        map: fn(File) -> io::Result<Memory>,
    ) -> Option<io::Result<Memory>> {
        let path = path(self.directory()?);
        Some(create(&path).and_then(|file| {
            map(file).or_else(|error| {
                std::fs::remove_file(&path)?;
                Err(error)
            })
        }))
    }
}

impl Place {
    /// Says there whose rings they are, where a run directory does not contain them.
    pub(crate) fn claim(&self, run: Option<&RunDirectory>) -> io::Result<Option<Arc<File>>> {
        match (self, run) {
            (Self::Tmpfs(rings), Some(run)) => Ok(Some(Arc::new(orphans::claim(rings, run)?))),
            _ => Ok(None),
        }
    }

    /// Removes what is there. Returns why that is not possible.
    pub(crate) fn remove(&self) -> Option<String> {
        let error = std::fs::remove_dir_all(self.directory()?.path()).err()?;
        Some(format!("cannot remove {self}: {error}"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tmpfs(directory) => write!(f, "{} (tmpfs)", directory.path().display()),
            Self::RunDirectory(directory) => write!(f, "{} (disk)", directory.path().display()),
            Self::Heap => f.write_str("heap (does not outlive the process)"),
        }
    }
}
