//! The stage of a run that another process may be writing to, as a copy.
//!
//! The copy is taken with plain reads, so the writer may overtake it. What was complete is known from the head, read
//! before the frames; what was overwritten meanwhile from the tail, read again behind them. What lies between is whole.
use obs_core::RunId;
use obs_core::io::{Disk, Io, Open, read_up_to};
use obs_recorder::layout::{RingDirectory, RunDirectory};
use obs_recorder::recover::run_id_of;
use obs_ring::Memory;
use obs_ring::stage::Stage;
use std::io;

/// Longer files are not stages.
const STAGE_BYTES_MAX: u64 = (1 << 32) + (1 << 20);
/// A writer that overtakes the copy so often is not waited for.
const ATTEMPTS_MAX: usize = 8;

/// The directory of the run's rings, as its pointer says; `None` for a run that had none outside of its memory.
///
/// # Errors
///
/// What the system says, or that the pointer is damaged.
pub(crate) fn rings(run: &RunDirectory) -> io::Result<Option<RingDirectory>> {
    let unknown = || io::Error::other("the run's id is not known");
    run.rings(&Disk::new(), run_id_of(&Disk::new(), run).ok_or_else(unknown)?)
}

/// A copy of the run's stage; `None` when there is none, because it has served or never outlived the process.
///
/// # Errors
///
/// What the system says, or why the file is not the run's stage.
pub(crate) fn copy(run: &RunDirectory, run_id: RunId) -> io::Result<Option<Stage>> {
    let Some(rings) = run.rings(&Disk::new(), run_id)? else { return Ok(None) };
    let mut file = match Disk::new().open(&rings.stage(), Open::Read) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let length = file.length()?;
    if length > STAGE_BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    let header_bytes = Stage::file_bytes(0).min(bytes.len());
    for _ in 0..ATTEMPTS_MAX {
        let (header, frames) = bytes.split_at_mut(header_bytes);
        read_up_to(file.as_mut(), 0, header)?;
        read_up_to(file.as_mut(), header_bytes as u64, frames)?;
        let early = Stage::open(&bytes).map_err(io::Error::other)?;
        if early.identity().run_id != run_id.to_bytes() {
            return Err(io::Error::other("it belongs to another run"));
        }
        read_up_to(file.as_mut(), 0, &mut bytes[..header_bytes])?;
        let tail = Stage::open(&bytes).map_err(io::Error::other)?.tail();
        if tail <= early.head() {
            return whole(&early, tail).map(Some);
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "it is written to faster than it can be read"))
}

/// A stage of its own, with the frames from `tail` on.
fn whole(copied: &Stage, tail: u64) -> io::Result<Stage> {
    let mut frames = Vec::new();
    copied.copy(tail, copied.head(), &mut frames).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, "its positions contradict each other")
    })?;
    let capacity = copied.capacity();
    let memory = Memory::heap(Stage::file_bytes(capacity));
    let stage =
        Stage::create(memory, capacity, copied.identity(), tail).map_err(io::Error::other)?;
    if !stage.writer().append(&frames) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it holds more than it can"));
    }
    Ok(stage)
}
