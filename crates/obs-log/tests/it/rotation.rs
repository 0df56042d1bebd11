//! When files roll, on a real disk, and what others may do to them.
use crate::frames::{Frames, START, run_id, site};
use crate::lines::{all_lines, seqs};
use obs_core::encode::Key::{Field, Name};
use obs_core::io::Disk;
use obs_core::sink::SinkErrorKind;
use obs_core::{CallsiteKind, Level, Sink};
use obs_log::{JsonlOptions, JsonlSink};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const HOUR: u64 = 3_600_000_000_000;

fn events(count: u64, interval_ns: u64) -> Frames {
    let mut frames = Frames::new();
    let event = frames.callsite(&site(CallsiteKind::Event, Level::Info, "", &["message"]));
    for number in 0..count {
        frames.time = START + number * interval_ns;
        frames.event(event, None, &|encoder| {
            encoder.text(Field(0), "tick");
            encoder.u64(Name("number"), number);
        });
    }
    frames
}

fn sink(directory: &Path, change: impl FnOnce(&mut JsonlOptions)) -> JsonlSink {
    let mut options = JsonlOptions::default();
    change(&mut options);
    JsonlSink::log(Arc::new(Disk::new()), directory, run_id(), options)
}

fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn names(directory: &Path) -> Vec<String> {
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    files(directory).into_keys().map(name).collect()
}

#[test]
fn a_file_ends_with_its_interval_of_utc_however_records_are_batched() {
    for batch in [1, 3, 100] {
        let directory = TempDir::new().unwrap();
        let frames = events(12, HOUR / 4);
        let mut sink = sink(directory.path(), |options| {
            (options.rotate_interval, options.gzip) = (Duration::from_secs(3_600), false);
        });
        let mut records = frames.records();
        while records.last_seq() < 12 {
            sink.write(records.limit(batch)).unwrap();
        }
        let hours = all_lines(&files(directory.path()));
        let found: Vec<(String, usize)> = files(directory.path())
            .into_iter()
            .map(|(path, bytes)| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, bytes.split(|byte| *byte == b'\n').count() - 1)
            })
            .collect();
        assert_eq!(hours.len(), 12);
        let wanted =
            [("log.0001.jsonl", 1), ("log.0002.jsonl", 4), ("log.0003.jsonl", 4), ("log.jsonl", 3)];
        assert_eq!(
            found,
            wanted.map(|(name, lines)| (name.to_owned(), lines)),
            "batches of {batch}"
        );
    }
}

#[test]
fn a_sink_that_starts_anew_goes_on_in_the_interval_of_the_last_line() {
    let directory = TempDir::new().unwrap();
    let frames = events(12, HOUR / 4);
    for _ in 0..20 {
        let mut sink = sink(directory.path(), |options| {
            (options.rotate_interval, options.gzip) = (Duration::from_secs(3_600), false);
        });
        let seq = sink.resume().unwrap().unwrap_or(0);
        sink.write(frames.records_behind(seq).limit(1)).unwrap();
    }
    assert_eq!(
        names(directory.path()),
        ["log.0001.jsonl", "log.0002.jsonl", "log.0003.jsonl", "log.jsonl"]
    );
    assert_eq!(seqs(&files(directory.path())), (1..=12).collect::<Vec<_>>());
}

#[test]
fn the_oldest_files_go_and_numbers_are_never_used_again() {
    let directory = TempDir::new().unwrap();
    let frames = events(40, 1);
    for part in 0..4 {
        let mut sink = sink(directory.path(), |options| {
            (options.rotate_bytes, options.files_max) = (400, 2);
        });
        assert_eq!(sink.resume().unwrap(), Some(part * 10).filter(|seq| *seq > 0));
        sink.write(frames.records_behind(part * 10).limit(10)).unwrap();
        sink.flush().unwrap();
    }
    assert_eq!(names(directory.path()), ["log.0018.jsonl.gz", "log.0019.jsonl.gz", "log.jsonl"]);
    assert_eq!(seqs(&files(directory.path())), [35, 36, 37, 38, 39, 40]);
}

#[test]
fn the_number_of_the_last_line_is_found_in_rotated_files_when_there_is_no_other() {
    let directory = TempDir::new().unwrap();
    let frames = events(9, 1);
    let mut first = sink(directory.path(), |options| options.rotate_bytes = 500);
    first.write(&mut frames.records()).unwrap();
    first.flush().unwrap();
    fs::remove_file(directory.path().join("log.jsonl")).unwrap();
    let mut second = sink(directory.path(), |options| options.rotate_bytes = 500);
    assert_eq!(second.resume().unwrap(), Some(6));
}

#[test]
fn a_file_that_somebody_renames_or_removes_is_made_anew_at_the_next_flush() {
    let directory = TempDir::new().unwrap();
    let (current, aside) = (directory.path().join("log.jsonl"), directory.path().join("aside"));
    let frames = events(30, 1);
    let mut sink = sink(directory.path(), |_| {});
    let mut records = frames.records();
    sink.write(records.limit(10)).unwrap();
    fs::rename(&current, &aside).unwrap();
    sink.write(records.limit(10)).unwrap();
    sink.flush().unwrap();
    sink.write(records.limit(10)).unwrap();
    let lines = |path| fs::read_to_string(path).unwrap().lines().count();
    assert_eq!((lines(&aside), lines(&current)), (20, 10));
}

#[test]
fn a_file_that_somebody_empties_is_written_from_its_start_without_a_hole() {
    let directory = TempDir::new().unwrap();
    let frames = events(20, 1);
    let mut sink = sink(directory.path(), |_| {});
    let mut records = frames.records();
    sink.write(records.limit(10)).unwrap();
    fs::File::options()
        .write(true)
        .open(directory.path().join("log.jsonl"))
        .unwrap()
        .set_len(0)
        .unwrap();
    sink.write(records.limit(10)).unwrap();
    assert_eq!(seqs(&files(directory.path())), (11..=20).collect::<Vec<_>>());
}

#[test]
fn what_somebody_appends_is_moved_aside_and_told() {
    let directory = TempDir::new().unwrap();
    let current = directory.path().join("log.jsonl");
    let frames = events(20, 1);
    let mut sink = sink(directory.path(), |_| {});
    let mut records = frames.records();
    sink.write(records.limit(10)).unwrap();
    let mut bytes = fs::read(&current).unwrap();
    bytes.extend_from_slice(b"a note\n");
    fs::write(&current, bytes).unwrap();
    let error = sink.write(frames.records_behind(10).limit(10)).unwrap_err();
    assert_eq!(error.kind(), SinkErrorKind::Transient(None));
    let message = error.to_string().replace(directory.path().to_str().unwrap(), "");
    expect_test::expect![[r#""/log.jsonl" held 7 bytes that are no lines of this run: they are now in "/log.jsonl.damaged-1""#]].assert_eq(&message);
    sink.write(records.limit(10)).unwrap();
    assert_eq!(seqs(&files(directory.path())), (1..=20).collect::<Vec<_>>());
    assert_eq!(fs::read(directory.path().join("log.jsonl.damaged-1")).unwrap(), b"a note\n");
}

#[test]
fn a_directory_that_is_gone_is_an_error_until_it_is_back() {
    let parent = TempDir::new().unwrap();
    let directory = parent.path().join("run");
    let frames = events(5, 1);
    let mut sink = sink(&directory, |_| {});
    let error = sink.write(&mut frames.records()).unwrap_err();
    assert!(error.to_string().ends_with("No such file or directory (os error 2)"), "{error}");
    fs::create_dir(&directory).unwrap();
    sink.write(&mut frames.records()).unwrap();
    assert_eq!(seqs(&files(&directory)), [1, 2, 3, 4, 5]);
}

#[cfg(target_os = "linux")]
#[test]
fn files_are_for_their_owner_alone_and_links_and_devices_are_not_written_to() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let directory = TempDir::new().unwrap();
    let frames = events(5, 1);
    sink(directory.path(), |_| {}).write(&mut frames.records()).unwrap();
    let current = directory.path().join("log.jsonl");
    assert_eq!(fs::metadata(&current).unwrap().permissions().mode() & 0o777, 0o600);
    for target in [Path::new("/dev/full"), &directory.path().join("elsewhere")] {
        fs::remove_file(&current).unwrap();
        symlink(target, &current).unwrap();
        let error = sink(directory.path(), |_| {}).write(&mut frames.records()).unwrap_err();
        assert_eq!(error.kind(), SinkErrorKind::Transient(None));
        assert!(error.to_string().contains("log.jsonl"), "{error}");
    }
}

#[test]
fn spans_go_to_a_file_of_their_own_whatever_the_level() {
    let directory = TempDir::new().unwrap();
    let mut frames = Frames::new();
    let callsite = frames.callsite(&site(CallsiteKind::Span, Level::Trace, "work", &[]));
    let event = frames.callsite(&site(CallsiteKind::Event, Level::Info, "hello", &[]));
    frames.begin(callsite, 1, 0, &|_| {});
    frames.event(event, None, &|_| {});
    frames.end(callsite, (1, 0), false);
    let io = Arc::new(Disk::new());
    let mut options = JsonlOptions::default();
    options.level = Level::Error;
    let mut sink = JsonlSink::spans(io, directory.path(), run_id(), options);
    sink.write(&mut frames.records()).unwrap();
    assert_eq!(sink.name(), "spans");
    assert_eq!(names(directory.path()), ["spans.jsonl"]);
    let text = fs::read_to_string(directory.path().join("spans.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 1);
    assert_eq!(sink.resume().unwrap(), Some(3));
}
