//! The threads of a run: loops around the step machines.
use crate::control::{Control, Phase, now_ns};
use crate::drain::{Drain, Own, Pass};
use crate::journal::{Moved, Writer};
use crate::recorder::Recorder;
use crate::runner::{Runner, Step};
use obs_core::settings::Overflow;
use obs_core::wire::Kind;
use obs_core::wire::frame::NO_RING;
use obs_ring::ring::State;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How long the drain sleeps after a pass that found something, and how long at most when the program is idle.
const NAP: Duration = Duration::from_micros(500);
const NAP_IDLE: Duration = Duration::from_millis(8);
/// How long the drain waits for a writer that does not get on, before it overwrites what the writer has not moved.
const STALL_NS: u64 = 20_000_000;
/// How often the drain looks whether forked children have ended.
const PASSES_A_RECYCLING: u32 = 128;
/// Errors reach the disk after this, everything else after the sync interval.
const URGENT_SYNC_NS: u64 = 100_000_000;
const WRITER_RETRY_NS: std::ops::RangeInclusive<u64> = 50_000_000..=1_000_000_000;

/// The drain's thread.
pub(crate) struct DrainThread {
    pub(crate) drain: Drain,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) control: Arc<Control>,
    /// The end of the run, said when everything is drained.
    pub(crate) farewell: fn() -> Vec<u8>,
    pub(crate) passes: u32,
}

impl DrainThread {
    pub(crate) fn run(mut self) {
        self.recorder.set_drain(thread::current());
        self.recorder.pool().prepare();
        let mut nap = NAP;
        let mut stalled_at = None;
        loop {
            self.take_news();
            match self.drain.pass() {
                Pass::Staged => {
                    nap = NAP;
                    stalled_at =
                        stalled_at.filter(|position| *position == self.control.stage.moved());
                    self.control.publish(&self.drain);
                    self.control.wake_all();
                }
                Pass::NoRoom => {
                    self.find_room(&mut stalled_at);
                    continue;
                }
                Pass::Idle => nap = (nap * 2).min(NAP_IDLE),
            }
            match self.control.phase() {
                Phase::Alive => thread::park_timeout(nap),
                Phase::Closing if self.is_finished() => return,
                Phase::Closing => thread::yield_now(),
                Phase::Over => return,
            }
        }
    }

    /// Rings of forked children that have ended are kept for the next ones.
    fn recycle(&mut self) {
        self.passes = self.passes.wrapping_add(1);
        if !self.passes.is_multiple_of(PASSES_A_RECYCLING) {
            return;
        }
        for ring in self.recorder.pool().spares().iter().filter(|ring| ring.state() == State::Child)
        {
            let pid = i32::try_from(ring.owner().pid).ok().and_then(Pid::from_raw);
            let is_alive = pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH));
            let consumer = ring.consumer(None);
            if !is_alive && consumer.position() == consumer.head() {
                ring.set_state(State::Spare);
            }
        }
    }

    fn take_news(&mut self) {
        self.recycle();
        for ring in self.recorder.pool().take_news() {
            self.drain.add_ring(ring.identity().number, ring.consumer(None), [0; 8]);
        }
    }

    /// The stage is full: frees what may go; waits for the writer as long as that gets on; then gives up the oldest.
    fn find_room(&mut self, stalled_at: &mut Option<u64>) {
        let started = now_ns();
        loop {
            let expendable = self.control.expendable();
            if self.drain.make_room(expendable) {
                return;
            }
            self.control.wake_all();
            let patient =
                self.control.overflow == Overflow::Block && self.control.phase() == Phase::Alive;
            let given_up = *stalled_at == Some(expendable) || now_ns() - started > STALL_NS;
            if !patient && given_up {
                *stalled_at = Some(expendable);
                self.drain.overwrite();
                return;
            }
            thread::park_timeout(Duration::from_micros(200));
        }
    }

    /// Closing: when nothing is left in any ring, says that the run is over.
    fn is_finished(&mut self) -> bool {
        if !self.drain.is_drained() {
            return false;
        }
        let body = (self.farewell)();
        let unix_ns = self.drain.timeline().unix_ns(self.recorder.source().now());
        let level = obs_core::Level::Info as u8;
        while !self.drain.own(&Own {
            kind: Kind::RunEnd,
            level,
            ring: NO_RING,
            unix_ns,
            body: &body,
        }) {
            self.find_room(&mut None);
            if self.drain.pass() != Pass::NoRoom {
                break;
            }
        }
        self.control.publish(&self.drain);
        self.control.note(|done| done.drained = true);
        true
    }
}

/// The writer's thread.
pub(crate) struct WriterThread {
    pub(crate) writer: Writer,
    pub(crate) control: Arc<Control>,
    pub(crate) sync_interval_ns: u64,
}

impl WriterThread {
    pub(crate) fn run(mut self) {
        self.control.enlist();
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
                    thread::park_timeout(self.nap(synced_ns));
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

    /// One step. False when there was nothing to do.
    fn work(&mut self, synced_ns: &mut u64) -> std::io::Result<bool> {
        let moved = self.writer.step()?;
        let waited = now_ns() - *synced_ns;
        let due =
            waited >= self.sync_interval_ns || self.writer.is_urgent() && waited >= URGENT_SYNC_NS;
        if due && (self.writer.is_dirty() || *synced_ns == 0) {
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

    fn nap(&self, synced_ns: u64) -> Duration {
        if !self.writer.is_dirty() {
            return Duration::from_secs(60);
        }
        let interval = if self.writer.is_urgent() { URGENT_SYNC_NS } else { self.sync_interval_ns };
        Duration::from_nanos((synced_ns + interval).saturating_sub(now_ns()).max(1_000_000))
    }
}

/// A sink's thread.
pub(crate) struct SinkThread {
    pub(crate) runner: Runner,
    pub(crate) control: Arc<Control>,
}

impl SinkThread {
    pub(crate) fn run(mut self) {
        self.control.enlist();
        loop {
            let phase = self.control.phase();
            if phase == Phase::Over {
                return;
            }
            let limits = self.control.limits();
            let nap = match self.runner.step(limits, now_ns()) {
                Step::Progress => continue,
                Step::Idle if phase == Phase::Closing && self.is_finished() => return,
                Step::Idle => Duration::from_secs(1),
                Step::WaitUntil(until) => Duration::from_nanos(until.saturating_sub(now_ns())),
            };
            thread::park_timeout(nap);
        }
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
