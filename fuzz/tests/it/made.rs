//! The files that today's writers make of the golden run, up to its death and its recovery.
use crate::handed;
use crate::pages;
use crate::run::{Run, Sizes};
use fuzz::golden::{self, RUN_DIRECTORY};
use fuzz::memory::{Files, Memory};
use fuzz::recovery;
use obs_core::encode::Key::{Field, Name};
use obs_core::io::{Io, replace};
use obs_core::wire::Kind;
use obs_core::{CallsiteKind, UnixNanos};
use obs_log::{JsonlOptions, JsonlSink};
use obs_recorder::failures::{Failures, path, save};
use obs_recorder::journal::Reader;
use obs_recorder::{Limits, Runner, Step, Summary};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SIZES: Sizes = Sizes { ring_bytes: 4096, stage_bytes: 8192, segment_bytes: 2048 };

/// The golden files, by name.
pub(crate) type Goldens = BTreeMap<&'static str, Vec<u8>>;

/// Makes all of them.
pub(crate) fn goldens() -> Goldens {
    let mut run = Run::new(SIZES);
    let sites = Sites::of(&run);
    first_part(&mut run, &sites);
    run.drain();
    run.write();
    deliver(&run);
    second_part(&mut run, &sites);
    run.drain();
    third_part(&mut run, &sites);
    summarise(&run);
    let rings = run.rings();
    let line = format!("{}\n", rings.path().display());
    for (path, bytes) in [
        (run.directory.rings_pointer(), line.into_bytes()),
        (rings.ring(0), run.ring.memory().snapshot()),
        (rings.stage(), run.stage.memory().snapshot()),
        (rings.crash(), pages::page()),
    ] {
        replace(&run.disk, &path, &bytes).unwrap();
    }
    let dead = run.disk.files();
    let mut goldens = named(&dead);
    let recovered = recovered(dead);
    for name in ["log.jsonl", "spans.jsonl"] {
        goldens.insert(name, recovered[&Path::new(RUN_DIRECTORY).join(name)].clone());
    }
    goldens.insert("failures.json", failures(&recovered));
    goldens.extend(handed::over(&recovered));
    goldens.insert("frames", pages::frames());
    goldens
}

struct Sites {
    event: u32,
    values: u32,
    load: u32,
    step: u32,
}

impl Sites {
    fn of(run: &Run) -> Self {
        let fields = ["whole", "signed", "part", "huge", "yes", "none", "bytes", "why", "token"];
        Self {
            event: run.callsite(CallsiteKind::Event, "", &["message", "n"]),
            values: run.callsite(CallsiteKind::Event, "values", &fields),
            load: run.callsite(CallsiteKind::Span, "load", &["rows"]),
            step: run.callsite(CallsiteKind::Span, "step", &[]),
        }
    }
}

fn say(run: &mut Run, sites: &Sites, span: Option<u64>, text: &str, n: u64) {
    run.event(sites.event, span, &|encoder| {
        encoder.text(Field(0), text);
        encoder.u64(Field(1), n);
    });
}

/// What reached the disk.
fn first_part(run: &mut Run, sites: &Sites) {
    run.introduce("main");
    run.attributes(Kind::RunContext, &|encoder| encoder.text(Name("equip_id"), "FD_FAN"));
    say(run, sites, None, "began", 1);
    run.event(sites.values, None, &|encoder| {
        encoder.u64(Field(0), 1500);
        encoder.i64(Field(1), -7);
        encoder.f64(Field(2), 0.25);
        encoder.u128(Field(3), u128::MAX);
        encoder.bool(Field(4), true);
        encoder.null(Field(5));
        encoder.bytes(Field(6), b"\0\xff");
        encoder.error(Field(7), &std::fmt::Error);
        encoder.redacted(Field(8), "name:token");
    });
    run.enter(Some(&|encoder| encoder.text(Name("request_id"), "r-1")));
    run.begin(sites.load, 1, 0, &|encoder| encoder.u64(Field(0), 3));
    say(run, sites, Some(1), "line one\nline two \u{1b}[31m \u{202e}", 2);
    run.drain();
    run.begin(sites.step, 2, 1, &|_| {});
    run.link(2, 1);
    run.add(sites.step, 2, &|encoder| encoder.text(Name("late"), "yes"));
    say(run, sites, Some(2), &"long ".repeat(90), 3);
    let start = run.ticks - 4_000_000;
    run.end(sites.step, 2, 1, start);
    run.enter(None);
    run.refuse(2);
    run.drain();
    for n in 4..10 {
        run.enter(Some(&|encoder| encoder.u64(Name("job_id"), n)));
        say(run, sites, Some(1), "batch loaded", n);
    }
    run.attributes(Kind::Artifact, &|encoder| {
        encoder.text(Name("path"), "/nonexistent/model.onnx");
        encoder.text(Name("role"), "model");
    });
}

/// What was staged when it died.
fn second_part(run: &mut Run, sites: &Sites) {
    for n in 10..13 {
        say(run, sites, Some(1), "staged", n);
    }
    run.begin(sites.step, 3, 1, &|_| {});
}

/// What was in its ring alone.
fn third_part(run: &mut Run, sites: &Sites) {
    run.enter(Some(&|encoder| encoder.text(Name("request_id"), "r-2")));
    say(run, sites, Some(3), "committed", 13);
    say(run, sites, Some(3), "last words", 14);
}

/// Gives the sink of `log.jsonl` what is on the disk, so that there is a cursor.
fn deliver(run: &Run) {
    let io: Arc<dyn Io> = Arc::new(run.disk.clone());
    let (path, run_id) = (PathBuf::from(RUN_DIRECTORY), golden::run_id());
    let journal = Some(run.directory.journal());
    let sink = JsonlSink::log(Arc::clone(&io), path, run_id, JsonlOptions::default());
    let reader = Reader::new(Arc::clone(&io), journal, run_id, None);
    let cursors = Some(run.directory.cursors());
    let mut runner = Runner::new(Box::new(sink), reader, io, cursors, run_id);
    let limits = Limits { staged: run.synced(), synced: run.synced() };
    // A second later each time, so that no pause of the sink holds anything back.
    let mut seconds = 1..;
    while runner.step(limits, seconds.next().unwrap() * 1_000_000_000) != Step::Idle {}
    runner.settle(limits).unwrap();
}

fn summarise(run: &Run) {
    let mut summary = Summary::new(golden::run_id(), "acm-batch");
    summary.pid = 4711;
    summary.boot_id = "626f6f74-206f-6620-7468-652074657374".to_owned();
    summary.started_at = UnixNanos(golden::START_NS).to_string();
    summary.rings = format!("{} (disk)", run.rings().path().display());
    summary.save(&run.disk, Path::new(RUN_DIRECTORY)).unwrap();
}

/// The goldens among the files of the run directory.
fn named(files: &Files) -> Goldens {
    const NAMES: [&str; 10] = [
        "000000.ring",
        "stage",
        "callsites",
        "crash",
        "000001.seg",
        "000002.seg",
        "log.cursor",
        "run.json",
        "rings.path",
        "log.jsonl",
    ];
    let of = |name: &'static str| {
        let file = files.iter().find(|(path, _)| path.ends_with(name));
        (name, file.unwrap_or_else(|| panic!("no {name} in {:?}", files.keys())).1.clone())
    };
    NAMES.into_iter().map(of).collect()
}

/// The failures beside the run directory, once the run is counted.
fn failures(files: &Files) -> Vec<u8> {
    let (memory, root) = (Memory::new(files.clone()), Path::new("/runs"));
    let run = Summary::load(&memory, Path::new(RUN_DIRECTORY)).unwrap();
    let mut failures = Failures::default();
    assert_eq!(failures.count(&run).unwrap().number, 1);
    save(&memory, root, &failures).unwrap();
    memory.files()[&path(root)].clone()
}

/// The run directory after recovery.
fn recovered(files: Files) -> Files {
    let memory = Memory::new(files);
    assert!(RUN_DIRECTORY.ends_with(&golden::run_id().to_string()), "called as its run");
    let recovered = recovery::recover(&memory).unwrap();
    assert_eq!(recovered.delivery.lost, 2, "those that were refused");
    memory.files()
}
