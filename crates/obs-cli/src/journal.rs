//! A run's journal, read from outside: segments on the disk, then what only the stage holds.
use crate::failure::{Failure, Result};
use crate::stage;
use obs_core::io::{Disk, Io};
use obs_core::record::{Fact, Record};
use obs_core::{LostReason, RunId};
use obs_recorder::journal::{Fill, Reader, Segments};
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::run_id_of;
use obs_ring::stage::Stage;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// Segments of a live run can go while they are read; so often the reader looks again.
const ATTEMPTS_MAX: usize = 16;

/// What is done with the records of a journal.
pub(crate) trait Reading {
    /// Called before each batch: what records are numbered with may mean something else from now on.
    fn begin_batch(&mut self) {}

    /// Takes a record, and says whether it wants more.
    fn take(&mut self, record: &Record<'_>) -> Result<ControlFlow<()>>;
}

/// A run's journal as it was at one instant.
#[derive(Debug)]
pub(crate) struct Journal {
    io: Arc<dyn Io>,
    directory: RunDirectory,
    run_id: RunId,
    stage: Option<Stage>,
    /// Why there is no stage though there should be one.
    pub(crate) problem: Option<String>,
}

impl Journal {
    /// Opens the journal of the run at `path`. The stage is copied before the first segment is looked at, so that what
    /// has left the stage is in a segment already.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (io, directory) = (Arc::new(Disk::new()), RunDirectory::new(path));
        let run_id = run_id_of(io.as_ref(), &directory).ok_or_else(|| {
            Failure::cannot(format!("read \"{}\"", path.display()), "it is no run directory")
        })?;
        let (stage, problem) = match stage::copy(&directory, run_id) {
            Ok(stage) => (stage, None),
            Err(error) => (None, Some(format!("cannot read the stage: {error}"))),
        };
        Ok(Self { io, directory, run_id, stage, problem })
    }

    pub(crate) fn run_id(&self) -> RunId {
        self.run_id
    }

    /// Where reading can begin, in order: the first positions of the segments.
    pub(crate) fn starts(&self) -> Result<Vec<u64>> {
        let segments = self.segments().map_err(|error| self.unreadable(&error))?;
        Ok(segments.starts().collect())
    }

    fn segments(&self) -> io::Result<Segments> {
        again(|| Segments::open(self.io.as_ref(), &self.directory.journal(), self.run_id))
    }

    /// Whether there is nothing to read.
    pub(crate) fn is_empty(&self) -> Result<bool> {
        Ok(self.stage.is_none() && self.starts()?.is_empty())
    }

    /// Reads from `start`, one of [`Journal::starts`], or from the beginning, until the end or until nothing more is
    /// wanted.
    pub(crate) fn read(&self, start: Option<u64>, reading: &mut dyn Reading) -> Result<()> {
        let journal = Some(self.directory.journal());
        let mut reader =
            Reader::new(Arc::clone(&self.io), journal, self.run_id, self.stage.clone());
        if let Some(start) = start {
            again(|| reader.seek(start, 0)).map_err(|error| self.unreadable(&error))?;
        }
        let mut is_first = true;
        while again(|| reader.fill(u64::MAX)).map_err(|error| self.unreadable(&error))?
            == Fill::Some
        {
            reading.begin_batch();
            while let Some(record) = reader.next() {
                // Whoever begins in the middle knows that there was something before.
                let is_skipped = is_first && start.is_some() && is_missing_start(&record);
                is_first = false;
                if !is_skipped && reading.take(&record)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn unreadable(&self, error: &io::Error) -> Failure {
        let path = self.directory.journal();
        Failure::cannot(format!("read the journal \"{}\"", path.display()), error)
    }
}

/// Whether a record says that those from the first one on cannot be read.
fn is_missing_start(record: &Record<'_>) -> bool {
    let Fact::Lost(lost) = &record.fact else { return false };
    lost.reason == LostReason::JournalFull && lost.seqs.is_some_and(|(first, _)| first == 1)
}

/// Does it again when a file is not there any more: others are then to be read instead.
fn again<T>(mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut attempts = 1;
    loop {
        match act() {
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < ATTEMPTS_MAX => {
                attempts += 1;
            }
            other => return other,
        }
    }
}
