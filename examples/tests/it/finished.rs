//! A run that ends as it should.
use crate::{program, tree};
use obs::bundle::{Limits, Report, State, verify};
use obs_test::lines::{self, with};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

type Lines = Vec<Map<String, Value>>;

/// What a run of the quickstart over the small tree has left.
struct Ran {
    said: String,
    directory: PathBuf,
    log: Lines,
    spans: Lines,
    index: Value,
    environment: Value,
    report: Report,
    is_all_readable: bool,
}

static RAN: LazyLock<Ran> = LazyLock::new(|| {
    let place = tempfile::tempdir().unwrap();
    let (sources, runs) = (place.path().join("sources"), place.path().join("runs and more"));
    let is_all_readable = tree::make(&sources);
    let output = program::run(&sources, &runs, &["--threads", "3"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let directory = PathBuf::from(program::labelled(&said, "run  "));
    let log = lines::read(&directory.join("log.jsonl"));
    let spans = lines::read(&directory.join("spans.jsonl"));
    let index = json(&directory.join("index.json"));
    let environment = json(&directory.join("env.json"));
    let bundle = program::labelled(&said, "bundle ").rsplit_once(" (").unwrap().0;
    let report = verify(Path::new(bundle), &Limits::default()).unwrap();
    Ran { said, directory, log, spans, index, environment, report, is_all_readable }
});

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The number of files that can be read: the texts, and the one that only root can read.
fn readable() -> usize {
    tree::TEXTS.len() + usize::from(RAN.is_all_readable)
}

fn span_of(id: &Value) -> &'static Map<String, Value> {
    let found = with(&RAN.spans, "span_id", id.as_str().unwrap());
    assert_eq!(found.len(), 1, "{id}");
    found[0]
}

#[test]
fn each_text_has_one_record_with_its_measures() {
    let indexed = with(&RAN.log, "event", "file indexed");
    assert_eq!(indexed.len(), readable());
    for (path, package, lines, words, longest) in tree::TEXTS {
        let found: Vec<_> = indexed.iter().filter(|line| line["path"] == *path).collect();
        assert_eq!(found.len(), 1, "{path}");
        let line = found[0];
        assert_eq!(line.get("crate"), package.map(Value::from).as_ref());
        let measures = ["lines", "words", "longest_line_bytes"].map(|key| line[key].as_u64());
        assert_eq!(measures, [Some(*lines), Some(*words), Some(*longest)], "{path}");
    }
    let empty = with(&RAN.log, "path", "alpha-1.0.0/src/empty.rs")[0];
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(empty["sha256"], nothing);
}

#[test]
fn a_file_that_is_no_text_is_a_warning_with_its_cause() {
    let line = left_out(tree::NOT_TEXT);
    assert_eq!((&line["level"], &line["crate"]), (&json!("warn"), &json!("beta-2.0.0")));
    assert_eq!(line["error"], "the file is not UTF-8");
    assert_eq!(line["error.causes"], json!(["invalid utf-8 sequence of 1 bytes from index 11"]));
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_with_its_cause() {
    if RAN.is_all_readable {
        return println!("left out: this user reads files of mode 0");
    }
    let line = left_out(tree::UNREADABLE);
    assert_eq!((&line["level"], &line["error"]), (&json!("error"), &json!("cannot read the file")));
    assert_eq!(line["error.causes"], json!(["Permission denied (os error 13)"]));
}

#[test]
fn a_large_file_is_left_out_with_the_reason() {
    let line = left_out(tree::TOO_LARGE);
    let reason = "the file has 9437184 bytes, at most 8388608 are read";
    assert_eq!((&line["reason"], &line["bytes"]), (&json!(reason), &json!(9_437_184)));
}

fn left_out(path: &str) -> &'static Map<String, Value> {
    let found = with(&RAN.log, "path", path);
    assert_eq!(found.len(), 1, "{path}");
    assert_eq!(found[0]["event"], "file left out");
    found[0]
}

#[test]
fn each_file_has_a_span_in_that_of_a_worker() {
    let files = with(&RAN.spans, "name", "file");
    assert_eq!(files.len(), tree::TEXTS.len() + 3);
    for file in files {
        let worker = span_of(&file["parent_id"]);
        assert_eq!((&worker["name"], &worker["thread"]), (&json!("worker"), &file["thread"]));
        let index = span_of(&worker["parent_id"]);
        assert_eq!((&index["name"], index.get("parent_id")), (&json!("index"), None));
        assert_eq!(file["trace_id"], index["trace_id"]);
    }
    for line in with(&RAN.log, "event", "file indexed") {
        assert_eq!(span_of(&line["span_id"])["path"], line["path"]);
    }
    let reads = with(&RAN.spans, "name", "read");
    assert_eq!(reads.len(), tree::TEXTS.len() + 3);
    assert!(reads.iter().all(|read| span_of(&read["parent_id"])["name"] == "file"));
}

#[test]
fn the_async_stage_is_in_spans_and_context_of_its_own() {
    let done = with(&RAN.log, "event", "worker done");
    assert_eq!(done.len(), 3);
    for line in &done {
        assert_eq!((&line["stage"], &line["thread"]), (&json!("summary"), &json!("main")));
        let collect = span_of(&line["span_id"]);
        assert_eq!((&collect["name"], &collect["worker"]), (&json!("collect"), &line["worker"]));
        assert_eq!(span_of(&collect["parent_id"])["name"], "summarise");
    }
    let files: u64 = done.iter().map(|line| line["files"].as_u64().unwrap()).sum();
    assert_eq!(files, readable() as u64);
}

#[test]
fn every_line_of_the_program_has_the_attributes_of_the_run() {
    let own = |line: &&Map<String, Value>| line["logger"] != "obs";
    for line in RAN.log.iter().chain(&RAN.spans).filter(own) {
        assert!(line["host"].is_string() && line["cores"].is_u64(), "{line:?}");
    }
    let walked = with(&RAN.log, "event", "tree walked")[0];
    let files = tree::TEXTS.len() + 3;
    assert_eq!((&walked["files"], &walked["unreadable"]), (&json!(files), &json!(0)));
}

#[test]
fn the_index_is_an_artefact_in_a_bundle_that_verifies() {
    let index = RAN.directory.join("index.json");
    assert_eq!(with(&RAN.log, "event", "artifact")[0]["path"], *index.to_string_lossy());
    assert_eq!(RAN.index["whole"]["files"], readable());
    assert_eq!(RAN.index["left_out"]["not_text"], 1);
    assert_eq!(RAN.index["languages"]["TOML"]["files"], 2);
    assert_eq!(RAN.index["files_with_copies"], 2);

    assert!(RAN.report.is_whole(), "{}", RAN.report);
    let manifest = RAN.report.manifest.as_ref().unwrap();
    assert_eq!(manifest.bundle.state, State::Complete, "{:?}", manifest.collectors);
    let outputs: Vec<_> = manifest.files.iter().filter(|file| file.role == "output").collect();
    assert_eq!(outputs.len(), 1);
    assert_eq!(outputs[0].path, "artifacts/output/index.json");
    let records = |role: &str| manifest.files.iter().find(|file| file.role == role)?.records;
    assert_eq!(records("log"), Some(RAN.log.len() as u64));
    assert_eq!(records("spans"), Some(RAN.spans.len() as u64));
}

#[test]
fn the_environment_has_a_section_of_the_program() {
    assert_eq!(RAN.environment["sections"]["index"]["threads"], 3);
}

#[test]
fn the_last_lines_say_that_nothing_is_lost_and_how_to_go_on() {
    let emitted = RAN.log.last().unwrap()["seq"].as_u64().unwrap();
    for sink in ["log", "spans"] {
        let line = format!("records   {emitted} emitted = {emitted} delivered + 0 lost  ({sink})");
        assert!(RAN.said.lines().any(|said| said == line), "{line} in {}", RAN.said);
    }
    let directory = RAN.directory.display();
    let next = format!("cargo run --release --bin obs -- logs '{directory}'");
    assert_eq!(program::labelled(&RAN.said, "next "), next);
}
