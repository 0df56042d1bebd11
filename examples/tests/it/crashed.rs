//! A run that is killed half-way.
use crate::{program, tree};
use obs::Settings;
use obs_test::lines::{self, with};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

const SIGKILL: i32 = 9;

#[test]
fn after_a_kill_half_way_recovery_shows_what_it_was_doing() {
    let place = tempfile::tempdir().unwrap();
    let (sources, runs) = (place.path().join("sources"), place.path().join("runs"));
    tree::make_many(&sources, 600);
    let output = program::run(&sources, &runs, &["--crash", "--threads", "2"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.signal(), Some(SIGKILL), "{said}");
    let directory = Path::new(program::labelled(&said, "run  "));
    let next = format!("cargo run --release --bin obs -- recover {}", directory.display());
    assert_eq!(said.lines().last().map(str::trim), Some(next.as_str()));
    assert!(said.contains("with 301 of 601 files done"), "{said}");

    let recovered = obs::recover(directory, &Settings::default()).unwrap();
    assert_eq!(recovered.end.kind.as_str(), "killed", "{:?}", recovered.end);
    assert_eq!(recovered.delivery.lost, 0);
    assert!(recovered.delivery.is_complete(), "{}", recovered.delivery);

    let log = lines::read(&directory.join("log.jsonl"));
    let indexed = with(&log, "event", "file indexed");
    assert!((301..=601).contains(&indexed.len()), "{}", indexed.len());
    let paths: BTreeSet<_> = indexed.iter().map(|line| line["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), indexed.len(), "no file twice");
    assert!(indexed.iter().all(|line| line["crate"] == "many-0.1.0"));
    let end = log.last().unwrap();
    assert_eq!((&end["event"], &end["kind"]), (&json!("run ended"), &json!("killed")));

    let spans = lines::read(&directory.join("spans.jsonl"));
    let open: Vec<_> = spans.iter().filter(|span| span.contains_key("unfinished")).collect();
    assert_eq!(open.len() as u64, recovered.open_spans);
    assert_eq!(open_in(&open, "index"), ["main"]);
    let in_files = open_in(&open, "file");
    assert!((1..=2).contains(&in_files.len()), "one died in a file: {open:?}");
    let working = open_in(&open, "worker");
    assert!(in_files.iter().all(|thread| working.contains(thread)), "{open:?}");
}

/// The threads that were in a span of this name.
fn open_in<'a>(open: &[&'a Map<String, Value>], name: &str) -> Vec<&'a str> {
    let named = open.iter().filter(|span| span["name"] == name);
    named.map(|span| span["thread"].as_str().unwrap()).collect()
}
