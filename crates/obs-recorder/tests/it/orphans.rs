//! Rings whose run directory was removed, or moved.
use crate::support::{Shelf, start};
use obs_core::{RunId, UnixNanos};
use obs_recorder::Orphans;
use obs_test::bare::{alone, settings};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60 * 1_000_000_000;
const NOW: u64 = 1_800_000_000_000_000_000;

/// What a run leaves that is killed: rings in `place`, and a run directory that points to them.
fn leave(place: &Path, root: &Path, number: u128) -> (PathBuf, PathBuf) {
    let run_id = RunId::new(1, number);
    let rings = place.join(run_id.to_string());
    let run = root.join(format!("2026-11-22T09-58-03Z_{run_id}"));
    for directory in [&rings, &run] {
        fs::create_dir(directory).unwrap();
    }
    fs::write(rings.join("stage"), "frames").unwrap();
    fs::write(rings.join("owner"), format!("{}\n", run.display())).unwrap();
    fs::write(run.join("rings.path"), format!("{}\n", rings.display())).unwrap();
    (rings, run)
}

fn remove(place: &Path, now: UnixNanos) -> Vec<PathBuf> {
    let mut orphans = Orphans::remove(&[place.to_owned(), place.join("not there")], now);
    assert_eq!(orphans.failures, Vec::<String>::new());
    orphans.removed.sort();
    orphans.removed
}

#[test]
fn rings_that_no_run_directory_points_to_go_a_day_after_that_was_found() {
    let (place, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (place, root) = (place.path(), root.path());
    let (kept, _) = leave(place, root, 1);
    let (orphan, removed) = leave(place, root, 2);
    let (moved_rings, moved) = leave(place, root, 3);
    let (elsewhere, points_elsewhere) = leave(place, root, 4);
    let unclaimed = place.join(RunId::new(1, 5).to_string());
    fs::create_dir(&unclaimed).unwrap();
    let foreign = place.join("precious");
    fs::create_dir(&foreign).unwrap();
    fs::remove_dir_all(removed).unwrap();
    fs::rename(&moved, root.join("aside")).unwrap();
    fs::write(points_elsewhere.join("rings.path"), "/elsewhere/rings\n").unwrap();
    for later in [0, DAY] {
        assert_eq!(
            remove(place, UnixNanos(NOW + later)),
            Vec::<PathBuf>::new(),
            "after {later} ns"
        );
    }
    // Back where it was, it points to its rings again.
    fs::rename(root.join("aside"), &moved).unwrap();
    let later = UnixNanos(NOW + DAY + 1);
    assert_eq!(remove(place, later), [orphan, elsewhere, unclaimed]);
    fs::rename(&moved, root.join("aside")).unwrap();
    assert_eq!(remove(place, later), Vec::<PathBuf>::new(), "the day begins anew");
    assert!([kept, moved_rings, foreign].iter().all(|path| path.exists()));
}

#[test]
fn rings_of_a_run_that_is_alive_stay_without_its_directory() {
    let _alone = alone();
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    let root = tempfile::tempdir().unwrap();
    let mut settings = settings();
    settings.runtime_dir = Some(runtime.path().to_owned());
    let mut run = start(Some(root.path()), &settings, &Shelf::default());
    let rings = run.place().directory().unwrap().path().to_owned();
    let place = runtime.path().join("obs");
    assert!(rings.starts_with(&place), "{rings:?}");
    fs::remove_dir_all(run.directory().unwrap()).unwrap();
    for days in 0..3 {
        assert_eq!(
            remove(&place, UnixNanos(NOW + days * DAY)),
            Vec::<PathBuf>::new(),
            "day {days}"
        );
    }
    assert!(rings.join("stage").exists());
    drop(run.finish(Duration::from_millis(50)));
    assert!(!rings.exists(), "a run removes its own");
}

#[test]
fn a_run_without_a_directory_leaves_no_rings() {
    let _alone = alone();
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    let mut settings = settings();
    settings.runtime_dir = Some(runtime.path().to_owned());
    let run = start(None, &settings, &Shelf::default());
    assert!(run.place().directory().is_none());
    assert_eq!(fs::read_dir(runtime.path()).unwrap().count(), 0);
}
