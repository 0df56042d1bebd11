//! Bundles of a part: of the run's time, or of its files.
use crate::fixture::{Run, assert_whole, contents, options, outcome};
use obs_bundle::{Artifact, Bundle, BundleErrorKind, Glob, LeftOut, Options, Selected, Why, write};
use obs_core::UnixNanos;
use std::fs;

fn time(minute: u64) -> UnixNanos {
    "2026-11-22T10:00:00Z".parse::<UnixNanos>().unwrap().saturating_add(minutes(minute))
}

fn minutes(count: u64) -> std::time::Duration {
    std::time::Duration::from_secs(60 * count)
}

fn line(minute: u64) -> String {
    format!("{{\"timestamp\":\"{}\",\"level\":\"info\",\"event\":\"e{minute}\"}}\n", time(minute))
}

fn span(start: u64, end: u64) -> String {
    format!("{{\"timestamp\":\"{}\",\"name\":\"s\",\"start\":\"{}\"}}\n", time(end), time(start))
}

/// Options for the minutes from `from` until `until`.
fn between(from: Option<u64>, until: Option<u64>) -> Options {
    let mut options = options();
    options.window.from = from.map(time);
    options.window.until = until.map(time);
    options
}

fn choosing(include: &[&str], exclude: &[&str]) -> Options {
    let mut options = options();
    let globs = |texts: &[&str]| texts.iter().map(|it| it.parse().unwrap()).collect::<Vec<Glob>>();
    (options.include, options.exclude) = (globs(include), globs(exclude));
    options
}

fn left_out(bundle: &Bundle) -> Vec<LeftOut> {
    bundle.manifest.collectors.iter().flat_map(|part| part.left_out.clone()).collect()
}

fn paths(bundle: &Bundle) -> Vec<&str> {
    bundle.manifest.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn lines_outside_of_the_window_are_left_out_and_counted() {
    let run = Run::ended();
    let all = |minutes: std::ops::Range<u64>| minutes.map(line).collect::<String>();
    run.put_gzip("log.0001.jsonl.gz", &all(0..10));
    run.put("log.jsonl", &all(10..20));
    run.put("spans.jsonl", &(span(1, 3) + &span(2, 9) + &span(12, 14) + &span(15, 16)));
    run.put("telemetry.jsonl", &(line(2) + &line(8) + "{\"event\":\"of no time\"}\n"));
    let bundle = write(&run.path, &between(Some(8), Some(13))).unwrap();
    let held = contents(&bundle.path);
    let text = |path: &str| String::from_utf8(held[path].clone()).unwrap();
    assert_eq!(text("run/log.0001.jsonl"), all(8..10));
    assert_eq!(text("run/log.jsonl"), all(10..13));
    assert_eq!(text("run/spans.jsonl"), span(2, 9) + &span(12, 14));
    assert_eq!(text("run/telemetry.jsonl"), line(8) + "{\"event\":\"of no time\"}\n");
    let part = |path: &str| bundle.manifest.files.iter().find(|file| file.path == path).unwrap();
    let mut selected = Selected::default();
    (selected.lines_left_out, selected.bytes_left_out) = (7, all(13..20).len() as u64);
    assert_eq!(part("run/log.jsonl").selected, Some(selected));
    assert_eq!(part("run/log.jsonl").records, Some(3));
    assert_eq!(part("run/rejected.jsonl").selected, None);
    let window = bundle.manifest.bundle.window.clone().unwrap();
    assert_eq!(
        (window.from, window.until),
        (Some(time(8).to_string()), Some(time(13).to_string()))
    );
    assert_eq!(outcome(&bundle, "log").0, "ok", "what was not asked for is not missing");
    assert_whole(&bundle.path);
    let again = write(&run.path, &between(Some(8), Some(13))).unwrap();
    assert_eq!(fs::read(&bundle.path).unwrap(), fs::read(&again.path).unwrap());
}

#[test]
fn a_window_can_be_open_at_either_end() {
    let run = Run::ended();
    run.put("log.jsonl", &(0..5).map(line).collect::<String>());
    for (from, until, kept) in [(Some(3), None, 3..5), (None, Some(2), 0..2), (None, None, 0..5)] {
        let bundle = write(&run.path, &between(from, until)).unwrap();
        let expected: String = kept.map(line).collect();
        assert_eq!(contents(&bundle.path)["run/log.jsonl"], expected.as_bytes());
        assert_eq!(bundle.manifest.bundle.window.is_some(), (from, until) != (None, None));
        assert_whole(&bundle.path);
    }
}

#[test]
fn segments_wholly_outside_of_the_window_are_left_out() {
    let run = Run::ended();
    for number in 1..=4 {
        run.segment(number, time(10 * number));
    }
    let segments = |bundle: &Bundle| {
        let numbers = paths(bundle).into_iter().filter(|path| path.starts_with("journal/"));
        numbers.map(|path| path[8..14].parse::<u64>().unwrap()).collect::<Vec<_>>()
    };
    for (from, until, kept) in [
        (Some(25), Some(35), vec![2, 3]),
        (Some(32), None, vec![3, 4]),
        (None, Some(15), vec![1]),
        (Some(90), None, vec![4]),
        (None, Some(5), vec![]),
        (None, None, vec![1, 2, 3, 4]),
    ] {
        let bundle = write(&run.path, &between(from, until)).unwrap();
        assert_eq!(segments(&bundle), kept, "{from:?} {until:?}");
        let gone = left_out(&bundle);
        assert_eq!(gone.len(), 4 - kept.len());
        assert!(gone.iter().all(|left_out| left_out.why == Why::Window));
        assert_whole(&bundle.path);
    }
    run.segment(3, time(5));
    let bundle = write(&run.path, &between(Some(25), Some(35))).unwrap();
    assert_eq!(segments(&bundle), [1, 2, 3, 4], "a clock that was set back tells nothing");
    let bundle = write(&run.path, &choosing(&["journal/000003.seg"], &[])).unwrap();
    assert_eq!(segments(&bundle), [3], "one that is not asked for takes no room from others");
}

#[test]
fn files_are_chosen_by_their_paths_in_the_bundle() {
    let run = Run::ended();
    for (include, exclude, kept) in [
        (&["run/log*"][..], &[][..], &["run/log.0001.jsonl", "run/log.jsonl"][..]),
        (&["run/*.jsonl"], &["*log.0*", "run/rej*"], &["run/log.jsonl", "run/spans.jsonl"]),
        (&["artifacts/*"], &[], &["artifacts/model/model.onnx"]),
        (&["run/env.json", "run/run.json"], &[], &["run/run.json", "run/env.json"]),
        (&["nothing"], &[], &[]),
        (&["support.json"], &["support.json", "SHA256SUMS"], &[]),
    ] {
        let bundle = write(&run.path, &choosing(include, exclude)).unwrap();
        assert_eq!(paths(&bundle), kept, "{include:?} {exclude:?}");
        assert_eq!(left_out(&bundle).len(), 12 - kept.len());
        let held = contents(&bundle.path);
        assert!(held.contains_key("support.json") && held.contains_key("SHA256SUMS"));
        assert_eq!(bundle.manifest.bundle.include, include);
        assert_eq!(bundle.manifest.bundle.exclude, exclude);
        assert_whole(&bundle.path);
    }
}

#[test]
fn an_artefact_that_is_not_wanted_is_not_even_looked_at() {
    let run = Run::ended();
    let mut options = choosing(&[], &["artifacts/*"]);
    options.artifacts = vec![Artifact::new("/nowhere/at/all", "model")];
    let bundle = write(&run.path, &options).unwrap();
    assert_eq!(outcome(&bundle, "artifacts"), ("skipped".to_owned(), vec![]));
    assert_eq!(left_out(&bundle).len(), 2);
}

#[test]
fn what_is_no_pattern_is_refused() {
    for text in ["a[", "***", "run/**x"] {
        let error = text.parse::<Glob>().unwrap_err();
        assert_eq!(error.kind(), BundleErrorKind::Pattern);
        assert!(error.to_string().starts_with(&format!("cannot read \"{text}\" as a pattern: ")));
    }
    let run = Run::ended();
    let many = vec!["x".repeat(100); 11];
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let error = write(&run.path, &choosing(&many, &[])).unwrap_err();
    assert_eq!(error.kind(), BundleErrorKind::Pattern);
}
