//! Bundles of bounded size.
use crate::fixture::{Run, assert_whole, contents, options, outcome};
use obs_bundle::{
    Bundle, BundleError, BundleErrorKind, Collector, Files, NewFile, Options, State, Why, write,
};
use std::fmt::Write;
use std::fs;
use std::sync::Arc;

/// Digits that deflate to little less than a half.
struct Noise(u64);

impl Noise {
    fn digits(&mut self, count: usize) -> String {
        let digit = |_| {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            char::from(b"0123456789abcdef"[(self.0 >> 20) as usize % 16])
        };
        (0..count).map(digit).collect()
    }
}

/// Lines of which each has a number, and so many digits that mean nothing.
fn lines(numbers: std::ops::Range<usize>, digits: usize) -> String {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15 ^ numbers.start as u64);
    numbers.fold(String::new(), |mut out, number| {
        let digits = noise.digits(digits);
        let line = format!(
            "{{\"level\":\"info\",\"event\":\"loaded\",\"seq\":{number},\"id\":\"{digits}\"}}"
        );
        writeln!(out, "{line}").unwrap();
        out
    })
}

fn at_most(bytes_max: u64) -> Options {
    let mut options = options();
    options.bytes_max = Some(bytes_max);
    options
}

/// A bundle of at most so many bytes.
fn bundle(run: &Run, bytes_max: u64) -> Bundle {
    let bundle = write(&run.path, &at_most(bytes_max)).unwrap();
    assert!(bundle.size <= bytes_max, "{} of {bytes_max}", bundle.size);
    assert_eq!(bundle.size, fs::metadata(&bundle.path).unwrap().len());
    assert_whole(&bundle.path);
    bundle
}

/// What is there of a file of lines: it is the end of what was there before, from the beginning of a line on.
fn newest(bundle: &Bundle, path: &str, before: &str) -> usize {
    let held = contents(&bundle.path);
    let Some(bytes) = held.get(path) else { return 0 };
    let kept = std::str::from_utf8(bytes).unwrap();
    let head = before.strip_suffix(kept).expect("the newest lines");
    assert!(head.is_empty() || head.ends_with('\n'), "whole lines");
    let file = bundle.manifest.files.iter().find(|file| file.path == path).unwrap();
    match &file.truncated {
        None => assert_eq!(head, ""),
        Some(cut) => {
            assert_eq!((cut.from.as_str(), cut.original_size), ("head", Some(before.len() as u64)));
            assert!(!head.is_empty());
        }
    }
    kept.len()
}

#[test]
fn the_newest_lines_are_kept_as_far_as_there_is_room() {
    let run = Run::ended();
    for digits in [0, 20, 400] {
        let log = lines(0..3_000_000 / (50 + digits), digits);
        run.put("log.jsonl", &log);
        for bytes_max in [12_000, 20_000, 50_000, 100_000, 1_000_000] {
            let bundle = bundle(&run, bytes_max);
            let kept = newest(&bundle, "run/log.jsonl", &log);
            assert!(kept > 0, "{digits} {bytes_max}");
            let (is_cut, is_full) = (kept < log.len(), bundle.size > bytes_max * 3 / 5);
            assert!(is_full || !is_cut, "{} of {bytes_max} with {digits}", bundle.size);
            assert_eq!(outcome(&bundle, "log").0 == "partial", is_cut);
            assert_eq!(bundle.manifest.bundle.state == State::Partial, is_cut);
            assert_eq!(bundle.manifest.bundle.bytes_max, Some(bytes_max));
        }
    }
}

#[test]
fn no_size_is_ever_exceeded() {
    let run = Run::ended();
    let (log, spans) = (lines(0..2_000, 100), lines(0..1_000, 30));
    run.put("log.jsonl", &log);
    run.put("spans.jsonl", &spans);
    run.segment_with(2, &Noise(5).digits(100_000));
    let whole = run.bundle();
    let mut kept = 0;
    for bytes_max in (0..whole.size + 3_000).step_by(1_777) {
        match write(&run.path, &at_most(bytes_max)) {
            Ok(bundle) => {
                assert!(bundle.size <= bytes_max, "{} of {bytes_max}", bundle.size);
                assert_whole(&bundle.path);
                newest(&bundle, "run/spans.jsonl", &spans);
                kept = newest(&bundle, "run/log.jsonl", &log);
                fs::remove_file(&bundle.path).unwrap();
            }
            Err(error) => {
                assert_eq!(error.kind(), BundleErrorKind::Size, "{error}");
                let expected = "bytes are too little for what describes the run and the bundle";
                assert_eq!(error.to_string(), format!("{bytes_max} {expected}"));
                assert!(bytes_max < 8_000, "{bytes_max}");
                assert!(!run.names().iter().any(|name| name.ends_with(".part")));
            }
        }
    }
    assert_eq!(kept, log.len(), "with room for all, all is there");
}

#[test]
fn a_bundle_of_bounded_size_is_reproducible() {
    let run = Run::ended();
    run.put("log.jsonl", &lines(0..20_000, 50));
    let (one, two) = (bundle(&run, 100_000), bundle(&run, 100_000));
    assert_eq!(fs::read(&one.path).unwrap(), fs::read(&two.path).unwrap());
}

#[test]
fn older_files_give_way_to_newer_ones() {
    let run = Run::ended();
    let (oldest, older, newer) =
        (lines(0..2_000, 60), lines(2_000..4_000, 60), lines(4_000..6_000, 60));
    run.put_gzip("log.0001.jsonl.gz", &oldest);
    run.put_gzip("log.0002.jsonl.gz", &older);
    run.put("log.jsonl", &newer);
    let bundle = bundle(&run, 130_000);
    assert_eq!(newest(&bundle, "run/log.jsonl", &newer), newer.len());
    let kept = newest(&bundle, "run/log.0002.jsonl", &older);
    assert!(kept > 0 && kept < older.len(), "{kept}");
    let part = bundle.manifest.collectors.iter().find(|part| part.name == "log").unwrap();
    let left_out: Vec<_> = part.left_out.iter().map(|it| (it.path.as_str(), it.why)).collect();
    assert_eq!(left_out, [("run/log.0001.jsonl", Why::Size)]);
    assert_eq!(part.errors.len(), 2, "{:?}", part.errors);
    assert_eq!(part.errors[1], "there is no room for a file");
}

#[test]
fn logs_and_spans_share_the_room() {
    let run = Run::ended();
    let (log, spans) = (lines(0..10_000, 60), lines(0..10_000, 60));
    run.put("log.jsonl", &log);
    run.put("spans.jsonl", &spans);
    let bundle = bundle(&run, 100_000);
    let (logs, spans) =
        (newest(&bundle, "run/log.jsonl", &log), newest(&bundle, "run/spans.jsonl", &spans));
    assert!(logs > 60_000 && spans > 60_000, "{logs} {spans}");
}

#[test]
fn journal_and_artefacts_are_left_out_where_there_is_no_room() {
    let run = Run::ended();
    fs::write(run.folder.path().join("model.onnx"), Noise(3).digits(60_000)).unwrap();
    for number in 2..=4 {
        run.segment_with(number, &Noise(number).digits(20_000));
    }
    let bundle = bundle(&run, 30_000);
    let held = contents(&bundle.path);
    let segments: Vec<&String> = held.keys().filter(|path| path.starts_with("journal")).collect();
    assert_eq!(segments, ["journal/000003.seg", "journal/000004.seg"], "the newest");
    assert!(!held.contains_key("artifacts/model/model.onnx"));
    assert_eq!(outcome(&bundle, "artifacts").0, "failed");
    assert_eq!(outcome(&bundle, "journal").0, "partial");
    let errors = outcome(&bundle, "journal").1;
    assert_eq!(errors, ["there is no room for 2 files"]);
}

#[test]
fn lines_are_chosen_by_their_time_before_they_are_cut() {
    let run = Run::ended();
    let line = |minute: u64, noise: &str| {
        let (hours, minutes) = (minute / 60, minute % 60);
        format!("{{\"timestamp\":\"2026-11-22T{hours:02}:{minutes:02}:00Z\",\"id\":\"{noise}\"}}\n")
    };
    let mut noise = Noise(9);
    let all: Vec<String> = (0..1_200).map(|minute| line(minute, &noise.digits(300))).collect();
    run.put("log.jsonl", &all.concat());
    let mut options = at_most(60_000);
    options.window.until = "2026-11-22T10:00:00Z".parse().ok();
    let bundle = write(&run.path, &options).unwrap();
    let kept = newest(&bundle, "run/log.jsonl", &all[..600].concat());
    assert!(kept > 60_000, "{kept}");
    let file = bundle.manifest.files.iter().find(|file| file.path == "run/log.jsonl").unwrap();
    assert_eq!(file.selected.as_ref().unwrap().lines_left_out, 600);
    assert_whole(&bundle.path);
}

/// Adds one file of noise.
#[derive(Debug)]
struct Adds(usize);

impl Collector for Adds {
    fn name(&self) -> &str {
        "adds"
    }

    fn collect(&self, files: &mut dyn Files) -> Result<(), BundleError> {
        let text = Noise(4).digits(self.0);
        files.add(NewFile::new("extra/noise.txt", "extra"), &mut text.as_bytes())
    }
}

#[test]
fn files_of_others_are_there_as_a_whole_or_not_at_all() {
    let run = Run::ended();
    for (digits, is_there) in [(1_000, true), (100_000, false), (100_000_000, false)] {
        let mut options = at_most(20_000);
        options.collectors = vec![Arc::new(Adds(digits))];
        let bundle = write(&run.path, &options).unwrap();
        assert!(bundle.size <= 20_000);
        assert_eq!(contents(&bundle.path).contains_key("extra/noise.txt"), is_there, "{digits}");
        assert_eq!(outcome(&bundle, "adds").0, if is_there { "ok" } else { "failed" });
        assert_whole(&bundle.path);
    }
}
