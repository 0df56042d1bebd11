//! What drives a sink: reader, cursor, retries.
mod offer;
mod pause;
mod state;

use crate::cursor::{Cursor, CursorFile};
use crate::health::Health;
use crate::journal::{Fill, Reader};
use obs_core::io::Io;
use obs_core::sink::{Appetite, SinkErrorKind};
use obs_core::{Batch, RunId, Sink, SinkError};
use offer::{Offer, Progress};
pub(crate) use pause::BACKLOG_BYTES;
use pause::Pause;
pub use state::SinkState;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// After a failure, the first wait and the longest, in nanoseconds.
const WAIT_NS: std::ops::RangeInclusive<u64> = 10_000_000..=5_000_000_000;
/// How long a sink rests at most, in nanoseconds.
const IDLE_NS: u64 = 1_000_000_000;
/// How often a sink is flushed and its cursor saved, in nanoseconds.
const SAVE_INTERVAL_NS: u64 = 1_000_000_000;

/// A sink with its reader and cursor. A step machine, like the drain.
#[derive(Debug)]
pub struct Runner {
    sink: SinkBox,
    reader: Reader,
    file: Arc<CursorFile>,
    /// Whether another thread saves the cursor from time to time.
    is_saved_elsewhere: bool,
    cursor: Cursor,
    /// Up to here, the sink was flushed.
    flushed: Cursor,
    /// Up to this number, losses are in the cursor, also when it goes back.
    counted_seq: u64,
    state: Arc<SinkState>,
    /// What is said of the sink, in a run that is alive.
    health: Option<Health>,
    /// Whether the saved cursor was looked for.
    is_loaded: bool,
    /// Whether the sink has said what its destination holds, and has not failed since.
    is_resumed: bool,
    /// Whether the reader is where the cursor says.
    is_placed: bool,
    is_flushed: bool,
    failures: u32,
    wait_until_ns: u64,
    save_due_ns: u64,
    pause: Pause,
}

struct SinkBox(Box<dyn Sink>);

impl std::fmt::Debug for SinkBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sink").field(&self.0.name()).finish()
    }
}

/// How far records may be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "both limits there are")]
pub struct Limits {
    /// Everything below is staged.
    pub staged: u64,
    /// Everything below is synced.
    pub synced: u64,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Nothing was left to do.
    Idle,
    /// Records were delivered, or counted as lost.
    Progress,
    /// The sink failed; it is tried again at this time.
    WaitUntil(u64),
}

impl Runner {
    /// A runner for `sink`, which begins where its cursor says. Its cursor is kept in the directory `cursors`.
    #[must_use]
    pub fn new(
        sink: Box<dyn Sink>,
        mut reader: Reader,
        io: Arc<dyn Io>,
        cursors: Option<PathBuf>,
        run_id: RunId,
    ) -> Self {
        let name = sink.name().to_owned();
        reader.want(|kind| sink.wants(kind));
        let cursor_path = cursors.map(|directory| directory.join(format!("{name}.cursor")));
        let state = Arc::new(SinkState::new(name, !sink.outlives_process()));
        Self {
            pause: Pause::new(sink.pause()),
            sink: SinkBox(sink),
            reader,
            file: Arc::new(CursorFile::new(io, cursor_path, run_id)),
            is_saved_elsewhere: false,
            cursor: Cursor::default(),
            flushed: Cursor::default(),
            counted_seq: 0,
            state,
            health: None,
            is_loaded: false,
            is_resumed: false,
            is_placed: false,
            is_flushed: true,
            failures: 0,
            wait_until_ns: 0,
            save_due_ns: 0,
        }
    }

    /// How the sink is doing.
    #[must_use]
    pub fn state(&self) -> Arc<SinkState> {
        Arc::clone(&self.state)
    }

    /// Offers the next records, if there are any and the sink is not being left alone after a failure. `now_ns` is any
    /// steady clock.
    pub fn step(&mut self, limits: Limits, now_ns: u64) -> Step {
        if now_ns < self.wait_until_ns {
            return Step::WaitUntil(self.wait_until_ns);
        }
        let step = match self.try_step(limits, now_ns) {
            Ok(step) => {
                if step == Step::Progress || self.is_flushed {
                    self.forget_failures();
                }
                step
            }
            Err(error) => self.fail(&error, now_ns),
        };
        if let Some(health) = &mut self.health {
            health.tell(&self.state, self.failures > 0);
            health.tell_refused(&self.state);
        }
        step
    }

    fn try_step(&mut self, limits: Limits, now_ns: u64) -> Result<Step, SinkError> {
        if !self.is_resumed {
            self.resume()?;
        }
        if !self.is_placed {
            self.reader.seek(self.cursor.position, self.cursor.seq).map_err(unreadable)?;
            self.is_placed = true;
        }
        let appetite = self.sink.0.appetite();
        let limit = match appetite {
            Appetite::Synced => limits.synced,
            _ => limits.staged,
        };
        while !self.pauses(limit, now_ns)
            && self.reader.fill(limit).map_err(unreadable)? == Fill::Some
        {
            if self.reader.has_next() {
                self.deliver()?;
                self.pause.begin(now_ns);
                self.is_flushed = false;
                if appetite == Appetite::Synced && now_ns >= self.save_due_ns {
                    self.keep(limits, now_ns)?;
                }
                return Ok(Step::Progress);
            }
        }
        self.advance(0);
        if now_ns >= self.save_due_ns {
            self.keep(limits, now_ns)?;
        }
        Ok(Step::Idle)
    }

    fn pauses(&self, limit: u64, now_ns: u64) -> bool {
        self.pause.holds(limit.saturating_sub(self.reader.position()), now_ns)
    }

    /// From now on everything is offered as soon as it is there.
    pub(crate) fn never_pause(&mut self) {
        self.pause = Pause::new(Duration::ZERO);
    }

    /// What a runner that is idle waits for: the position of the stage, if that is enough, and at most so long.
    pub(crate) fn rest(&self, limits: Limits, now_ns: u64) -> (Option<u64>, Duration) {
        let (position, left_ns) = (self.reader.position(), self.pause.left_ns(now_ns));
        let (limit, wanted) = match (self.sink.0.appetite(), left_ns) {
            (Appetite::Synced, _) => (limits.synced, None),
            (_, 0) => (limits.staged, Some(position + 1)),
            _ => (limits.staged, Some(position + BACKLOG_BYTES)),
        };
        let is_waiting = left_ns > 0 && limit > position;
        let at_most_ns = if is_waiting { left_ns.min(IDLE_NS) } else { IDLE_NS };
        (wanted, Duration::from_nanos(at_most_ns))
    }

    /// Flushes the sink, and saves its cursor unless another thread does.
    fn keep(&mut self, limits: Limits, now_ns: u64) -> Result<(), SinkError> {
        if self.is_saved_elsewhere {
            self.flush()?;
        } else {
            self.settle(limits)?;
        }
        self.save_due_ns = now_ns + SAVE_INTERVAL_NS;
        Ok(())
    }

    /// Finds out where to begin, or to go on after a failure: what the destination itself holds counts more than the
    /// cursor.
    fn resume(&mut self) -> Result<(), SinkError> {
        if !self.is_loaded {
            self.flushed = self.file.load().map_err(transient)?;
            self.cursor = self.flushed;
            self.counted_seq = self.flushed.seq;
            self.recall()?;
            self.is_loaded = true;
        }
        match self.sink.0.resume()? {
            // The destination holds less than the cursor says: all of the rest is offered, and it takes what it has
            // not got.
            Some(seq) if seq < self.cursor.seq => {
                let position = self.reader.position_of(seq).map_err(unreadable)?;
                self.cursor = Cursor { position, seq, ..self.cursor };
            }
            Some(seq) => self.cursor.seq = seq,
            None => {}
        }
        // What the destination holds and the cursor did not know of, nobody has flushed yet.
        self.is_flushed &= self.cursor.seq <= self.flushed.seq;
        (self.is_resumed, self.is_placed) = (true, false);
        self.publish();
        Ok(())
    }

    /// Tells the sink once more what an earlier process was told and still needed when it died.
    fn recall(&mut self) -> Result<(), SinkError> {
        let Cursor { seq, keeps_from, .. } = self.cursor;
        if !(1..=seq).contains(&keeps_from) {
            return Ok(());
        }
        let position = self.reader.position_of(keeps_from - 1).map_err(unreadable)?;
        self.reader.seek(position, keeps_from - 1).map_err(unreadable)?;
        while self.reader.fill(u64::MAX).map_err(unreadable)? == Fill::Some {
            while let Some((first, _, is_missing)) = self.reader.peek() {
                if first > seq {
                    return Ok(());
                }
                if let Some(record) = self.reader.next().filter(|_| !is_missing) {
                    self.sink.0.recall(&record);
                }
            }
        }
        Ok(())
    }

    fn deliver(&mut self) -> Result<(), SinkError> {
        let (offered, from) = (self.cursor, self.counted_seq);
        let mut batch = Offer::new(
            &mut self.reader,
            from,
            Progress {
                cursor: offered,
                file: &self.file,
                state: &self.state,
                health: self.health.as_mut(),
            },
        );
        let written = self.sink.0.write(&mut batch);
        if written.as_ref().map_or_else(|error| error.kind() == SinkErrorKind::Permanent, |()| true)
        {
            while batch.next().is_some() {}
        }
        let offer = batch.done();
        if offer.cursor != offered {
            (self.cursor, self.flushed) = (offer.cursor, offer.cursor);
            self.counted_seq = self.counted_seq.max(offer.cursor.seq);
        }
        match &written {
            Ok(()) => self.advance(offer.lost),
            Err(error) if error.kind() == SinkErrorKind::Permanent => {
                let settled = offer.cursor.seq.saturating_sub(from.max(offered.seq));
                let lost = offer.taken.saturating_sub(settled);
                self.advance(lost);
                self.state.refuse(lost, &error.to_string());
            }
            Err(_) => {
                self.is_resumed = false;
                return written;
            }
        }
        Ok(())
    }

    /// Notes that everything the reader has returned is dealt with.
    fn advance(&mut self, lost: u64) {
        self.cursor = Cursor {
            position: self.reader.position(),
            seq: self.reader.last_seq(),
            lost: self.cursor.lost + lost,
            ..self.cursor
        };
        self.counted_seq = self.counted_seq.max(self.cursor.seq);
        self.publish();
    }

    fn publish(&self) {
        self.state.publish(&self.cursor);
    }

    /// Flushes the sink if it has taken something since, and saves the cursor, unless it points into a part of the
    /// journal that is not synced.
    ///
    /// # Errors
    ///
    /// What the sink says, or the system when the cursor cannot be saved: a transient error.
    pub fn settle(&mut self, limits: Limits) -> Result<(), SinkError> {
        self.flush()?;
        self.file.save(limits.synced).map_err(transient)
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        if !self.is_resumed {
            return Err(SinkError::transient("it is not known what the destination holds"));
        }
        if !self.is_flushed {
            let flushed = self.sink.0.flush();
            if flushed.is_err() {
                // Nobody knows what the destination holds of what was not flushed, but itself.
                (self.cursor, self.is_resumed) = (self.flushed, false);
                self.counted_seq = self.flushed.seq;
                self.publish();
            }
            flushed?;
            self.is_flushed = true;
        }
        self.flushed = self.cursor;
        self.file.note(self.flushed);
        Ok(())
    }

    /// Whether the sink writes to this machine alone.
    pub(crate) fn is_local(&self) -> bool {
        self.sink.0.is_in_run_directory() || self.state.ends_with_process()
    }

    /// Whether another process can go on with the sink.
    pub(crate) fn outlives_process(&self) -> bool {
        !self.state.ends_with_process()
    }

    /// Whether the sink writes to the run directory.
    pub(crate) fn is_in_run_directory(&self) -> bool {
        self.sink.0.is_in_run_directory()
    }

    /// For a run that begins: there is no cursor yet. Saving it is left to whoever holds the file that is returned,
    /// except at the end.
    pub(crate) fn begin(&mut self) -> Arc<CursorFile> {
        (self.is_saved_elsewhere, self.is_loaded) = (true, true);
        self.health = Some(Health::default());
        Arc::clone(&self.file)
    }

    /// Whether the sink was flushed since its cursor was saved.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.file.is_unsaved()
    }

    /// Settles. False when that fails, which [`Runner::state`] then tells.
    pub(crate) fn finish(&mut self, limits: Limits) -> bool {
        let settled = self.settle(limits);
        match &settled {
            Ok(()) => self.forget_failures(),
            Err(error) => self.note_failure(error),
        }
        settled.is_ok()
    }

    fn note_failure(&mut self, error: &SinkError) {
        self.state.set_error(Some(error.to_string()));
        self.failures = self.failures.saturating_add(1);
    }

    /// The sink does what it failed to do before.
    fn forget_failures(&mut self) {
        if self.failures > 0 {
            self.failures = 0;
            self.state.set_error(None);
        }
    }

    fn fail(&mut self, error: &SinkError, now_ns: u64) -> Step {
        self.note_failure(error);
        let doubled = WAIT_NS.start() << (self.failures - 1).min(16);
        // Between half and all of it, by a number that differs from sink to sink and failure to failure.
        let spread = (self.cursor.seq ^ self.sink.0.name().len() as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            >> 33;
        let wait = doubled.min(*WAIT_NS.end());
        let wait = wait / 2 + spread % (wait / 2);
        let wait = match error.kind() {
            SinkErrorKind::Transient(Some(after)) => crate::clock::ns(after),
            _ => wait,
        };
        self.wait_until_ns = now_ns.saturating_add(wait);
        Step::WaitUntil(self.wait_until_ns)
    }

    /// Forgets that the sink is being left alone after a failure.
    pub fn hurry(&mut self) {
        self.wait_until_ns = 0;
        self.save_due_ns = 0;
    }
}

fn transient(error: std::io::Error) -> SinkError {
    SinkError::transient(error.to_string())
}

fn unreadable(error: std::io::Error) -> SinkError {
    SinkError::transient(format!("cannot read the journal: {error}"))
}
