//! How long runs are kept.
use obs_core::{RunId, UnixNanos};
use obs_log::retention::{Limits, due, prune};
use obs_log::{LogError, LogErrorKind};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(86_400);
const NOW: UnixNanos = UnixNanos(1_795_341_483_000_000_000);

/// Runs of 1, 2, 3, 4 and 5 days ago, of 1000 bytes each, and things that are no runs.
fn runs() -> TempDir {
    let root = TempDir::new().unwrap();
    for days in 1..=5 {
        let start = NOW.saturating_sub(DAY * days);
        let id = RunId::new(start.0 / 1_000_000, days.into());
        let run = root.path().join(format!("{}_{id}", start.to_file_name()));
        fs::create_dir_all(run.join("journal")).unwrap();
        fs::write(run.join("log.jsonl"), [b' '; 400]).unwrap();
        fs::write(run.join("journal/000001.seg"), [b' '; 600]).unwrap();
    }
    for other in ["2020-01-01T00-00-00Z_no-uuid", "notes", "2020-01-01T00-00-00Z"] {
        fs::create_dir(root.path().join(other)).unwrap();
    }
    let id = RunId::new(0, 9);
    fs::write(root.path().join(format!("2020-01-01T00-00-00Z_{id}")), "a file").unwrap();
    root
}

/// The ages in days of the runs that are left.
fn left(root: &Path) -> Vec<u64> {
    let names = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let starts = names.filter(|name| name.starts_with("2026") && name.len() == 57);
    let mut ages: Vec<u64> = starts
        .map(|name| {
            let start = format!("{}T{}", &name[..10], name[11..20].replace('-', ":"));
            NOW.saturating_since(start.parse().unwrap()).as_secs() / 86_400
        })
        .collect();
    ages.sort_unstable();
    ages
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

fn check(limits: Limits, alive: &str, expected: &[u64]) {
    let root = runs();
    let before = fs::read_dir(root.path()).unwrap().count();
    let due = due(root.path(), limits, NOW).unwrap();
    let is_alive = |path: &Path| !alive.is_empty() && path.to_str().unwrap().contains(alive);
    let pruned = prune(root.path(), limits, NOW, &is_alive).unwrap();
    if alive.is_empty() {
        assert_eq!((&due.removed, due.kept), (&pruned.removed, pruned.kept), "as was told before");
        assert_eq!(due.removed_bytes, pruned.removed_bytes);
    }
    let measured =
        if limits.bytes_max > 0 { 1_000 * expected.len() as u64 } else { pruned.kept_bytes };
    assert_eq!(pruned.kept_bytes, measured);
    assert_eq!(left(root.path()), expected);
    assert_eq!(pruned.kept, expected.len());
    assert_eq!(pruned.removed.len(), 5 - expected.len());
    assert_eq!(pruned.removed_bytes, 1_000 * pruned.removed.len() as u64);
    assert!(pruned.removed.is_sorted(), "oldest first");
    assert!(pruned.failures.is_empty());
    let after = fs::read_dir(root.path()).unwrap().count();
    assert_eq!(before - after, pruned.removed.len(), "only runs are removed");
}

#[test]
fn without_limits_all_runs_are_kept() {
    check(Limits::default(), "", &[1, 2, 3, 4, 5]);
}

#[test]
fn the_oldest_runs_go_by_count_age_or_size() {
    check(limits(|limits| limits.count_max = 2), "", &[1, 2]);
    check(limits(|limits| limits.age_max = DAY * 3), "", &[1, 2, 3]);
    check(limits(|limits| limits.bytes_max = 4_500), "", &[1, 2, 3, 4]);
    check(limits(|limits| (limits.count_max, limits.bytes_max) = (4, 2_000)), "", &[1, 2]);
}

#[test]
fn the_newest_run_is_kept_whatever_the_limits_say() {
    check(limits(|limits| limits.bytes_max = 1), "", &[1]);
    check(limits(|limits| limits.age_max = Duration::from_secs(1)), "", &[1]);
}

#[test]
fn a_run_that_is_alive_is_kept_and_another_goes_in_its_place() {
    let oldest = &NOW.saturating_sub(DAY * 5).to_file_name();
    check(limits(|limits| limits.count_max = 3), oldest, &[1, 2, 5]);
}

#[test]
fn what_is_due_is_told_and_stays() {
    let root = runs();
    let due = due(root.path(), limits(|limits| limits.bytes_max = 2_500), NOW).unwrap();
    assert_eq!(
        (due.removed.len(), due.removed_bytes, due.kept, due.kept_bytes),
        (3, 3_000, 2, 2_000)
    );
    assert_eq!(left(root.path()), [1, 2, 3, 4, 5]);
}

#[test]
fn a_root_that_is_not_there_holds_no_runs_and_one_that_is_a_file_is_an_error() {
    let directory = TempDir::new().unwrap();
    let pruned = prune(&directory.path().join("none"), Limits::default(), NOW, &|_| false).unwrap();
    assert_eq!(pruned.kept, 0);
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error: LogError = prune(&file, Limits::default(), NOW, &|_| false).unwrap_err();
    assert_eq!(error.kind(), LogErrorKind::Root);
    let message = error.to_string().replace(file.to_str().unwrap(), "ROOT");
    expect_test::expect![[r#"cannot list the runs in "ROOT": Not a directory (os error 20)"#]]
        .assert_eq(&message);
}

#[cfg(unix)]
#[test]
fn links_are_neither_followed_nor_removed() {
    let (root, outside) = (runs(), TempDir::new().unwrap());
    fs::write(outside.path().join("precious"), "data").unwrap();
    let id = RunId::new(0, 9);
    let link = root.path().join(format!("2019-01-01T00-00-00Z_{id}"));
    std::os::unix::fs::symlink(outside.path(), &link).unwrap();
    let start = NOW.saturating_sub(DAY * 5);
    let run = root.path().join(format!(
        "{}_{}",
        start.to_file_name(),
        RunId::new(start.0 / 1_000_000, 5)
    ));
    std::os::unix::fs::symlink(outside.path(), run.join("profile")).unwrap();
    let pruned =
        prune(root.path(), limits(|limits| limits.count_max = 1), NOW, &|_| false).unwrap();
    assert_eq!(pruned.removed.len(), 4);
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(outside.path().join("precious")).unwrap(), "data");
}
