//! Bundles of runs that write on.
use crate::fixture::{Run, assert_whole, contents, lines, options, outcome};
use obs_bundle::{Collector, Files, NewFile, Truncated, write};
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

fn truncated(bundle: &obs_bundle::Bundle, path: &str) -> Option<Truncated> {
    bundle.manifest.files.iter().find(|file| file.path == path).unwrap().truncated.clone()
}

#[test]
fn a_line_that_is_being_written_stays_out() {
    let run = Run::empty();
    run.save(None);
    let long = "x".repeat(200_000);
    for (text, kept) in [
        (lines(2) + "{\"ev", lines(2).len()),
        (lines(2), lines(2).len()),
        (format!("{}{{\"event\":\"{long}", lines(1)), lines(1).len()),
        ("{\"event\":".to_owned(), 0),
        (format!("{long}\n{long}"), long.len() + 1),
        (String::new(), 0),
    ] {
        run.put("log.jsonl", &text);
        let bundle = run.bundle();
        let all = contents(&bundle.path);
        assert_eq!(all["run/log.jsonl"], &text.as_bytes()[..kept]);
        let cut = (kept < text.len()).then(|| Truncated::tail(Some(text.len() as u64)));
        assert_eq!(truncated(&bundle, "run/log.jsonl"), cut);
        assert_whole(&bundle.path);
    }
}

#[test]
fn rotated_files_go_in_with_the_current_one() {
    let run = Run::empty();
    run.save(None);
    for name in ["log.0001.jsonl.gz", "spans.0001.jsonl.gz", "log.0002.jsonl.gz"] {
        run.put_gzip(name, &lines(3));
    }
    for name in ["log.0002.jsonl", "log.txt", "logs.jsonl"] {
        run.put(name, &lines(1));
    }
    run.put("log.jsonl", &lines(2));
    let bundle = run.bundle();
    let names: Vec<String> = bundle.manifest.files.iter().map(|file| file.path.clone()).collect();
    let expected = [
        "run/run.json",
        "run/log.0001.jsonl",
        "run/log.0002.jsonl",
        "run/log.jsonl",
        "run/spans.0001.jsonl",
    ];
    assert_eq!(names, expected);
    let records: Vec<_> = bundle.manifest.files.iter().map(|file| file.records).collect();
    assert_eq!(records, [None, Some(3), Some(1), Some(2), Some(3)]);
}

#[test]
fn a_rotated_file_that_is_no_gzip_is_told_and_kept_up_to_there() {
    let run = Run::ended();
    run.put("log.0002.jsonl.gz", "\u{1f} nothing of the kind");
    let bundle = run.bundle();
    let (status, errors) = outcome(&bundle, "log");
    assert_eq!((status.as_str(), errors.len()), ("partial", 1));
    assert!(errors[0].starts_with("cannot read all of \"run/log.0002.jsonl\": "), "{errors:?}");
    assert_eq!(contents(&bundle.path)["run/log.jsonl"], lines(3).as_bytes());
    assert_whole(&bundle.path);
}

#[test]
fn a_rotated_file_that_inflates_without_end_is_cut() {
    let run = Run::ended();
    run.put_gzip("log.0002.jsonl.gz", &"{}\n".repeat(2 << 20));
    let bytes = fs::metadata(run.path.join("log.0002.jsonl.gz")).unwrap().len();
    let bundle = run.bundle();
    let cut = contents(&bundle.path)["run/log.0002.jsonl"].len() as u64;
    assert!((bytes * 100..=bytes * 100 + (1 << 20)).contains(&cut), "{cut} of {bytes}");
    assert_eq!(outcome(&bundle, "log").0, "partial");
    assert_whole(&bundle.path);
}

/// Does to a run directory what its program might do, while a bundle is made.
#[derive(Debug)]
struct Meanwhile {
    path: PathBuf,
}

impl Collector for Meanwhile {
    fn name(&self) -> &str {
        "meanwhile"
    }

    fn collect(&self, files: &mut dyn Files) -> Result<(), obs_bundle::BundleError> {
        files.add(NewFile::new("extra/a.txt", "extra"), &mut Shrinks { path: &self.path, read: 0 })
    }
}

struct Shrinks<'a> {
    path: &'a PathBuf,
    read: usize,
}

impl Read for Shrinks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.read += 1;
        if self.read > 3 {
            return Err(std::io::Error::other("the device went away"));
        }
        let mut log = OpenOptions::new().append(true).open(self.path)?;
        log.write_all(b"{\"event\":\"more\"}\n")?;
        buffer[..4].copy_from_slice(b"abc\n");
        Ok(4)
    }
}

#[test]
fn what_fails_half_way_is_kept_up_to_there() {
    let run = Run::ended();
    let mut options = options();
    options.collectors = vec![Arc::new(Meanwhile { path: run.path.join("log.jsonl") })];
    let bundle = write(&run.path, &options).unwrap();
    let all = contents(&bundle.path);
    assert_eq!(all["extra/a.txt"], b"abc\nabc\nabc\n");
    assert_eq!(truncated(&bundle, "extra/a.txt"), Some(Truncated::tail(None)));
    let error = "cannot read all of \"extra/a.txt\": the device went away".to_owned();
    assert_eq!(outcome(&bundle, "meanwhile"), ("partial".to_owned(), vec![error]));
    assert_eq!(all["run/log.jsonl"], lines(3).as_bytes(), "as long as it was");
    assert_whole(&bundle.path);
}

#[test]
fn bundles_of_a_run_that_writes_and_rotates_all_verify() {
    let run = Run::empty();
    run.save(None);
    run.put("log.jsonl", "");
    let is_done = Arc::new(AtomicBool::new(false));
    let (path, done) = (run.path.clone(), Arc::clone(&is_done));
    let program = thread::Builder::new().spawn(move || {
        let mut number = 0;
        while !done.load(Ordering::Relaxed) {
            let current = path.join("log.jsonl");
            let mut log = OpenOptions::new().append(true).create(true).open(&current).unwrap();
            for line in lines(50).split_inclusive("}\n") {
                let (first, second) = line.split_at(line.len() / 2);
                log.write_all(first.as_bytes()).unwrap();
                log.write_all(second.as_bytes()).unwrap();
            }
            number += 1;
            if number % 5 == 0 {
                fs::rename(&current, path.join(format!("log.{number:04}.jsonl"))).unwrap();
                fs::write(&current, "").unwrap();
            }
            if number % 5 == 0 && number > 50 {
                fs::remove_file(path.join(format!("log.{:04}.jsonl", number - 45))).unwrap();
            }
        }
    });
    let program = program.unwrap();
    let bundles: Vec<_> = (0..20).map(|_| run.bundle()).collect();
    is_done.store(true, Ordering::Relaxed);
    program.join().unwrap();
    for bundle in bundles {
        assert_whole(&bundle.path);
        for (name, bytes) in contents(&bundle.path) {
            if name.starts_with("run/log") {
                assert!(bytes.is_empty() || bytes.ends_with(b"}\n"), "{name} ends within a line");
            }
        }
        for error in outcome(&bundle, "log").1 {
            assert!(error.contains("No such file"), "{error}");
        }
    }
}
