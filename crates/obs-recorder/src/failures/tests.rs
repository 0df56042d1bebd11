//! Counting, and when a bundle is due.
use super::Failures;
use crate::fingerprint::{Cause, Fingerprint};
use crate::summary::{End, EndKind, Summary};
use obs_core::{RunId, UnixNanos};

const HOUR: u64 = 3_600_000_000_000;
const DAY: u64 = 24 * HOUR;
/// 2026-11-22.
const START: u64 = 1_795_305_600_000_000_000;

/// The run with this number, which ended after so many nanoseconds in the way that `within` stands for.
fn run(number: u64, ended_ns: u64, within: &str) -> Summary {
    let mut run = Summary::new(RunId::new(number, number.into()), "acm");
    let kind = EndKind::Killed;
    let fingerprint = Fingerprint::of(&Cause::Outside { kind, within });
    run.ended_at = Some(UnixNanos(START + ended_ns).to_string());
    let detail = format!("killed, number {number}");
    run.end = Some(End::new(kind, detail, Vec::new()).with_fingerprint(fingerprint));
    run
}

fn at(ns: u64) -> UnixNanos {
    UnixNanos(START + ns)
}

#[test]
fn runs_that_end_in_the_same_way_are_counted_in_one_group() {
    let mut failures = Failures::default();
    for number in 1..=30 {
        let recurrence = failures.count(&run(number, number * HOUR, "load")).unwrap();
        assert_eq!(recurrence.number, number);
        assert_eq!(recurrence.first_run_id, run(1, 0, "").run_id);
    }
    failures.count(&run(31, 0, "save"));
    let counts: Vec<u64> = failures.groups.iter().map(|group| group.count).collect();
    assert_eq!(counts, [30, 1]);
    let group = failures.group_of(&run(1, 0, "load")).unwrap();
    assert_eq!(group.first_at, at(HOUR).to_string());
    assert_eq!((&group.last_at, &*group.detail), (&at(30 * HOUR).to_string(), "killed, number 30"));
    assert_eq!((&group.last_run_id, group.counted.len()), (&run(30, 0, "").run_id, 16));
}

#[test]
fn a_run_is_counted_once() {
    let mut failures = Failures::default();
    let runs: Vec<Summary> = (1..=3).map(|number| run(number, number, "load")).collect();
    let first: Vec<_> = runs.iter().map(|run| failures.count(run)).collect();
    let before = failures.clone();
    let again: Vec<_> = runs.iter().map(|run| failures.count(run)).collect();
    assert_eq!((again, failures), (first, before));
}

#[test]
fn runs_that_are_counted_out_of_order_are_told_in_order() {
    let mut failures = Failures::default();
    for number in [3, 1, 2] {
        failures.count(&run(number, number, "load"));
    }
    let group = &failures.groups[0];
    assert_eq!((&group.first_run_id, &group.first_at), (&run(1, 0, "").run_id, &at(1).to_string()));
    assert_eq!((&group.last_run_id, &group.last_at), (&run(3, 0, "").run_id, &at(3).to_string()));
    assert_eq!(group.detail, "killed, number 3");
}

#[test]
fn two_services_that_share_a_root_are_told_apart() {
    let mut failures = Failures::default();
    let mut other = run(2, 2, "load");
    other.service = "ledger".to_owned();
    assert_eq!(failures.count(&run(1, 1, "load")).unwrap().number, 1);
    assert_eq!(failures.count(&other).unwrap().number, 1);
}

#[test]
fn what_did_not_fail_or_has_no_fingerprint_is_not_counted() {
    let (mut alive, mut finished, mut older) = (run(1, 1, "a"), run(2, 2, "a"), run(3, 3, "a"));
    alive.end = None;
    finished.end = Some(End::finished());
    older.end = Some(End::new(EndKind::Killed, "killed", Vec::new()));
    let mut failures = Failures::default();
    for run in [alive, finished, older] {
        assert_eq!(failures.count(&run), None);
    }
    assert_eq!(failures, Failures::default());
}

#[test]
fn of_too_many_groups_the_one_goes_that_was_not_met_for_the_longest_time() {
    let mut failures = Failures::default();
    for number in 0..64 {
        failures.count(&run(number, number, &format!("way {}", "x".repeat(number as usize))));
    }
    failures.count(&run(100, 100, "way "));
    failures.count(&run(101, 5, "old news"));
    assert_eq!(failures.groups.len(), 64);
    assert_eq!(failures.group_of(&run(0, 0, "way x")), None);
    for kept in ["way ", "way xx", "old news"] {
        assert!(failures.group_of(&run(0, 0, kept)).is_some(), "{kept}");
    }
}

/// Counts the run, and makes its bundle if that is due: the name of one that goes.
fn bundle(failures: &mut Failures, run: &Summary, now: UnixNanos) -> Result<Option<String>, ()> {
    failures.count(run);
    if !failures.wants_bundle(run, now, 8) {
        return Err(());
    }
    failures.try_bundle(run, now);
    Ok(failures.add_bundle(run, &run.run_id, now))
}

#[test]
fn a_thousand_restarts_in_a_loop_make_one_bundle_and_later_one_a_day() {
    let mut failures = Failures::default();
    let mut made = Vec::new();
    for number in 0..1_000 {
        let ns = number * 1_000_000_000;
        let run = run(number, ns, "load");
        made.extend(bundle(&mut failures, &run, at(ns)).map(|_| number));
    }
    assert_eq!(made, [0]);
    for (number, day) in [(1_001, 1), (1_002, 2), (1_003, 3)] {
        let ns = day * DAY + 1_000;
        let gone = bundle(&mut failures, &run(number, ns, "load"), at(ns)).unwrap();
        let expected = (day > 1).then(|| run(number - 1, 0, "").run_id);
        assert_eq!(gone, expected, "the first stays, and the latest");
    }
    let names = [run(0, 0, "").run_id, run(1_003, 0, "").run_id];
    assert_eq!(failures.groups[0].bundled.names, names);
}

#[test]
fn a_run_whose_bundle_was_removed_does_not_get_another_one() {
    let mut failures = Failures::default();
    let first = run(1, 0, "load");
    bundle(&mut failures, &first, at(0)).unwrap();
    failures.forget_bundles(std::slice::from_ref(&first.run_id));
    assert_eq!(failures.groups[0].bundled.names, Vec::<String>::new());
    assert!(!failures.wants_bundle(&first, at(30 * DAY), 8));
}

#[test]
fn ways_that_are_new_each_time_make_no_more_bundles_in_a_day_than_are_kept() {
    let mut failures = Failures::default();
    let mut bundles = |from: u64| {
        let runs = (0..100).map(|number| (number, from + number));
        let way = |number: u64| format!("way {}", "x".repeat(number as usize));
        runs.filter(|(number, ns)| {
            bundle(&mut failures, &run(*ns, *ns, &way(*number)), at(*ns)).is_ok()
        })
        .count()
    };
    assert_eq!(bundles(0), 8);
    assert_eq!(bundles(2 * DAY), 8);
}

#[test]
fn attempts_that_come_to_nothing_are_repeated_three_times_an_hour() {
    let mut failures = Failures::default();
    let run = run(1, 0, "load");
    failures.count(&run);
    let mut tried = |hour: u64| {
        let tries = (0..10).filter(|_| {
            let wants = failures.wants_bundle(&run, at(hour * HOUR), 8);
            if wants {
                failures.try_bundle(&run, at(hour * HOUR));
                failures.fail_bundle(&run, "no space left on device");
            }
            wants
        });
        tries.count()
    };
    assert_eq!(tried(0), 3);
    assert_eq!(tried(2), 1, "and then once");
    assert_eq!(failures.groups[0].bundled.problem.as_deref(), Some("no space left on device"));
}

#[test]
fn times_from_a_clock_that_was_ahead_hold_nothing_up() {
    let mut failures = Failures::default();
    let (one, other) = (run(1, 900 * DAY, "load"), run(2, 0, "save"));
    for _ in 0..8 {
        failures.add_bundle(&one, "a", at(900 * DAY));
    }
    failures.count(&other);
    (0..3).for_each(|_| failures.try_bundle(&other, at(900 * DAY)));
    assert!(failures.wants_bundle(&other, at(DAY), 8));
}
