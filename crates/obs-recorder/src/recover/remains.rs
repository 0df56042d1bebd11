//! What a dead run left in the memory that outlived it.
use crate::callsites::Callsites;
use crate::journal::REACHED_MAX;
use crate::layout::{RingDirectory, RunDirectory};
use crate::system;
use obs_core::RunId;
use obs_core::io::{Io, read};
use obs_ring::crash;
use obs_ring::ring::{Consumer, Ring};
use obs_ring::stage::Stage;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Longer files are not of ours.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Rings, stage, dictionary and notes of a dead run, as copies.
pub(super) struct Remains {
    pub(super) directory: Option<RingDirectory>,
    /// Whether the run directory points to rings, be they there or not.
    pub(super) is_pointed_to: bool,
    /// Why there is no directory, or what could not be read in it.
    pub(super) notes: Vec<String>,
    pub(super) stage: Option<Stage>,
    pub(super) rings: Vec<Ring>,
    /// Ring files that are damaged beyond reading.
    pub(super) unreadable: Vec<String>,
    pub(super) callsites: Arc<Callsites>,
    pub(super) crashes: Vec<crash::Note>,
    pub(super) is_same_boot: bool,
    pub(super) source_code: Option<u32>,
}

/// Frames that were staged and are in no segment.
pub(super) struct Staged {
    pub(super) position: u64,
    pub(super) bytes: Vec<u8>,
}

impl Remains {
    /// Looks where the run directory points to. That nothing is there is no error.
    pub(super) fn find(io: &dyn Io, run: &RunDirectory, run_id: RunId) -> io::Result<Self> {
        let mut remains = Self {
            directory: None,
            is_pointed_to: false,
            notes: Vec::new(),
            stage: None,
            rings: Vec::new(),
            unreadable: Vec::new(),
            callsites: Arc::default(),
            crashes: Vec::new(),
            is_same_boot: false,
            source_code: None,
        };
        let Some(directory) = pointed_to(io, run, run_id, &mut remains.notes)? else {
            return Ok(remains);
        };
        remains.is_pointed_to = true;
        let files = match io.list(directory.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                remains.notes.push(format!("{} is gone", directory.path().display()));
                return Ok(remains);
            }
            other => other?,
        };
        if let Some(bytes) = optional(io, directory.stage())? {
            remains.take_stage(&bytes, run_id);
        }
        remains.crashes = crash::notes(&optional(io, directory.crash())?.unwrap_or_default());
        remains.callsites =
            Arc::new(Callsites::read(&optional(io, directory.dictionary())?.unwrap_or_default()));
        for path in files.iter().filter(|path| RingDirectory::ring_number(path).is_some()) {
            remains.take_ring(&read(io, path, FILE_BYTES_MAX)?, path, run_id);
        }
        remains.directory = Some(directory);
        Ok(remains)
    }

    fn take_stage(&mut self, bytes: &[u8], run_id: RunId) {
        match Stage::open(bytes) {
            Ok(stage) if stage.identity().run_id == run_id.to_bytes() => {
                self.is_same_boot = stage.identity().boot_id == system::boot_id().to_bytes();
                self.stage = Some(stage);
            }
            Ok(_) => self.notes.push("the stage belongs to another run".to_owned()),
            Err(error) => self.unreadable.push(format!("stage: {error}")),
        }
    }

    fn take_ring(&mut self, bytes: &[u8], path: &std::path::Path, run_id: RunId) {
        match Ring::open(bytes) {
            Ok(ring) if ring.identity().run_id == run_id.to_bytes() => {
                self.source_code = Some(ring.source_code());
                self.rings.push(ring);
            }
            Ok(_) => self.notes.push(format!("{} belongs to another run", path.display())),
            // A machine that went down may have forgotten what was in it.
            Err(_) if self.is_same_boot && Ring::is_half_made(bytes) => {}
            Err(error) => self.unreadable.push(format!("{}: {error}", path.display())),
        }
    }

    /// The staged frames from `position` on; or, where those are gone, from the oldest that is there. If there are
    /// none, what is added goes to `position`, or to `reached`, if that is higher.
    pub(super) fn staged_from(&self, position: u64, reached: u64) -> Staged {
        let mut bytes = Vec::new();
        if let Some(stage) = &self.stage {
            let from = position.max(stage.tail());
            if from < stage.head() && stage.copy(from, stage.head(), &mut bytes).is_ok() {
                return Staged { position: from, bytes };
            }
        }
        let position = position.max(reached.min(REACHED_MAX).next_multiple_of(8));
        Staged { position, bytes }
    }

    /// Removes rings and stage: they have served.
    pub(super) fn remove(&self, io: &dyn Io) -> io::Result<()> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let files = io.list(directory.path())?;
        let (own, others): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|path| directory.owns(path));
        own.iter().try_for_each(|path| io.remove(path))?;
        if others.is_empty() { io.remove_directory(directory.path()) } else { Ok(()) }
    }
}

/// A pointer that leads nowhere counts as rings that are gone.
fn pointed_to(
    io: &dyn Io,
    run: &RunDirectory,
    run_id: RunId,
    notes: &mut Vec<String>,
) -> io::Result<Option<RingDirectory>> {
    match run.rings(io, run_id) {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            notes.push(error.to_string());
            Ok(None)
        }
        Ok(None) => {
            notes.push("the run had no rings outside of its own memory".to_owned());
            Ok(None)
        }
        other => other,
    }
}

fn optional(io: &dyn Io, path: PathBuf) -> io::Result<Option<Vec<u8>>> {
    match read(io, &path, FILE_BYTES_MAX) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A consumer of a dead run's ring from the position that the journal knows; `None` when the ring's own positions
/// cannot be, so that nothing in it can be trusted.
pub(super) fn consumer(ring: &Ring, position: u64) -> Option<Consumer> {
    let consumer = ring.consumer(Some(position));
    let fits = consumer.is_sound() && position <= consumer.head();
    fits.then(|| ring.consumer(Some(position.max(consumer.tail()))))
}
