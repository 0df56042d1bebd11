//! The threads of the writer and of the sinks: loops around the step machines.
use crate::control::{Control, Phase, now_ns};
use crate::cursor::CursorFile;
use crate::journal::{Moved, Writer};
use crate::layout::RunDirectory;
use crate::lock::RunLock;
use crate::runner::{Runner, SinkState, Step};
use crate::summary::Summary;
use crate::system::step_back;
use crate::waiters::Rest;
use obs_core::io::Io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How often the sinks' cursors are saved.
const CURSORS_INTERVAL_NS: u64 = 1_000_000_000;
/// Nothing is to be done until somebody says so.
const LONG_NAP: Duration = Duration::from_secs(60);
/// How long a destination that is away is tried at the end of a run.
const LAST_TRIES_NS: u64 = 1_000_000_000;
/// Errors reach the disk after this, everything else after the sync interval.
const URGENT_SYNC_NS: u64 = 100_000_000;
/// How long the writer lets staged frames gather, and how many bytes at most.
const GATHER_NS: u64 = 10_000_000;
const GATHERED_BYTES: u64 = 256 << 10;
const WRITER_RETRY_NS: std::ops::RangeInclusive<u64> = 50_000_000..=1_000_000_000;

/// The writer's thread.
pub(crate) struct WriterThread {
    pub(crate) writer: Writer,
    pub(crate) control: Arc<Control>,
    /// The run directory whose `run.json` is yet to be synced.
    pub(crate) unsynced: Option<RunDirectory>,
    pub(crate) io: Arc<dyn Io>,
    pub(crate) sync_interval_ns: u64,
    /// The cursors of all sinks, which are saved after syncs.
    pub(crate) cursors: Vec<Arc<CursorFile>>,
    pub(crate) cursors_saved_ns: u64,
    /// Held until the thread has ended.
    pub(crate) _lock: Option<Arc<RunLock>>,
}

impl WriterThread {
    pub(crate) fn run(mut self) {
        obs_core::own::mark_thread();
        let rest = self.control.waiters.enlist();
        self.control.set_writer(thread::current());
        // This thread can wait, those that will want a fence cannot.
        obs_ring::fork::prepare_fences();
        let mut synced_ns = now_ns();
        let mut retry_ns = *WRITER_RETRY_NS.start();
        loop {
            let phase = self.control.phase();
            if phase == Phase::Over {
                return;
            }
            match self.work(&mut synced_ns) {
                Ok(true) => retry_ns = *WRITER_RETRY_NS.start(),
                Ok(false) => {
                    let done = self.control.done();
                    if done.written {
                        return;
                    }
                    let drained = phase == Phase::Closing && done.drained;
                    if drained && self.writer.moved() == self.control.stage.head() {
                        synced_ns = 0;
                        continue;
                    }
                    let nap = self.nap(synced_ns);
                    self.control.rest(&rest, Some(self.writer.moved() + 1), nap);
                    self.gather(&rest);
                }
                Err(error) => {
                    self.control
                        .set_writer_error(Some(format!("cannot write the journal: {error}")));
                    thread::park_timeout(Duration::from_nanos(retry_ns));
                    retry_ns = (retry_ns * 2).min(*WRITER_RETRY_NS.end());
                }
            }
        }
    }

    /// Waits a little for more, where there is something to move: what is staged is safe already.
    fn gather(&self, rest: &Rest) {
        let (enough, begun_ns) = (self.writer.moved() + GATHERED_BYTES, now_ns());
        loop {
            let staged = self.control.stage.head();
            let left_ns = (begun_ns + GATHER_NS).saturating_sub(now_ns());
            let is_enough = staged >= enough || staged <= self.writer.moved() || left_ns == 0;
            if is_enough || !self.control.keeps_stage() || self.control.phase() != Phase::Alive {
                return;
            }
            self.control.rest(rest, Some(enough), Duration::from_nanos(left_ns));
        }
    }

    /// One step. False when there was nothing to do.
    fn work(&mut self, synced_ns: &mut u64) -> std::io::Result<bool> {
        let moved = self.writer.step()?;
        self.save_cursors()?;
        let waited = now_ns() - *synced_ns;
        let due =
            waited >= self.sync_interval_ns || self.writer.is_urgent() && waited >= URGENT_SYNC_NS;
        if due && (self.writer.is_dirty() || *synced_ns == 0) {
            if let Some(directory) = &self.unsynced {
                Summary::sync(self.io.as_ref(), directory.path())?;
                self.unsynced = None;
            }
            self.writer.sync()?;
            self.writer.trim()?;
            *synced_ns = now_ns();
            self.control.set_synced(self.writer.synced());
            self.control.set_writer_error(None);
            let done = self.control.done();
            if done.drained && self.writer.synced() == self.control.stage.head() {
                self.control.note(|done| done.written = true);
            } else {
                self.control.wake_all();
            }
            return Ok(true);
        }
        Ok(!matches!(moved, Moved::Nothing))
    }

    /// At the end of a run the sinks' threads save them.
    fn save_cursors(&mut self) -> std::io::Result<()> {
        let is_due = now_ns() - self.cursors_saved_ns >= CURSORS_INTERVAL_NS;
        if !is_due || self.control.phase() != Phase::Alive {
            return Ok(());
        }
        self.cursors_saved_ns = now_ns();
        self.cursors.iter().try_for_each(|cursor| cursor.save(self.writer.synced()))
    }

    fn nap(&self, synced_ns: u64) -> Duration {
        if !self.writer.is_dirty() {
            let is_unsaved = self.cursors.iter().any(|cursor| cursor.is_unsaved());
            let until_due = (self.cursors_saved_ns + CURSORS_INTERVAL_NS).saturating_sub(now_ns());
            return if is_unsaved { Duration::from_nanos(until_due) } else { LONG_NAP };
        }
        let interval = if self.writer.is_urgent() { URGENT_SYNC_NS } else { self.sync_interval_ns };
        Duration::from_nanos((synced_ns + interval).saturating_sub(now_ns()).max(1_000_000))
    }
}

/// A sink's thread.
pub(crate) struct SinkThread {
    pub(crate) runner: Runner,
    pub(crate) control: Arc<Control>,
    /// Whether it writes to this machine, and nothing else can hold it up but its disk or its terminal.
    pub(crate) is_local: bool,
    /// Until when a destination that is away is tried at the end of the run.
    pub(crate) gives_up_ns: Option<u64>,
    /// When the writer was last told that a cursor is to be saved.
    pub(crate) told_ns: u64,
    /// Held until the thread has ended, if the sink writes to the run directory.
    pub(crate) _lock: Option<Arc<RunLock>>,
}

/// Says of a sink whose thread panics that it will do no more, so that nobody waits for it.
struct Survivor(Arc<SinkState>);

impl Drop for Survivor {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.set_error(Some("the sink panicked".to_owned()));
        }
    }
}

impl SinkThread {
    pub(crate) fn run(mut self) {
        obs_core::own::mark_thread();
        let _survivor = Survivor(self.runner.state());
        if self.runner.outlives_process() {
            // Whoever watches the console waits for it; the rest waits in the journal as long as it takes.
            step_back();
        }
        let rest = self.control.waiters.enlist();
        loop {
            let phase = self.control.phase();
            if phase == Phase::Over {
                return;
            }
            if phase == Phase::Closing {
                self.runner.never_pause();
            }
            let limits = self.control.limits();
            let step = self.runner.step(limits, now_ns());
            let (position, nap) = match step {
                Step::Progress => continue,
                Step::Idle if phase == Phase::Closing && self.is_finished() => return,
                Step::Idle => {
                    self.have_cursor_saved();
                    self.runner.rest(limits, now_ns())
                }
                Step::WaitUntil(until) if phase == Phase::Closing && self.is_away() => {
                    let Some(nap) = self.last_nap(until) else { return };
                    (None, nap)
                }
                Step::WaitUntil(until) => {
                    (None, Duration::from_nanos(until.saturating_sub(now_ns())))
                }
            };
            self.control.rest(&rest, position, nap);
        }
    }

    /// Has the writer save the cursor, which may have nothing else to do.
    fn have_cursor_saved(&mut self) {
        let now_ns = now_ns();
        if now_ns - self.told_ns >= CURSORS_INTERVAL_NS && self.runner.is_unsaved() {
            self.told_ns = now_ns;
            self.control.wake_writer();
        }
    }

    /// Whether it fails for a reason that is not on this machine, though everything is there that it is to take.
    fn is_away(&self) -> bool {
        let done = self.control.done();
        !self.is_local && done.drained && (done.written || !self.control.has_journal)
    }

    /// How long to wait for the next try at the end of a run. Nobody waits long for a destination that is away: `None`
    /// when it is given up, and what it has not got stays in the journal.
    fn last_nap(&mut self, until_ns: u64) -> Option<Duration> {
        let now_ns = now_ns();
        let Some(end_ns) = self.gives_up_ns else {
            self.gives_up_ns = Some(now_ns + LAST_TRIES_NS);
            self.runner.hurry();
            return Some(Duration::ZERO);
        };
        if now_ns < end_ns {
            return Some(Duration::from_nanos(until_ns.min(end_ns).saturating_sub(now_ns)));
        }
        self.control.note(|done| done.sinks += 1);
        None
    }

    /// Whether everything there will ever be has been dealt with, and the cursor says so.
    fn is_finished(&mut self) -> bool {
        let done = self.control.done();
        let limits = self.control.limits();
        let all = done.drained
            && (done.written || !self.control.has_journal)
            && self.runner.state().position() >= limits.staged;
        if !all {
            return false;
        }
        let is_finished = self.runner.finish(limits);
        if is_finished {
            self.control.note(|done| done.sinks += 1);
        } else {
            thread::park_timeout(Duration::from_millis(10));
        }
        is_finished
    }
}
