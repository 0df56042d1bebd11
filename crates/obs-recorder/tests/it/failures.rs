//! `failures.json` on the disk.
use obs_core::RunId;
use obs_core::io::Disk;
use obs_recorder::failures::{self, Failures};
use obs_recorder::{End, EndKind, Summary};
use obs_test::trouble::{Trouble, TroubledDisk};
use std::io::ErrorKind;
use std::path::Path;

fn run(number: u64) -> Summary {
    let mut run = Summary::new(RunId::new(number, number.into()), "acm");
    run.started_at = "2026-11-22T09:58:03.000000000Z".to_owned();
    let fingerprint = "1:0123456789abcdef".parse().expect("a fingerprint");
    run.end = Some(End::new(EndKind::Killed, "killed", Vec::new()).with_fingerprint(fingerprint));
    run
}

fn count(root: &Path) -> u64 {
    failures::load(&Disk::new(), root)
        .expect("a file of failures")
        .groups
        .iter()
        .map(|group| group.count)
        .sum()
}

#[test]
fn a_disk_that_takes_nothing_leaves_the_counts_as_they_were() {
    let root = tempfile::tempdir().unwrap();
    let disk = TroubledDisk::new(root.path());
    failures::update(&disk, root.path(), |failures| failures.count(&run(1))).unwrap();
    for trouble in [Trouble::Full, Trouble::ReadOnly] {
        disk.set(trouble);
        failures::update(&disk, root.path(), |failures| failures.count(&run(2))).unwrap_err();
        assert_eq!(count(root.path()), 1, "{trouble:?}");
    }
    disk.set(Trouble::None);
    failures::update(&disk, root.path(), |failures| failures.count(&run(2))).unwrap();
    assert_eq!(count(root.path()), 2);
}

#[test]
fn threads_that_count_the_same_runs_at_once_count_each_once() {
    let root = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..10 {
                    let count = |failures: &mut Failures| failures.count(&run(number));
                    failures::update(&Disk::new(), root.path(), count).unwrap();
                }
            });
        }
    });
    assert_eq!(count(root.path()), 10);
}

#[test]
fn what_is_no_file_of_failures_is_begun_anew_and_said_to_be_damaged() {
    let mut other = Failures::default();
    other.format = 2;
    let text = serde_json::to_string(&other).unwrap();
    for wrong in ["", "[]", "{\"format\":1}", "\0", &text, &" ".repeat(2 << 20)] {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(failures::path(root.path()), wrong).unwrap();
        let error = failures::load(&Disk::new(), root.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{wrong:.20}");
        let updated = failures::update(&Disk::new(), root.path(), |it| it.count(&run(1))).unwrap();
        assert!(updated.damage.is_some() && updated.value.unwrap().number == 1);
        assert_eq!(count(root.path()), 1);
    }
}

#[test]
fn without_a_file_nothing_was_counted_and_nothing_is_written_without_need() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(count(root.path()), 0);
    failures::update(&Disk::new(), root.path(), |_| ()).unwrap();
    assert!(!failures::path(root.path()).exists());
}

#[test]
fn a_link_in_the_place_of_the_lock_is_not_followed() {
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/null", root.path().join("failures.lock")).unwrap();
    failures::update(&Disk::new(), root.path(), |it| it.count(&run(1))).unwrap_err();
}
