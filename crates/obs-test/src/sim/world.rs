//! One seed: a run, its end, its recovery, the judgement.
use super::Dice;
use super::disk::{Disk, Faults, Killed};
use super::judge::{Ledger, judge};
use super::sinks::{Held, Remote};
use obs_core::encode::{Encoder, Key as Attribute};
use obs_core::io::{Io, Open, write_all};
use obs_core::join::Join;
use obs_core::sink::Appetite;
use obs_core::wire::Kind;
use obs_core::wire::body::{self, SpanEnd, SpanRef};
use obs_core::{Callsite, CallsiteKind, Context, Level, RunId, Sink, SpanId, TraceId};
use obs_recorder::drain::{Drain, Parts, Pass};
use obs_recorder::journal::{Reader, Writer, WriterLimits};
use obs_recorder::layout::{RingDirectory, RunDirectory};
use obs_recorder::recover::{Recovery, recover_locked};
use obs_recorder::{Callsites, Clock, Key, Limits, Runner, Timeline};
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::ring::{Entry, Owner, Producer, Ring, Shape, State};
use obs_ring::stage::Stage;
use obs_ring::{Identity, Memory};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const RINGS: &str = "/rings";
const STAGE_BYTES: u64 = 32 << 10;
const SEGMENT_BYTES: u64 = 8 << 10;
const JOURNAL_BYTES_MAX: u64 = 1 << 30;
const RECOVERIES_MAX: u32 = 200;

/// What a seed showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// Records that producers committed.
    pub committed: u64,
    /// Records that producers were refused.
    pub refused: u64,
    /// Records that were overwritten, and counted as lost, because the disk stood still or failed.
    pub lost: u64,
    /// Records that were recovered after the kill.
    pub recovered: u64,
    /// Whether the power was cut.
    pub power_cut: bool,
}

/// A clock that only the simulation moves.
#[derive(Debug, Default)]
struct SimClock {
    ns: AtomicU64,
}

impl Clock for SimClock {
    fn anchor(&self) -> Anchor {
        let ns = self.ns.load(Ordering::Relaxed);
        Anchor::new(ns, ns, 1_700_000_000_000_000_000 + ns)
    }
}

impl SimClock {
    fn tick(&self) -> u64 {
        self.ns.fetch_add(100, Ordering::Relaxed) + 100
    }
}

struct Speaker {
    number: u64,
    producer: Producer,
    context: Context,
    context_told: bool,
    next: u64,
    open: Vec<(SpanRef, u64)>,
}

struct World {
    dice: Dice,
    disk: Disk,
    io: Arc<dyn Io>,
    clock: Arc<SimClock>,
    callsites: Arc<Callsites>,
    stage: Stage,
    drain: Drain,
    writer: Writer,
    runners: Vec<Runner>,
    speakers: Vec<Speaker>,
    next_span: u64,
    stalls: bool,
}

/// Runs one seed.
///
/// # Panics
///
/// When a promise is broken; the message says which.
#[must_use]
pub fn run(seed: u64) -> Outcome {
    let mut dice = Dice::new(seed);
    let faults = choose_faults(&mut dice);
    let disk = Disk::new(Dice::new(dice.next()), Faults::default());
    let mut ledger = Ledger::default();
    let held: Vec<Held> = (0..2).map(|_| Held::default()).collect();
    let run_id = RunId::new(1, u128::from(seed));
    let directory = RunDirectory::new(format!("/runs/2026-11-22T09-58-03Z_{run_id}"));
    write_pointer(&disk, &directory);
    let mut world = World::new(&mut dice, &disk, run_id, &directory, &held);
    disk.set_faults(faults);
    disk.kill_in(1 + dice.below(3_000));
    let power_cut = dice.once_in(3);
    let ended = catch_unwind(AssertUnwindSafe(|| world.live(&mut ledger)));
    if let Err(payload) = ended
        && payload.downcast_ref::<Killed>().is_none()
    {
        resume_unwind(payload);
    }
    ledger.synced_seq = world.synced_seq();
    ledger.refused =
        world.speakers.iter().map(|speaker| speaker.producer.refused().iter().sum::<u64>()).sum();
    drop(world);
    if power_cut {
        disk.survive_power_cut(RINGS.as_ref());
    } else {
        disk.survive_kill();
    }
    ledger.power_cut = power_cut;
    let recovered = recover_somehow(&mut dice, &disk, faults, &directory, &held);
    disk.set_faults(Faults::default());
    let lost = judge(&disk, &directory, run_id, &ledger, &held);
    Outcome { committed: ledger.committed(), refused: ledger.refused, lost, recovered, power_cut }
}

fn choose_faults(dice: &mut Dice) -> Faults {
    let mut often = |times: u64| if dice.once_in(2) { 0 } else { times + dice.below(times * 4) };
    Faults { short_write: often(5), io_error: often(40), sync_error: often(5), full: often(60) }
}

fn write_pointer(disk: &Disk, directory: &RunDirectory) {
    let text = format!("{RINGS}\n");
    let mut file =
        disk.open(&directory.rings_pointer(), Open::Write).expect("a disk without faults");
    write_all(file.as_mut(), 0, text.as_bytes()).expect("a disk without faults");
    file.sync().expect("a disk without faults");
    disk.sync_directory(directory.path()).expect("a disk without faults");
}

fn sinks(disk: &Disk, held: &[Held], dice: &mut Dice) -> Vec<Box<dyn Sink>> {
    let remote = |name, appetite, held: &Held, dice: &mut Dice| -> Box<dyn Sink> {
        let fails = if dice.once_in(2) { 0 } else { 4 };
        let dice = Dice::new(dice.next());
        Box::new(Remote { name, appetite, held: Arc::clone(held), disk: disk.clone(), dice, fails })
    };
    vec![
        remote("staged", Appetite::Staged, &held[0], dice),
        remote("synced", Appetite::Synced, &held[1], dice),
    ]
}

/// Recovers until it works; each try may be killed, or fail.
fn recover_somehow(
    dice: &mut Dice,
    disk: &Disk,
    faults: Faults,
    directory: &RunDirectory,
    held: &[Held],
) -> u64 {
    let (mut recovered, mut last) = (0, String::new());
    for attempt in 0..RECOVERIES_MAX {
        if attempt < 3 && dice.once_in(2) {
            disk.kill_in(1 + dice.below(400));
        }
        disk.set_faults(if attempt < 6 { faults } else { Faults::default() });
        let recovery = Recovery {
            directory: directory.clone(),
            sinks: sinks(disk, held, dice),
            io: Arc::new(disk.clone()),
            limits: WriterLimits::new(JOURNAL_BYTES_MAX),
            patience: std::time::Duration::ZERO,
        };
        match catch_unwind(AssertUnwindSafe(|| recover_locked(recovery))) {
            Ok(Ok(done)) => {
                recovered += done.records;
                last = done.delivery.to_string();
                if done.delivery.sinks.iter().all(|sink| sink.pending == 0) {
                    disk.survive_kill();
                    return recovered;
                }
            }
            Ok(Err(error)) => last = error.to_string(),
            Err(payload) if payload.downcast_ref::<Killed>().is_some() => {}
            Err(payload) => resume_unwind(payload),
        }
        disk.survive_kill();
    }
    panic!("the run could not be recovered in {RECOVERIES_MAX} tries: {last}");
}

impl World {
    fn new(
        dice: &mut Dice,
        disk: &Disk,
        run_id: RunId,
        directory: &RunDirectory,
        held: &[Held],
    ) -> Self {
        let io: Arc<dyn Io> = Arc::new(disk.clone());
        let clock = Arc::new(SimClock::default());
        clock.tick();
        let rings = RingDirectory::new(RINGS);
        let identity = Identity { run_id: run_id.to_bytes(), ..Identity::default() };
        let memory = Memory::heap(Stage::file_bytes(STAGE_BYTES));
        let stage =
            Stage::create(memory, STAGE_BYTES, identity, 0).expect("a stage of a valid size");
        disk.map(rings.stage(), Arc::clone(stage.memory()));
        let callsites = Arc::new(Callsites::new());
        callsites.keep_in(io.as_ref(), &rings.dictionary()).expect("a disk without faults");
        // Rings and their dictionary live in memory: it may be full from the start, but does not fail later.
        site(&callsites, CallsiteKind::Event);
        site(&callsites, CallsiteKind::Span);
        let mut drain = Drain::new(Parts {
            stage: stage.writer(),
            callsites: Arc::clone(&callsites),
            timeline: Timeline::new(clock.anchor(), None),
            clock: Some(Arc::clone(&clock) as Arc<dyn Clock>),
            last_seq: 0,
            segment_bytes: SEGMENT_BYTES,
        });
        let limits = WriterLimits::new(JOURNAL_BYTES_MAX);
        let writer =
            Writer::new(Arc::clone(&io), directory.journal(), stage.clone(), limits, Join::new());
        let runner = |sink| {
            let reader = Reader::new(
                Arc::clone(&io),
                Some(directory.journal()),
                run_id,
                Some(stage.clone()),
            );
            Runner::new(sink, reader, Arc::clone(&io), Some(directory.cursors()), run_id)
        };
        let runners = sinks(disk, held, dice).into_iter().map(runner).collect();
        let shape = Shape::new(4096, 512).expect("a valid shape");
        let speak = |number: u32| {
            let memory = Memory::heap(shape.file_bytes());
            let identity = Identity { number, ..identity };
            let ring = Ring::create(memory, shape, identity, TickSource::Monotonic)
                .expect("memory of that size");
            disk.map(rings.ring(number), Arc::clone(ring.memory()));
            drain.add_ring(number, ring.consumer(None), [0; 8]);
            let producer =
                ring.claim(State::Fresh, State::Live, &Owner::default()).expect("a fresh ring");
            let number = u64::from(number);
            Speaker {
                number,
                producer,
                context: Context::new(),
                context_told: true,
                next: 1,
                open: Vec::new(),
            }
        };
        let speakers = (0..1 + dice.below(3) as u32).map(speak).collect();
        Self {
            dice: Dice::new(dice.next()),
            disk: disk.clone(),
            io,
            clock,
            callsites,
            stage,
            drain,
            writer: writer.expect("a disk without faults"),
            runners,
            speakers,
            next_span: 1,
            stalls: dice.once_in(4),
        }
    }

    /// Lives until it is killed.
    fn live(&mut self, ledger: &mut Ledger) {
        loop {
            self.disk.tick();
            match self.dice.below(if self.stalls { 40 } else { 20 }) {
                0..=7 => {
                    for _ in 0..1 + self.dice.below(12) {
                        self.speak(ledger);
                    }
                }
                8..=11 => self.drain(),
                12..=13 => self.write(),
                14 => self.sync(),
                15..=17 => self.deliver(),
                18 => {
                    self.clock.ns.fetch_add(self.dice.below(2_000_000_000), Ordering::Relaxed);
                }
                _ if self.stalls => self.drain(),
                _ => self.write(),
            }
        }
    }

    fn speak(&mut self, ledger: &mut Ledger) {
        let index = self.dice.below(self.speakers.len() as u64) as usize;
        let what = self.dice.below(10);
        let ticks = self.clock.tick();
        let speaker = &mut self.speakers[index];
        if self.dice.once_in(6) {
            let value = format!("r{}", self.dice.below(5));
            speaker.context = if value == "r0" {
                Context::new()
            } else {
                Context::new().with("request_id", value)
            };
            speaker.context_told = false;
        }
        let mut encoder = Encoder::new(1 << 10);
        let span = speaker.open.last().map(|(span, _)| *span);
        let (kind, level) = match what {
            0 if speaker.open.len() < 4 => {
                let id = self.next_span;
                self.next_span += 1;
                let span = SpanRef {
                    span: SpanId::new(id).expect("not zero"),
                    trace: TraceId::new(7).expect("not zero"),
                };
                body::begin_span(
                    &mut encoder,
                    site(&self.callsites, CallsiteKind::Span),
                    span,
                    None,
                );
                encoder.u64(Attribute::Field(0), id);
                encoder.finish();
                (Kind::SpanStart, Level::Info)
            }
            1 if span.is_some() => {
                let (span, start) = speaker.open.last().copied().expect("one is open");
                let callsite = site(&self.callsites, CallsiteKind::Span);
                let end = SpanEnd {
                    callsite,
                    span,
                    parent: None,
                    start,
                    duration: 0,
                    is_unfinished: false,
                };
                encoder.fixed(&end.encode());
                (Kind::SpanEnd, Level::Info)
            }
            _ => {
                body::begin_event(
                    &mut encoder,
                    site(&self.callsites, CallsiteKind::Event),
                    span,
                    false,
                );
                encoder.u64(Attribute::Field(0), speaker.number);
                encoder.u64(Attribute::Field(1), speaker.next);
                let long = if what == 2 { 700 } else { 20 };
                encoder.text(Attribute::Field(2), &"x".repeat(self.dice.below(long) as usize));
                encoder.finish();
                (Kind::Event, if what == 3 { Level::Error } else { Level::Info })
            }
        };
        let entry = Entry {
            kind: kind as u8,
            level: level as u8,
            ticks,
            context: speaker.context.as_bytes(),
            context_changed: !speaker.context_told,
            body: encoder.as_bytes(),
        };
        let clock = &self.clock;
        if speaker.producer.push(&entry, || clock.anchor()).is_err() {
            speaker.producer.count_refused(level as u8);
            return;
        }
        speaker.context_told = true;
        match kind {
            Kind::Event => {
                ledger.commit(speaker.number, speaker.next, &speaker.context);
                speaker.next += 1;
            }
            Kind::SpanStart => {
                let started =
                    body::SpanStart::decode(encoder.as_bytes()).expect("just written").span;
                speaker.open.push((started, ticks));
                ledger.others += 1;
            }
            _ => {
                speaker.open.pop();
                ledger.others += 1;
            }
        }
    }

    fn drain(&mut self) {
        if self.drain.pass() == Pass::NoRoom
            && !self.drain.make_room(self.stage.moved())
            && self.dice.once_in(if self.stalls { 3 } else { 30 })
        {
            self.drain.overwrite();
        }
    }

    /// A writer that fails is asked again, as its thread would.
    fn write(&mut self) {
        drop(self.writer.step());
    }

    fn sync(&mut self) {
        drop(self.writer.sync());
    }

    fn deliver(&mut self) {
        let index = self.dice.below(self.runners.len() as u64) as usize;
        let limits = Limits { staged: self.stage.head(), synced: self.writer.synced() };
        self.runners[index].step(limits, self.clock.ns.load(Ordering::Relaxed));
    }

    /// The number of the last record that a power cut may not take.
    fn synced_seq(&self) -> u64 {
        let directory: PathBuf = self.writer.directory().to_owned();
        let run_id = RunId::from_bytes(self.stage.identity().run_id);
        let mut reader = Reader::new(Arc::clone(&self.io), Some(directory), run_id, None);
        self.disk.set_faults(Faults::default());
        while let Ok(obs_recorder::journal::Fill::Some) = reader.fill(self.writer.synced()) {
            while reader.next().is_some() {}
        }
        reader.last_seq()
    }
}

fn site(callsites: &Callsites, kind: CallsiteKind) -> u32 {
    let key = Key::Text(format!("{kind:?}").into());
    let fields = match kind {
        CallsiteKind::Span => vec!["id".to_owned()],
        _ => vec!["producer".to_owned(), "number".to_owned(), "filling".to_owned()],
    };
    let describe = || Callsite {
        kind,
        level: Level::Info,
        name: "site".into(),
        target: "sim".into(),
        file: None,
        line: None,
        fields,
    };
    callsites.of(&key, describe).number
}
