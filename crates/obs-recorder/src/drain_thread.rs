//! The drain's thread: a loop around its step machine.
use crate::control::{Control, Phase, now_ns};
use crate::drain::{Drain, Own, Pass};
use crate::last_panic;
use crate::recorder::Recorder;
use crate::summary::{END_RECORD, End};
use obs_core::settings::Overflow;
use obs_core::wire::Kind;
use obs_core::wire::frame::NO_RING;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How long the drain sleeps after a pass that found much in a ring, or something, and how long at most when the
/// program is idle. A ring that fills up meanwhile wakes it.
const NAP_CROWDED: Duration = Duration::from_micros(500);
const NAP: Duration = Duration::from_millis(4);
const NAP_IDLE: Duration = Duration::from_millis(8);
/// After so many passes that found nothing (a quarter of a second) the drain lets the next record wake it, and looks by
/// itself only this often: for refusals, and, in a process that was forked, for children, which cannot wake it.
const IDLE_PASSES: u32 = 32;
const SLEEP: Duration = Duration::from_secs(1);
const SLEEP_FORKED: Duration = Duration::from_millis(250);
/// How long the drain waits for a writer that does not get on, before it overwrites what the writer has not moved: a
/// busy disk syncs within this, and a writer gets its turn on a busy machine. Meanwhile threads fill their rings.
const STALL_NS: u64 = 1_000_000_000;
/// How often a drain that is held looks whether it may go on.
const HELD_NAP: Duration = Duration::from_micros(500);

/// The drain's thread.
pub(crate) struct DrainThread {
    pub(crate) drain: Drain,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) control: Arc<Control>,
    /// Whether rings and stage are there after the process has ended.
    pub(crate) outlives: bool,
}

impl DrainThread {
    pub(crate) fn run(mut self) {
        self.recorder.set_drain(thread::current());
        self.recorder.pool().prepare();
        let mut rest = Rest::default();
        let mut stalled_at = None;
        loop {
            // Before the rings are looked at: once the run closes nothing comes into them, so that look is the last.
            let phase = self.control.phase();
            // A ring that is made after this holds nothing that belongs before what is taken now.
            let cutoff = self.drain.cutoff();
            self.take_news();
            if self.control.is_held() {
                thread::park_timeout(HELD_NAP);
                continue;
            }
            match self.drain.pass_until(cutoff) {
                Pass::Staged => {
                    rest.after_work(&self.recorder, self.drain.is_crowded());
                    stalled_at =
                        stalled_at.filter(|position| *position == self.control.stage.moved());
                    self.control.publish(&self.drain);
                    self.control.wake_for_staged();
                }
                Pass::NoRoom => {
                    self.find_room(&mut stalled_at);
                    if self.control.phase() == Phase::Over {
                        return self.leave();
                    }
                    continue;
                }
                Pass::Idle => rest.after_nothing(),
            }
            match (phase, self.control.phase()) {
                (_, Phase::Over) => return self.leave(),
                (Phase::Alive, Phase::Alive) => rest.take(&self.recorder),
                (Phase::Alive, _) => {}
                _ if self.is_finished() => return,
                _ => thread::yield_now(),
            }
        }
    }

    /// Time is over: what is left in the rings stays there.
    fn leave(&mut self) {
        self.take_news();
        self.control.publish(&self.drain);
        let (records, refused) = self.drain.count_rest();
        self.control.leave(records, refused);
    }

    fn take_news(&mut self) {
        for ring in self.recorder.pool().take_news() {
            self.drain.add_ring(ring.identity().number, ring.consumer(None), [0; 8]);
        }
    }

    /// The stage is full: frees what may go; waits for the writer as long as that gets on; then gives up the oldest. At
    /// the end of a run whose rings outlive it nothing is given up: what does not fit is left there, for recovery.
    fn find_room(&mut self, stalled_at: &mut Option<u64>) {
        let started = now_ns();
        loop {
            let expendable = self.control.expendable();
            if self.drain.make_room(expendable, self.control.durable()) {
                return;
            }
            self.control.wake_all();
            let patient = match self.control.phase() {
                Phase::Alive => self.control.overflow == Overflow::Block,
                Phase::Closing => self.outlives,
                Phase::Over => return,
            };
            let given_up = *stalled_at == Some(expendable) || now_ns() - started > STALL_NS;
            if !patient && given_up {
                *stalled_at = Some(expendable);
                self.drain.overwrite();
                return;
            }
            thread::park_timeout(Duration::from_micros(200));
        }
    }

    /// The record of the run's end, which is known from here on.
    fn farewell(&self) -> Vec<u8> {
        let end = match self.control.is_by_panic() {
            false => End::finished(),
            true => {
                let panic = self.drain.last_panic().and_then(last_panic::read).unwrap_or_default();
                panic.end("", vec!["panic record".to_owned(), END_RECORD.to_owned()])
            }
        };
        let body = end.record();
        self.control.set_end(end);
        body
    }

    /// Closing: when nothing is left in any ring, says that the run is over.
    fn is_finished(&mut self) -> bool {
        self.recorder.pool().take_orphans_back();
        if !self.drain.is_drained() {
            return false;
        }
        let body = self.farewell();
        let unix_ns = self.drain.timeline().unix_ns(self.recorder.source().now());
        let level = obs_core::Level::Info as u8;
        let end = Own { kind: Kind::RunEnd, level, ring: NO_RING, unix_ns, body: &body };
        let mut is_staged = self.drain.own(&end);
        while !is_staged {
            self.find_room(&mut None);
            if self.control.phase() == Phase::Over {
                self.leave();
                return true;
            }
            is_staged = self.drain.pass() != Pass::NoRoom;
        }
        self.control.publish(&self.drain);
        self.control.note(|done| done.drained = true);
        true
    }
}

/// How long the drain rests between passes.
#[derive(Debug, Default)]
struct Rest {
    /// Passes that found nothing, one after the other.
    idle_passes: u32,
    /// Whether the last pass that found something found much.
    is_crowded: bool,
}

impl Rest {
    fn after_work(&mut self, recorder: &Recorder, is_crowded: bool) {
        self.is_crowded = is_crowded;
        if self.idle_passes >= IDLE_PASSES {
            recorder.keep_drain_awake();
        }
        self.idle_passes = 0;
    }

    fn after_nothing(&mut self) {
        self.idle_passes = self.idle_passes.saturating_add(1);
    }

    fn take(&self, recorder: &Recorder) {
        if self.idle_passes < IDLE_PASSES {
            let nap = if self.is_crowded { NAP_CROWDED } else { NAP };
            thread::park_timeout((nap * (1 << self.idle_passes.min(8))).min(NAP_IDLE));
        } else if recorder.drain_sleeps() {
            thread::park_timeout(if recorder.has_forked() { SLEEP_FORKED } else { SLEEP });
        } else if !recorder.let_drain_sleep() {
            recorder.keep_drain_awake();
            thread::park_timeout(NAP_IDLE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, Timeline};
    use crate::drain::Parts;
    use crate::place::Place;
    use crate::pool::Pool;
    use crate::redaction::Redaction;
    use obs_core::RunId;
    use obs_core::encode::Encoder;
    use obs_core::wire::body::begin_attributes;
    use obs_core::wire::frame::{Frames, Item};
    use obs_ring::clock::{Anchor, TickSource};
    use obs_ring::ring::{Entry, Owner, Producer, Shape};
    use obs_ring::stage::Stage;
    use obs_ring::{Identity, Memory};
    use std::fmt;
    use std::sync::Mutex;

    /// A pass reads the clock for its cutoff, before the drain looks for new rings.
    const CUTOFF: u32 = 1;
    /// And again after that, before it looks into the rings that it knows.
    const BETWEEN: u32 = 2;

    type Call = Box<dyn FnOnce() + Send>;

    /// A clock that calls something at one of its readings: so many are left until then.
    struct Calling(Mutex<(u32, Option<Call>)>);

    impl fmt::Debug for Calling {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Calling")
        }
    }

    impl Clock for Calling {
        fn anchor(&self) -> Anchor {
            let mut left = self.0.lock().unwrap();
            left.0 = left.0.saturating_sub(1);
            if left.0 == 0
                && let Some(call) = left.1.take()
            {
                call();
            }
            TickSource::Monotonic.anchor()
        }
    }

    /// A run of which there is only the drain.
    struct Alone {
        recorder: Arc<Recorder>,
        control: Arc<Control>,
    }

    impl Alone {
        fn new() -> Self {
            let source = TickSource::Monotonic;
            let shape = Shape::with_capacity(1 << 16).unwrap();
            let pool = Pool::new(Place::Heap, shape, Identity::default(), source, 8);
            let recorder = Recorder::new(RunId::new(1, 2), source, Overflow::Shed, pool);
            let memory = Memory::heap(Stage::file_bytes(1 << 20));
            let stage = Stage::create(memory, 1 << 20, Identity::default(), 0).unwrap();
            let control = Control::new(stage, Overflow::Shed, false, Vec::new());
            Self { recorder: Arc::new(recorder), control: Arc::new(control) }
        }

        /// Drains until the run is over. Calls `call` at this reading of the clock.
        fn run(&self, reading: u32, call: impl FnOnce() + Send + 'static) {
            let clock = Calling(Mutex::new((reading, Some(Box::new(call)))));
            let drain = Drain::new(Parts {
                stage: self.control.stage.writer(),
                callsites: Arc::clone(self.recorder.callsites()),
                timeline: Timeline::new(TickSource::Monotonic.anchor(), None),
                clock: Some(Arc::new(clock)),
                last_seq: 0,
                segment_bytes: 1 << 20,
                redaction: Redaction::default(),
            });
            let (recorder, control) = (Arc::clone(&self.recorder), Arc::clone(&self.control));
            DrainThread { drain, recorder, control, outlives: false }.run();
        }

        /// The rings of the records that were staged, in their order.
        fn staged(&self) -> Vec<u32> {
            let (stage, mut bytes) = (&self.control.stage, Vec::new());
            stage.copy(0, stage.head(), &mut bytes).unwrap();
            let frames = Frames::new(&bytes, 0).filter_map(|item| match item {
                Item::Frame(frame) if frame.header.kind == Kind::Thread => Some(frame.header.ring),
                _ => None,
            });
            frames.collect()
        }
    }

    /// A thread that writes to a ring of its own.
    fn thread(recorder: &Recorder) -> Producer {
        recorder.pool().acquire(&Owner::default()).unwrap()
    }

    fn log(producer: &mut Producer) {
        let (source, mut body) = (TickSource::Monotonic, Encoder::new(64));
        begin_attributes(&mut body);
        let (kind, ticks, body) = (Kind::Thread as u8, source.now(), body.finish());
        let entry = Entry { kind, level: 2, ticks, context: &[], context_changed: false, body };
        producer.push(&entry, || source.anchor()).unwrap();
    }

    #[test]
    fn what_a_thread_logs_for_the_first_time_while_the_run_begins_to_close_is_staged() {
        let run = Alone::new();
        let (recorder, control) = (Arc::clone(&run.recorder), Arc::clone(&run.control));
        run.run(BETWEEN, move || {
            log(&mut thread(&recorder));
            control.set_phase(Phase::Closing);
        });
        assert_eq!((run.staged().len(), run.control.left()), (1, 0));
    }

    #[test]
    fn what_a_thread_logs_for_the_first_time_when_time_is_over_is_counted_as_left() {
        let run = Alone::new();
        let (recorder, control) = (Arc::clone(&run.recorder), Arc::clone(&run.control));
        run.run(BETWEEN, move || {
            log(&mut thread(&recorder));
            control.set_phase(Phase::Over);
        });
        assert_eq!((run.staged().len(), run.control.left()), (0, 1));
    }

    #[test]
    fn what_a_thread_logs_after_it_has_seen_another_begin_comes_after_what_that_one_logged() {
        let run = Alone::new();
        let (recorder, control) = (Arc::clone(&run.recorder), Arc::clone(&run.control));
        let mut known = thread(&recorder);
        log(&mut known);
        run.run(CUTOFF, move || {
            let mut new = thread(&recorder);
            log(&mut new);
            log(&mut known);
            control.set_phase(Phase::Closing);
        });
        let staged = run.staged();
        assert!(matches!(staged[..], [a, b, c] if a == c && a != b), "{staged:?}");
    }
}
