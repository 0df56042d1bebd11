//! Golden files: today's writers make these very bytes, and today's readers find the known content in them.
//!
//! `UPDATE_EXPECT=1 cargo test -p fuzz golden` writes them anew. A format that is released changes its version, and
//! the old golden file stays, for its readers.
use crate::handed::entries;
use crate::made::goldens;
use fuzz::golden::{self, RUN_DIRECTORY, START_NS};
use fuzz::memory::Memory;
use fuzz::segment::Told;
use fuzz::{bundle, recovery, ring, segment, stage};
use obs_core::{CallsiteKind, Level, Settings};
use obs_recorder::failures::Failures;
use obs_recorder::layout::RunDirectory;
use obs_recorder::{Callsites, Cursor, EndKind, Summary};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

#[expect(clippy::disallowed_methods, reason = "the usual way to renew what tests expect")]
fn is_update() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}

#[test]
fn golden_files_are_what_todays_writers_make() {
    let made = goldens();
    if is_update() {
        made.iter().for_each(|(name, bytes)| fs::write(folder().join(name), bytes).unwrap());
    }
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(made.keys().eq(names.iter()), "{names:?}");
    for (name, bytes) in made {
        let golden = fs::read(folder().join(name)).unwrap();
        if name == "support.zip" {
            // How well contents are packed is up to the packer, and that may differ between processors.
            assert!(entries(&golden) == entries(&bytes), "other contents in {name}");
            continue;
        }
        let first = golden.iter().zip(&bytes).position(|(old, new)| old != new);
        assert!(golden == bytes, "{name} is another one, from byte {first:?} on");
    }
}

#[test]
fn the_golden_ring_stage_and_dictionary_hold_what_was_written() {
    let records = ring::read(golden::RING).unwrap();
    let kinds: Vec<u8> = records.iter().map(|record| record.what.0).collect();
    assert_eq!(kinds[kinds.len() - 4..], [16, 17, 16, 16], "event, span, events");
    let last = records.last().unwrap();
    assert_eq!(last.what, (16, Level::Info as u8));
    let text = String::from_utf8_lossy(&last.body).into_owned();
    assert!(text.contains("last words"), "{text:?}");
    let frames = stage::read(golden::STAGE).unwrap();
    assert_eq!(frames.last().unwrap().0 % 8, 0);
    let staged = frames.iter().filter(|(_, bytes)| contains(bytes, b"staged")).count();
    assert_eq!(staged, 3);
    let callsites = Callsites::read(golden::DICTIONARY);
    let load = &callsites.by_number(2).unwrap().callsite;
    assert_eq!((load.kind, load.name.as_str()), (CallsiteKind::Span, "load"));
    assert_eq!((load.line, load.fields.as_slice()), (Some(42), &["rows".to_owned()][..]));
    assert!(callsites.by_number(3).is_some() && callsites.by_number(4).is_none());
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn the_golden_journal_and_cursor_hold_what_was_written() {
    let told = segment::read(&segment::golden());
    let seqs: Vec<u64> = told
        .iter()
        .map(|told| match told {
            Told::Record(seen) => seen.seq,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(seqs.iter().copied().eq(1..=19), "{seqs:?}");
    let Told::Record(began) = &told[2] else { panic!("{:?}", told[2]) };
    assert!(began.what.starts_with("2026-11-22T09:58:03.126456789Z Info"), "{}", began.what);
    assert!(began.what.contains("began") && began.context.as_deref() == Some(&[]));
    let cursor = Cursor::decode(golden::CURSOR, golden::run_id()).unwrap();
    assert_eq!((cursor.seq, cursor.lost), (19, 0));
}

#[test]
fn the_golden_run_is_recovered_to_the_golden_lines() {
    let memory = Memory::new(recovery::golden());
    let recovered = recovery::recover(&memory).unwrap();
    assert_eq!((recovered.end.kind, recovered.open_spans), (EndKind::Signal, 2));
    let path = Path::new(RUN_DIRECTORY).join("log.jsonl");
    assert!(memory.files()[&path] == golden::LOG, "line for line");
    let left = memory.files().into_keys().filter(|path| path.ends_with("stage")).count();
    assert_eq!(left, 0, "the rings have served");
}

#[test]
fn the_golden_documents_say_what_was_written() {
    let run = RunDirectory::new(RUN_DIRECTORY);
    let memory = Memory::new(recovery::golden());
    let summary = Summary::load(&memory, run.path()).unwrap();
    assert_eq!((summary.service.as_str(), summary.pid, summary.end), ("acm-batch", 4711, None));
    let failures: Failures = serde_json::from_slice(golden::FAILURES).unwrap();
    let [group] = &failures.groups[..] else { panic!("{failures:?}") };
    assert_eq!((group.count, group.kind, &*group.service), (1, EndKind::Signal, "acm-batch"));
    let rings = run.rings(&memory, golden::run_id()).unwrap().unwrap();
    assert_eq!(rings.path(), run.path().join("rings"));
    let environment: Value = serde_json::from_slice(golden::ENVIRONMENT).unwrap();
    assert_eq!(environment["sections"]["db"]["password"], "[REDACTED:name:password]");
    assert_eq!((&environment["format"], &environment["os"]["id"]), (&1.into(), &"debian".into()));
    let text = std::str::from_utf8(golden::SETTINGS).unwrap();
    let settings = Settings::from_toml("obs.toml", text).unwrap();
    assert_eq!((settings.ring_bytes, settings.log_level), (65_536, Level::Debug));
    assert_eq!(settings.sync_interval.as_millis(), 500);
    assert!(settings.problems.is_empty(), "{:?}", settings.problems);
}

#[test]
fn the_golden_bundle_is_whole() {
    let report = bundle::judge(golden::BUNDLE);
    assert!(report.is_whole(), "{report}");
    let manifest = report.manifest.unwrap();
    let run = manifest.run.unwrap();
    assert_eq!((run.id, run.records), (golden::run_id().to_string(), 30));
    assert!(manifest.bundle.created_at.starts_with("2026-11-22T09:58:03.1"), "from {START_NS}");
}
