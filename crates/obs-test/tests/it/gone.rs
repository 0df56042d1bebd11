//! The run directory goes away while the program runs.
use crate::alone::{directory, recover_in, start};
use crate::program::say;
use crate::tally::log_file;
use obs_core::io::{Disk, Io};
use obs_test::bare::{alone, settings};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_run_directory_that_is_moved_away_takes_what_was_written_and_the_rest_is_recovered_there() {
    let _alone = alone();
    let parent = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let io: Arc<dyn Io> = Arc::new(Disk::new());
    let (mut run, counted) = start(parent.path(), &io, &settings());
    say(0..1_000);
    counted.wait_for(999);
    let path = directory(parent.path());
    std::fs::rename(&path, elsewhere.path().join(path.file_name().unwrap())).unwrap();
    say(1_000..3_000);
    counted.wait_for(2_999);
    let delivery = run.finish(Duration::from_millis(500));
    drop(run);
    assert!(delivery.sinks[0].is_complete(), "{delivery}");
    let said = delivery.error.as_deref().unwrap_or_default();
    assert!(said.starts_with("cannot write the journal: "), "{said}");

    let delivery = recover_in(elsewhere.path());
    assert!(delivery.is_complete(), "{delivery}");
    let log = log_file(&directory(elsewhere.path()));
    assert!(log.events.iter().copied().eq(0..3_000), "{} of 3000", log.events.len());
}

#[test]
fn a_run_directory_that_is_removed_costs_its_files_and_nothing_else() {
    let _alone = alone();
    let parent = tempfile::tempdir().unwrap();
    let io: Arc<dyn Io> = Arc::new(Disk::new());
    let (mut run, counted) = start(parent.path(), &io, &settings());
    say(0..1_000);
    counted.wait_for(999);
    let path = directory(parent.path());
    // While it goes, files may be made in it.
    while let Err(error) = std::fs::remove_dir_all(&path) {
        assert_eq!(error.kind(), ErrorKind::DirectoryNotEmpty, "{error}");
    }
    say(1_000..100_000);
    let delivery = run.finish(Duration::from_millis(500));
    drop(run);
    counted.arrived().accounts_for(100_000);
    assert_eq!(delivery.sinks[0].pending, 0, "{delivery}");
    assert!(!path.exists(), "a directory that was removed stays removed");
}
