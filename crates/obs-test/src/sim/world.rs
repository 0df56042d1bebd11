//! One seed: a run, its end, its recovery, the judgement.
use super::Dice;
use super::disk::{Disk, Faults, Killed};
use super::judge::{Ledger, judge};
use super::sinks::{Held, Remote};
use super::speaker::{Speaker, site};
use obs_core::io::{Io, Open, write_all};
use obs_core::join::Join;
use obs_core::redact::Rules;
use obs_core::sink::Appetite;
use obs_core::{CallsiteKind, RunId, Sink};
use obs_log::{JsonlOptions, JsonlSink};
use obs_recorder::drain::{Drain, Parts, Pass};
use obs_recorder::journal::{Reader, Writer, WriterLimits};
use obs_recorder::layout::{RingDirectory, RunDirectory};
use obs_recorder::recover::{Patience, Recovery, recover_locked, run_id_of};
use obs_recorder::{Callsites, Clock, Limits, Redaction, Runner, Timeline};
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::ring::{Owner, Producer, Ring, Shape, State};
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
pub(super) struct SimClock {
    ns: AtomicU64,
}

impl Clock for SimClock {
    fn anchor(&self) -> Anchor {
        let ns = self.ns.load(Ordering::Relaxed);
        Anchor::new(ns, ns, 1_700_000_000_000_000_000 + ns)
    }
}

impl SimClock {
    pub(super) fn tick(&self) -> u64 {
        self.ns.fetch_add(100, Ordering::Relaxed) + 100
    }
}

struct World {
    dice: Dice,
    disk: Disk,
    io: Arc<dyn Io>,
    clock: Arc<SimClock>,
    stage: Stage,
    drain: Drain,
    writer: Writer,
    runners: Vec<Runner>,
    speakers: Vec<Speaker>,
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
    let run_id = RunId::new(1, u128::from(seed));
    let directory = RunDirectory::new(format!("/runs/2026-11-22T09-58-03Z_{run_id}"));
    let held = (0..2).map(|_| Held::default()).collect();
    let mut site = Site { disk: disk.clone(), directory, held, faults, power_cut: false };
    write_pointer(&disk, &site.directory);
    let mut world = World::new(&mut dice, &site);
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
    site.power_cut = power_cut;
    site.survive();
    let recovered = site.recover(&mut dice);
    ledger.power_cut = site.power_cut;
    disk.set_faults(Faults::default());
    let lost = judge(&disk, &site.directory, run_id, &ledger, &site.held);
    let power_cut = site.power_cut;
    Outcome { committed: ledger.committed(), refused: ledger.refused, lost, recovered, power_cut }
}

/// A disk that is sick in one of two ways: now and then, or, in every fourth seed, most of the time.
fn choose_faults(dice: &mut Dice) -> Faults {
    let [short_write, io_error, sync_error, full] =
        if dice.once_in(4) { [2, 6, 2, 12] } else { [5, 40, 5, 60] };
    let mut often = |times: u64| if dice.once_in(2) { 0 } else { times + dice.below(times * 4) };
    Faults {
        short_write: often(short_write),
        io_error: often(io_error),
        sync_error: often(sync_error),
        full: often(full),
    }
}

fn write_pointer(disk: &Disk, directory: &RunDirectory) {
    let text = format!("{RINGS}\n");
    let mut file =
        disk.open(&directory.rings_pointer(), Open::Write).expect("a disk without faults");
    write_all(file.as_mut(), 0, text.as_bytes()).expect("a disk without faults");
    file.sync().expect("a disk without faults");
    disk.sync_directory(directory.path()).expect("a disk without faults");
}

/// What outlives the program.
struct Site {
    disk: Disk,
    directory: RunDirectory,
    held: Vec<Held>,
    faults: Faults,
    power_cut: bool,
}

impl Site {
    fn run_id(&self) -> RunId {
        run_id_of(&self.disk, &self.directory).expect("a directory with a run's name")
    }

    fn sinks(&self, dice: &mut Dice) -> Vec<Box<dyn Sink>> {
        let mut options = JsonlOptions::default();
        options.level = obs_core::Level::Trace;
        options.rotate_bytes = if dice.once_in(2) { 0 } else { 4_000 + dice.below(20_000) };
        options.files_max = 0;
        options.gzip = dice.once_in(2);
        options.is_after_power_loss = self.power_cut;
        let io: Arc<dyn Io> = Arc::new(self.disk.clone());
        let (path, run_id) = (self.directory.path(), self.run_id());
        vec![
            self.remote("staged", Appetite::Staged, 0, dice),
            self.remote("synced", Appetite::Synced, 1, dice),
            Box::new(JsonlSink::log(Arc::clone(&io), path, run_id, options.clone())),
            Box::new(JsonlSink::spans(io, path, run_id, options)),
        ]
    }

    fn remote(
        &self,
        name: &'static str,
        appetite: Appetite,
        held: usize,
        dice: &mut Dice,
    ) -> Box<dyn Sink> {
        let fails = if dice.once_in(2) { 0 } else { 4 };
        let dice = Dice::new(dice.next());
        let held = Arc::clone(&self.held[held]);
        Box::new(Remote { name, appetite, held, disk: self.disk.clone(), dice, fails })
    }

    /// After a kill or a power cut: what was mapped outlives a kill alone.
    fn survive(&self) {
        if self.power_cut {
            self.disk.survive_power_cut(RINGS.as_ref());
        } else {
            self.disk.survive_kill();
        }
    }

    /// Recovers until it works; each try may be killed, or fail, or the power may go.
    fn recover(&mut self, dice: &mut Dice) -> u64 {
        let (mut recovered, mut last) = (0, String::new());
        for attempt in 0..RECOVERIES_MAX {
            if attempt < 3 && dice.once_in(2) {
                self.disk.kill_in(1 + dice.below(400));
            }
            self.disk.set_faults(if attempt < 6 { self.faults } else { Faults::default() });
            let recovery = Recovery {
                directory: self.directory.clone(),
                sinks: self.sinks(dice),
                io: Arc::new(self.disk.clone()),
                rules: Rules::default(),
                limits: WriterLimits::new(JOURNAL_BYTES_MAX),
                patience: Patience::new(std::time::Duration::ZERO),
            };
            match catch_unwind(AssertUnwindSafe(|| recover_locked(recovery))) {
                Ok(Ok(done)) => {
                    recovered += done.records;
                    last = done.delivery.to_string();
                    if done.delivery.sinks.iter().all(|sink| sink.pending == 0) {
                        self.disk.survive_kill();
                        return recovered;
                    }
                    self.disk.survive_kill();
                }
                Ok(Err(error)) => {
                    last = error.to_string();
                    self.disk.survive_kill();
                }
                Err(payload) if payload.downcast_ref::<Killed>().is_some() => {
                    if dice.once_in(4) {
                        self.power_cut = true;
                        self.disk.survive_power_cut(RINGS.as_ref());
                    } else {
                        self.disk.survive_kill();
                    }
                }
                Err(payload) => resume_unwind(payload),
            }
        }
        panic!("the run could not be recovered in {RECOVERIES_MAX} tries: {last}");
    }
}

impl World {
    fn new(dice: &mut Dice, site: &Site) -> Self {
        let (disk, directory, run_id) = (&site.disk, &site.directory, site.run_id());
        let io: Arc<dyn Io> = Arc::new(disk.clone());
        let clock = Arc::new(SimClock::default());
        clock.tick();
        let stage = make_stage(disk, run_id);
        let callsites = make_callsites(io.as_ref());
        let mut drain = Drain::new(Parts {
            stage: stage.writer(),
            callsites: Arc::clone(&callsites),
            timeline: Timeline::new(clock.anchor(), None),
            clock: Some(Arc::clone(&clock) as Arc<dyn Clock>),
            last_seq: 0,
            segment_bytes: SEGMENT_BYTES,
            redaction: Redaction::default(),
        });
        let (journal, limits) = (directory.journal(), WriterLimits::new(JOURNAL_BYTES_MAX));
        let writer =
            Writer::new(Arc::clone(&io), journal.clone(), stage.clone(), limits, Join::new());
        let runner = |sink| {
            let reader =
                Reader::new(Arc::clone(&io), Some(journal.clone()), run_id, Some(stage.clone()));
            Runner::new(sink, reader, Arc::clone(&io), Some(directory.cursors()), run_id)
        };
        let runners = site.sinks(dice).into_iter().map(runner).collect();
        let speak = |number: u32| {
            let producer = make_ring(disk, run_id, number, &mut drain);
            Speaker::new(number.into(), producer, Arc::clone(&callsites), Arc::clone(&clock))
        };
        let speakers = (0..1 + dice.below(3) as u32).map(speak).collect();
        Self {
            dice: Dice::new(dice.next()),
            disk: disk.clone(),
            io,
            clock,
            stage,
            drain,
            writer: writer.expect("a disk without faults"),
            runners,
            speakers,
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
        self.speakers[index].speak(&mut self.dice, ledger);
    }

    fn drain(&mut self) {
        if self.drain.pass() == Pass::NoRoom
            && !self.drain.make_room(self.stage.moved(), self.writer.synced())
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

fn identity(run_id: RunId, number: u32) -> Identity {
    Identity { run_id: run_id.to_bytes(), number, ..Identity::default() }
}

fn make_stage(disk: &Disk, run_id: RunId) -> Stage {
    let memory = Memory::heap(Stage::file_bytes(STAGE_BYTES));
    let stage = Stage::create(memory, STAGE_BYTES, identity(run_id, 0), 0).expect("a valid size");
    disk.map(RingDirectory::new(RINGS).stage(), Arc::clone(stage.memory()));
    stage
}

/// Rings and their dictionary live in memory: that may be full from the start, but does not fail later.
fn make_callsites(io: &dyn Io) -> Arc<Callsites> {
    let callsites = Arc::new(Callsites::new());
    callsites.keep_in(io, &RingDirectory::new(RINGS).dictionary()).expect("a disk without faults");
    site(&callsites, CallsiteKind::Event);
    site(&callsites, CallsiteKind::Span);
    callsites
}

fn make_ring(disk: &Disk, run_id: RunId, number: u32, drain: &mut Drain) -> Producer {
    let shape = Shape::new(4096, 512).expect("a valid shape");
    let (memory, source) = (Memory::heap(shape.file_bytes()), TickSource::Monotonic);
    let ring =
        Ring::create(memory, shape, identity(run_id, number), source).expect("memory of that size");
    disk.map(RingDirectory::new(RINGS).ring(number), Arc::clone(ring.memory()));
    drain.add_ring(number, ring.consumer(None), [0; 8]);
    ring.claim(State::Fresh, State::Live, &Owner::default()).expect("a fresh ring")
}
