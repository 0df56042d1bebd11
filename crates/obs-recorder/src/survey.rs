//! Where rings and stage of a run would go.
use crate::place::{self, Candidates};
use crate::prepare::{needed_bytes, ring_counts};
use obs_core::Settings;
use obs_core::settings::RingPlace;
use obs_ring::place::{create, file_system};
use rustix::process::{Resource, getrlimit};
use std::io;
use std::path::{Path, PathBuf};

/// A page: the least that a file in memory takes.
const PROBE_BYTES: usize = 4 << 10;

/// Where rings and stage of a run would go, which was found out without a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Survey {
    /// The directory that would have a directory for them; `None` is the process's own memory.
    pub directory: Option<PathBuf>,
    /// Whether it is in memory.
    pub is_tmpfs: bool,
    /// How many bytes they may take there.
    pub budget_bytes: u64,
    /// How many there must be room for.
    pub needed_bytes: u64,
    /// How many rings the settings want.
    pub rings_wanted: usize,
    /// For how many there is room.
    pub rings_affordable: usize,
    /// The better places, and why they would not be taken.
    pub passed_over: Vec<(PathBuf, String)>,
}

/// Looks where rings and stage of a run would go whose directory is made in `root`: by the rules of a start, in the
/// same order. What a start makes is not made; a file is, and removed again.
#[must_use]
pub fn survey(settings: &Settings, root: Option<&Path>) -> Survey {
    let wish = settings.ring_place;
    let needed_bytes = needed_bytes(settings);
    let candidates = Candidates::new(settings.runtime_dir.as_deref(), root);
    let in_memory = matches!(wish, RingPlace::Auto | RingPlace::Tmpfs) && root.is_some();
    let memory = candidates.tmpfs.iter().filter(|_| in_memory).map(|directory| (directory, true));
    let disk = candidates.run_directory.iter().filter(|_| wish != RingPlace::Heap);
    let mut survey = Survey {
        directory: None,
        is_tmpfs: false,
        budget_bytes: u64::MAX,
        needed_bytes,
        rings_wanted: 0,
        rings_affordable: 0,
        passed_over: Vec::new(),
    };
    for (directory, is_tmpfs) in memory.chain(disk.map(|directory| (directory, false))) {
        match look_at(directory, needed_bytes, is_tmpfs) {
            Ok(budget_bytes) => {
                survey.directory = Some(directory.clone());
                (survey.is_tmpfs, survey.budget_bytes) = (is_tmpfs, budget_bytes);
                break;
            }
            Err(error) => survey.passed_over.push((directory.clone(), error.to_string())),
        }
    }
    let (wanted, affordable) = ring_counts(settings, survey.budget_bytes);
    (survey.rings_wanted, survey.rings_affordable) = (wanted, affordable);
    survey
}

/// How many bytes rings may take in a directory, which a start would make if it is not there.
fn look_at(directory: &Path, needed_bytes: u64, is_tmpfs: bool) -> io::Result<u64> {
    if is_tmpfs && !directory.parent().is_some_and(Path::is_dir) {
        return Err(io::Error::other("no such directory"));
    }
    if is_tmpfs && directory.symlink_metadata().is_ok() {
        // It is there, so nothing is made.
        obs_ring::place::private_directory(directory)?;
    }
    let there = directory.ancestors().find(|path| path.is_dir()).unwrap_or(directory);
    let budget = place::budget(file_system(there)?, needed_bytes, is_tmpfs)?;
    let path = there.join(format!(".obs-survey-{}-{}", std::process::id(), crate::steady_ns()));
    // Who makes a file longer than it may be is killed.
    let longest = getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX);
    create(&path, PROBE_BYTES.min(usize::try_from(longest).unwrap_or(usize::MAX)))?;
    std::fs::remove_file(&path)?;
    Ok(budget)
}
