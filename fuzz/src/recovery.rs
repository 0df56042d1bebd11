//! Recovery, over all that a dead run left.
use crate::damage::{Choice, Chosen, damage};
use crate::golden;
use crate::memory::{Files, Memory};
use obs_core::Sink;
use obs_core::io::Io;
use obs_log::jsonl::verify_tail;
use obs_log::{JsonlOptions, JsonlSink};
use obs_recorder::journal::WriterLimits;
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::{Patience, RecoverError, Recovered, Recovery, recover_locked};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The run directory of the golden run as its death left it.
#[must_use]
pub fn golden() -> Files {
    let run = Path::new(golden::RUN_DIRECTORY);
    let files: [(&str, &[u8]); 10] = [
        ("run.json", golden::RUN_JSON),
        ("rings.path", golden::RINGS_PATH),
        ("rings/000000.ring", golden::RING),
        ("rings/stage", golden::STAGE),
        ("rings/callsites", golden::DICTIONARY),
        ("rings/crash", golden::CRASH),
        ("journal/000001.seg", golden::SEGMENTS[0]),
        ("journal/000002.seg", golden::SEGMENTS[1]),
        ("cursors/log.cursor", golden::CURSOR),
        ("log.jsonl", written()),
    ];
    files.into_iter().map(|(name, bytes)| (run.join(name), bytes.to_vec())).collect()
}

/// The lines that had been written when it died.
fn written() -> &'static [u8] {
    let position = golden::LOG.windows(8).position(|part| part == b"\"staged\"");
    let before = &golden::LOG[..position.unwrap_or(0)];
    &before[..before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)]
}

/// Recovers the golden run from files of its directory.
///
/// # Errors
///
/// What recovery says.
pub fn recover(memory: &Memory) -> Result<Recovered, RecoverError> {
    let directory = RunDirectory::new(golden::RUN_DIRECTORY);
    let io: Arc<dyn Io> = Arc::new(memory.clone());
    let (path, run_id) = (PathBuf::from(golden::RUN_DIRECTORY), golden::run_id());
    let log = JsonlSink::log(Arc::clone(&io), path.clone(), run_id, JsonlOptions::default());
    let spans = JsonlSink::spans(Arc::clone(&io), path, run_id, JsonlOptions::default());
    let sinks: Vec<Box<dyn Sink>> = vec![Box::new(log), Box::new(spans)];
    let limits = WriterLimits::new(1 << 20);
    let rules = obs_core::redact::Rules::default();
    let patience = Patience::new(Duration::ZERO);
    recover_locked(Recovery { directory, sinks, io, rules, limits, patience })
}

/// What lines of the program's own say, numbers and what depends on other records left out, and the context in which
/// they say it; `None` where that is lost.
///
/// # Panics
///
/// When a line is no JSON.
#[must_use]
pub fn sayings(files: &Files, name: &str) -> BTreeMap<String, Option<String>> {
    let path = Path::new(golden::RUN_DIRECTORY).join(name);
    let bytes = files.get(&path).map_or(&[][..], Vec::as_slice);
    let text = std::str::from_utf8(bytes).expect("text");
    let values = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let own = values.filter(|value| value["logger"] != "obs");
    let of = |value: &Value, keys: &[&str]| {
        keys.iter().map(|key| value[key].to_string()).collect::<Vec<_>>().join(" ")
    };
    let saying = |value: Value| {
        let said = of(&value, &SAID);
        (said, (value["context.attrs"] != "lost").then(|| of(&value, &["request_id", "job_id"])))
    };
    own.map(saying).collect()
}

/// What a line says of its own.
const SAID: [&str; 8] =
    ["timestamp", "level", "event", "name", "logger", "trace_id", "span_id", "n"];

/// Damages files of the golden run, and recovers it.
///
/// # Panics
///
/// When lines are not whole, say what was never said, or a second recovery says something else than the first.
pub fn check(bytes: &[u8]) {
    let mut files = golden();
    let mut choice = Chosen(bytes);
    for _ in 0..=choice.below(3) {
        damage_one(&mut files, &mut choice);
    }
    judge(files);
}

/// Damages one of the files, but not the lines: of those nothing but their ends is looked at again.
pub fn damage_one(files: &mut Files, choice: &mut dyn Choice) {
    let is_checked = |path: &&PathBuf| !path.ends_with("log.jsonl");
    let paths: Vec<PathBuf> = files.keys().filter(is_checked).cloned().collect();
    let path = &paths[choice.below(paths.len())];
    if let Some(bytes) = files.get_mut(path) {
        let older = vec![0; bytes.len()];
        damage(bytes, &older, choice);
    }
}

/// Recovers a run from these files.
///
/// # Panics
///
/// As [`check`].
pub fn judge(files: Files) {
    let memory = Memory::new(files);
    let Ok(first) = recover(&memory) else { return };
    let recovered = memory.files();
    for (name, expected) in [("log.jsonl", golden::LOG), ("spans.jsonl", golden::SPANS)] {
        let path = Path::new(golden::RUN_DIRECTORY).join(name);
        let Some(bytes) = recovered.get(&path) else { continue };
        let last = verify_tail(&memory, &path, golden::run_id(), 0).expect("files in memory");
        assert_eq!(last.map_or(0, |last| last.end), bytes.len() as u64, "{name}: a bad line");
        let whole = Files::from([(path, expected.to_vec())]);
        let (said, known) = (sayings(&recovered, name), sayings(&whole, name));
        for (saying, context) in said.iter().filter(|(saying, _)| !is_unfinished(saying)) {
            let before = known.get(saying);
            assert!(before.is_some(), "{name}: never said: {saying}");
            let is_right = context.is_none() || before == Some(context);
            assert!(is_right, "{name}: in another context: {saying}: {context:?}");
        }
    }
    let second = recover(&memory).expect("what was recovered can be looked at again");
    assert_eq!((second.end.kind, second.end.detail), (first.end.kind, first.end.detail));
    assert_eq!(second.records, 0, "a second recovery finds nothing new");
    for name in ["log.jsonl", "spans.jsonl"] {
        assert_eq!(sayings(&memory.files(), name), sayings(&recovered, name), "{name}: repeated");
    }
}

/// Spans whose end was lost are told as unfinished, at the last sign of life that there is.
fn is_unfinished(saying: &str) -> bool {
    saying.split(' ').nth(2) == Some("null")
}
