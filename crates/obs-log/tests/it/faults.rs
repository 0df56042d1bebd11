//! `JsonlSink` while everything goes wrong: no line is lost, comes twice, or is torn.
use crate::frames::{Frames, run_id, site};
use crate::lines::seqs;
use crate::memory::{Fault, Memory};
use obs_core::encode::Key::{Field, Name};
use obs_core::{CallsiteKind, Level, Sink, SinkError};
use obs_log::{JsonlOptions, JsonlSink};
use std::io::ErrorKind;
use std::sync::Arc;

const EVENTS: u64 = 45;
const BATCH: usize = 7;

/// Events of different lengths, some of them below the sink's level.
fn journal() -> (Frames, Vec<u64>) {
    let mut frames = Frames::new();
    let sites = [Level::Info, Level::Debug].map(|level| {
        frames.callsite(&site(CallsiteKind::Event, level, "", &["message", "number"]))
    });
    let mut expected = Vec::new();
    for number in 0..EVENTS {
        let is_debug = number % 11 == 3;
        frames.time += 1_000_000;
        frames.event(sites[usize::from(is_debug)], None, &|encoder| {
            encoder.text(Field(0), &"long ".repeat(number as usize * 7 % 90));
            encoder.u64(Name("number"), number);
        });
        if !is_debug {
            expected.push(frames.seq);
        }
    }
    (frames, expected)
}

fn options() -> JsonlOptions {
    let mut options = JsonlOptions::default();
    (options.rotate_bytes, options.files_max) = (3_000, 0);
    options
}

fn sink(memory: &Memory, options: &JsonlOptions) -> JsonlSink {
    JsonlSink::log(Arc::new(memory.clone()), "/run", run_id(), options.clone())
}

/// What drives a sink: it knows up to where records were acknowledged.
struct Runner<'f> {
    frames: &'f Frames,
    sink: JsonlSink,
    acknowledged: u64,
    flushed: u64,
    batches: u64,
}

impl<'f> Runner<'f> {
    fn start(
        memory: &Memory,
        frames: &'f Frames,
        options: &JsonlOptions,
        cursor: u64,
    ) -> Result<Self, SinkError> {
        let mut sink = JsonlSink::log(Arc::new(memory.clone()), "/run", run_id(), options.clone());
        let acknowledged = sink.resume()?.unwrap_or(cursor);
        Ok(Self { frames, sink, acknowledged, flushed: 0, batches: 0 })
    }

    /// Offers one batch; false when there are no more.
    fn step(&mut self) -> Result<bool, SinkError> {
        let mut records = self.frames.records_behind(self.acknowledged);
        self.sink.write(records.limit(BATCH))?;
        let is_end = self.acknowledged == records.last_seq();
        self.acknowledged = records.last_seq();
        self.batches += 1;
        if self.batches.is_multiple_of(3) || is_end {
            self.sink.flush()?;
            self.flushed = self.acknowledged;
        }
        Ok(!is_end)
    }

    fn run(&mut self) -> Result<(), SinkError> {
        while self.step()? {}
        Ok(())
    }
}

/// Starts a sink and drives it to the end, again and again while it fails.
fn run_patiently(memory: &Memory, frames: &Frames, options: &JsonlOptions, mut cursor: u64) {
    for _ in 0..20 {
        let Ok(mut runner) = Runner::start(memory, frames, options, cursor) else { continue };
        for _ in 0..20 {
            if runner.run().is_ok() {
                return;
            }
            cursor = runner.acknowledged;
        }
    }
    panic!("never came to the end");
}

fn operations_of_a_whole_run(frames: &Frames) -> u64 {
    let memory = Memory::default();
    run_patiently(&memory, frames, &options(), 0);
    memory.operations()
}

#[test]
fn a_run_without_faults_writes_every_line_once_into_compressed_files() {
    let (frames, expected) = journal();
    let memory = Memory::default();
    run_patiently(&memory, &frames, &options(), 0);
    let files = memory.contents();
    assert_eq!(seqs(&files), expected);
    let names: Vec<_> = files.keys().map(|path| path.display().to_string()).collect();
    expect_test::expect![[r#"
        [
            "/run/log.0001.jsonl.gz",
            "/run/log.0002.jsonl.gz",
            "/run/log.0003.jsonl.gz",
            "/run/log.0004.jsonl.gz",
            "/run/log.0005.jsonl.gz",
            "/run/log.jsonl",
        ]
    "#]]
    .assert_debug_eq(&names);
}

#[test]
fn a_kill_at_any_operation_loses_and_doubles_no_line() {
    let (frames, expected) = journal();
    for first in 0..operations_of_a_whole_run(&frames) {
        for second in [None, Some(first % 13), Some(first % 37 + 13)] {
            let memory = Memory::default();
            let mut cursor = 0;
            for at in [Some(first), second].into_iter().flatten() {
                memory.set_fault(Fault::Kill(at));
                if let Ok(mut runner) = Runner::start(&memory, &frames, &options(), cursor) {
                    let is_killed = runner.run().is_err();
                    assert!(is_killed || at != first, "operation {at} was never reached");
                    cursor = runner.acknowledged;
                }
            }
            memory.set_fault(Fault::None);
            run_patiently(&memory, &frames, &options(), cursor);
            assert_eq!(seqs(&memory.contents()), expected, "killed at {first}, then {second:?}");
        }
    }
}

#[test]
fn a_power_cut_at_any_operation_loses_and_doubles_no_line() {
    let (frames, expected) = journal();
    let mut after = options();
    after.is_after_power_loss = true;
    for at in 0..operations_of_a_whole_run(&frames) {
        for seed in 0..4 {
            let (memory, mut flushed) = (Memory::default(), 0);
            memory.set_fault(Fault::Kill(at));
            if let Ok(mut runner) = Runner::start(&memory, &frames, &options(), 0) {
                assert!(runner.run().is_err(), "operation {at} was never reached");
                flushed = runner.flushed;
            }
            let mut random = at << 8 | seed;
            memory.cut_power(&mut || {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                match seed {
                    0 => false,
                    1 => true,
                    _ => random >> 62 != 0,
                }
            });
            memory.set_fault(Fault::None);
            let durable = expected.iter().filter(|seq| **seq <= flushed).max();
            let mut sink = sink(&memory, &after);
            let found = sink.resume().or_else(|_| sink.resume()).unwrap();
            assert!(found >= durable.copied(), "cut at {at}, seed {seed}: {found:?}, {durable:?}");
            run_patiently(&memory, &frames, &after, u64::MAX);
            assert_eq!(seqs(&memory.contents()), expected, "cut at {at}, seed {seed}");
        }
    }
}

#[test]
fn an_operation_that_fails_once_loses_and_doubles_no_line() {
    let (frames, expected) = journal();
    for at in 0..operations_of_a_whole_run(&frames) {
        let fail = |kind| Fault::Fail(at, kind);
        for fault in [
            fail(ErrorKind::StorageFull),
            fail(ErrorKind::PermissionDenied),
            fail(ErrorKind::ReadOnlyFilesystem),
            Fault::Short(at),
        ] {
            let memory = Memory::default();
            memory.set_fault(fault);
            run_patiently(&memory, &frames, &options(), 0);
            assert_eq!(seqs(&memory.contents()), expected, "{fault:?}");
        }
    }
}

#[test]
fn after_a_sync_that_failed_a_later_one_makes_all_lines_durable() {
    let (frames, expected) = journal();
    for at in 0..operations_of_a_whole_run(&frames) {
        let memory = Memory::default();
        memory.set_fault(Fault::Fail(at, ErrorKind::Other));
        run_patiently(&memory, &frames, &options(), 0);
        memory.cut_power(&mut || false);
        assert_eq!(seqs(&memory.contents()), expected, "operation {at} failed");
    }
}

#[test]
fn an_error_names_the_file_and_the_cause() {
    let (frames, _) = journal();
    let memory = Memory::default();
    let mut runner = Runner::start(&memory, &frames, &options(), 0).unwrap();
    memory.set_fault(Fault::Fail(1, ErrorKind::StorageFull));
    let error = runner.step().unwrap_err();
    expect_test::expect![[r#"cannot write "/run/log.jsonl": no storage space"#]]
        .assert_eq(&error.to_string());
}
