//! Simulated runs that broke a promise once.

#[test]
fn a_failed_sync_that_forgets_and_a_kill_take_no_context_from_later_records() {
    let outcome = obs_test::sim::run(5560);
    assert!(!outcome.power_cut && outcome.committed > 0);
}

#[test]
fn a_recovery_behind_a_cut_keeps_the_spans_that_are_open() {
    let outcome = obs_test::sim::run(12);
    assert!(!outcome.power_cut && outcome.committed > 0);
}
