//! `failures.json`.
use crate::damage::{Chosen, damage};
use crate::memory::Memory;
use crate::{golden, mode};
use obs_core::UnixNanos;
use obs_recorder::failures::{Failures, load, save};
use obs_recorder::{End, EndKind, Fingerprint, Summary};
use std::path::Path;

/// Reads the bytes as counted failures, or damages the golden ones by them; then counts one more run.
///
/// # Panics
///
/// When what was read is something else after it was written, or a run is counted twice, or not at all.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    let mut file = rest.to_vec();
    if mode > 0 {
        file = golden::FAILURES.to_vec();
        let older = vec![b' '; file.len()];
        damage(&mut file, &older, &mut Chosen(rest));
    }
    let root = Path::new("/runs");
    let memory = Memory::of("/runs/failures.json", &file);
    let Ok(failures) = load(&memory, root) else { return };
    save(&memory, root, &failures).expect("files in memory");
    assert_eq!(load(&memory, root).expect("what was written can be read"), failures);
    count(failures);
}

fn count(mut failures: Failures) {
    let Some(fingerprint) = failures.groups.first().map(|group| group.fingerprint) else { return };
    let run = failed(fingerprint);
    let before = failures.group_of(&run).map_or(0, |group| group.count);
    let was_counted =
        failures.group_of(&run).is_some_and(|group| group.counted.contains(&run.run_id));
    let groups = failures.groups.len();
    failures.count(&run).expect("it has failed");
    assert!(failures.groups.len() <= groups.max(64), "a group more than there may be");
    let now = UnixNanos(golden::START_NS);
    if failures.wants_bundle(&run, now, 8) {
        failures.try_bundle(&run, now);
        failures.fail_bundle(&run, "no room");
        failures.add_bundle(&run, "name", now);
    }
    assert!(!failures.wants_bundle(&run, now, 0), "none is wanted");
    failures.count(&run);
    let after = failures.group_of(&run).map_or(0, |group| group.count);
    assert_eq!(after, before.saturating_add(u64::from(!was_counted)), "it is counted once");
}

fn failed(fingerprint: Fingerprint) -> Summary {
    let mut run = Summary::new(golden::run_id(), "acm-batch");
    run.started_at = UnixNanos(golden::START_NS).to_string();
    run.end = Some(End::new(EndKind::Killed, "killed", Vec::new()).with_fingerprint(fingerprint));
    run
}
