//! What the threads of a run tell each other.
use crate::backlog::Backlog;
use crate::drain::Drain;
use crate::runner::{Limits, SinkState};
use crate::summary::End;
use crate::waiters::{Rest, Waiters};
use obs_core::settings::Overflow;
use obs_ring::clock::TickSource;
use obs_ring::stage::Stage;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::Duration;

/// What a run's threads share.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) stage: Stage,
    pub(crate) overflow: Overflow,
    /// Whether frames are moved to segments.
    pub(crate) has_journal: bool,
    phase: AtomicU8,
    synced: AtomicU64,
    last_seq: AtomicU64,
    refused: AtomicU64,
    errors: AtomicU64,
    pub(crate) sinks: Vec<Arc<SinkState>>,
    backlog: OnceLock<Backlog>,
    /// Whether the drain stands still, as [`crate::Run::stall_drain`] wants it.
    stalled: AtomicBool,
    /// The writer's trouble, while it has one.
    writer_error: Mutex<Option<String>>,
    pub(crate) waiters: Waiters,
    writer: OnceLock<Thread>,
    /// Records that are still in rings at the end.
    left: AtomicU64,
    /// Whether the run ends because a thread panics.
    by_panic: AtomicBool,
    /// The end as the journal tells of it, once it does.
    end: Mutex<Option<End>>,
    done: Mutex<Done>,
    changed: Condvar,
}

/// What is finished.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Done {
    pub(crate) drained: bool,
    pub(crate) written: bool,
    pub(crate) sinks: usize,
}

/// How far the run is with its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Records come in.
    Alive = 0,
    /// No more records come in; what is there is moved on.
    Closing = 1,
    /// Time is up: threads stop where they are.
    Over = 2,
}

impl Control {
    pub(crate) fn new(
        stage: Stage,
        overflow: Overflow,
        has_journal: bool,
        sinks: Vec<Arc<SinkState>>,
    ) -> Self {
        Self {
            stage,
            overflow,
            has_journal,
            phase: AtomicU8::new(0),
            synced: AtomicU64::new(0),
            last_seq: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            sinks,
            backlog: OnceLock::new(),
            stalled: AtomicBool::new(false),
            writer_error: Mutex::default(),
            waiters: Waiters::default(),
            writer: OnceLock::new(),
            left: AtomicU64::new(0),
            by_panic: AtomicBool::new(false),
            end: Mutex::default(),
            done: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Alive,
            1 => Phase::Closing,
            _ => Phase::Over,
        }
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Release);
        self.wake_all();
    }

    pub(crate) fn set_writer(&self, thread: Thread) {
        // There is one writer; if it is set already, it is that.
        self.writer.get_or_init(|| thread);
    }

    pub(crate) fn wake_writer(&self) {
        if let Some(writer) = self.writer.get() {
            writer.unpark();
        }
    }

    pub(crate) fn wake_all(&self) {
        self.waiters.wake_all();
    }

    /// Wakes those for whom there is enough in the stage now.
    pub(crate) fn wake_for_staged(&self) {
        self.waiters.wake(self.stage.head());
    }

    /// Sleeps until the stage has come to `position`, somebody wakes all, or the time is over.
    pub(crate) fn rest(&self, rest: &Rest, position: Option<u64>, at_most: Duration) {
        rest.until(position, || self.stage.head(), at_most);
    }

    /// How far sinks may read.
    pub(crate) fn limits(&self) -> Limits {
        let staged = self.stage.head();
        let synced = if self.has_journal { self.synced.load(Ordering::Acquire) } else { staged };
        Limits { staged, synced }
    }

    pub(crate) fn stall(&self, stalled: bool) {
        self.stalled.store(stalled, Ordering::Relaxed);
    }

    /// Whether the drain is not to go on: at the end of a run it always is.
    pub(crate) fn is_held(&self) -> bool {
        let is_held = self.stalled.load(Ordering::Relaxed) || self.is_backlogged();
        is_held && self.phase() == Phase::Alive
    }

    pub(crate) fn set_backlog(&self, backlog: Backlog) {
        self.backlog.get_or_init(|| backlog);
    }

    /// Whether nothing more may be staged before a sink has taken what is there.
    fn is_backlogged(&self) -> bool {
        self.backlog.get().is_some_and(|backlog| backlog.is_full(self.stage.head()))
    }

    pub(crate) fn set_synced(&self, position: u64) {
        self.synced.store(position, Ordering::Release);
    }

    /// Up to here the drain may overwrite the stage without anything being lost.
    pub(crate) fn expendable(&self) -> u64 {
        if self.has_journal {
            return self.stage.moved();
        }
        self.sinks.iter().map(|sink| sink.position()).min().unwrap_or_else(|| self.stage.head())
    }

    /// Up to here nothing of the stage can be lost with a disk any more. Without a journal, what sinks have is theirs.
    pub(crate) fn durable(&self) -> u64 {
        if self.has_journal { self.synced.load(Ordering::Acquire) } else { self.expendable() }
    }

    pub(crate) fn publish(&self, drain: &Drain) {
        let counts = drain.counts();
        self.refused.store(counts.refused, Ordering::Relaxed);
        self.errors.store(counts.errors, Ordering::Relaxed);
        self.last_seq.store(drain.last_seq(), Ordering::Release);
    }

    /// Takes note of what is left in rings at the end: records, and refusals that nothing has told of.
    pub(crate) fn leave(&self, records: u64, refused: u64) {
        self.left.store(records, Ordering::Relaxed);
        self.refused.fetch_add(refused, Ordering::Relaxed);
    }

    /// Takes note that a panic ends the run, before it closes.
    pub(crate) fn end_by_panic(&self) {
        self.by_panic.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_by_panic(&self) -> bool {
        self.by_panic.load(Ordering::Relaxed)
    }

    pub(crate) fn set_end(&self, end: End) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
    }

    /// The end that the journal tells of.
    pub(crate) fn end(&self) -> Option<End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    /// The number of the last record.
    pub(crate) fn last_seq(&self) -> u64 {
        self.last_seq.load(Ordering::Acquire)
    }

    /// Records that were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Events of level error and above.
    pub(crate) fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    pub(crate) fn set_writer_error(&self, error: Option<String>) {
        *self.writer_error.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    pub(crate) fn writer_error(&self) -> Option<String> {
        self.writer_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether all of the stage outlives the process.
    pub(crate) fn keeps_stage(&self) -> bool {
        self.stage.memory().is_mapped() && self.stage.memory().shortage().is_none()
    }

    /// What of the stage the death of the process would cost, though it should not.
    pub(crate) fn shortage(&self) -> Option<String> {
        let shortage = self.stage.memory().shortage();
        shortage.map(|shortage| format!("no room for all of the stage: {shortage}"))
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut Done)) {
        change(&mut self.done.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
        self.wake_all();
    }

    pub(crate) fn done(&self) -> Done {
        *self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `ready`, at most until `deadline_ns` on the steady clock. True if it came about.
    pub(crate) fn wait(&self, deadline_ns: u64, ready: impl Fn(&Done) -> bool) -> bool {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if ready(&done) {
                return true;
            }
            let left = deadline_ns.saturating_sub(now_ns());
            if left == 0 {
                return false;
            }
            let waited = self.changed.wait_timeout(done, Duration::from_nanos(left));
            done = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A steady clock in nanoseconds.
pub(crate) fn now_ns() -> u64 {
    TickSource::Monotonic.now()
}
