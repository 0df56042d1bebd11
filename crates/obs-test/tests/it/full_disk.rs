//! The disk is full, and has room again.
use crate::alone::{LONG, directory, start};
use crate::program::{resident_bytes, say};
use crate::tally::{Arrived, log_file};
use obs_core::io::Io;
use obs_test::bare::{alone, settings};
use obs_test::trouble::{Trouble, TroubledDisk};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Far more than stage and rings hold.
const MANY: u64 = 200_000;
const SOME: u64 = 2_000;
/// A full ring is waited for 10 ms; the rest is for a busy machine.
const CALL_MAX: Duration = Duration::from_millis(500);
const MEMORY_MAX: u64 = 64 << 20;

#[test]
fn a_full_disk_harms_neither_the_program_nor_other_sinks_and_what_it_costs_is_counted() {
    let _alone = alone();
    let parent = tempfile::tempdir().unwrap();
    let disk = TroubledDisk::new(parent.path());
    let (fill, free) = (disk.clone(), disk.clone());
    let io: Arc<dyn Io> = Arc::new(disk);
    live_through(parent.path(), &io, &|| fill.set(Trouble::Full), &|| free.set(Trouble::None));
}

#[test]
fn a_disk_that_can_only_be_read_for_a_while_does_no_more_harm_than_a_full_one() {
    let _alone = alone();
    let parent = tempfile::tempdir().unwrap();
    let disk = TroubledDisk::new(parent.path());
    let (lock, free) = (disk.clone(), disk.clone());
    let io: Arc<dyn Io> = Arc::new(disk);
    live_through(parent.path(), &io, &|| lock.set(Trouble::ReadOnly), &|| free.set(Trouble::None));
}

/// A program that logs before, during and after the trouble.
pub(crate) fn live_through(parent: &Path, io: &Arc<dyn Io>, trouble: &dyn Fn(), relief: &dyn Fn()) {
    let (mut run, counted) = start(parent, io, &settings());
    say(0..SOME);
    counted.wait_for(SOME - 1);
    let before = resident_bytes();
    trouble();
    let longest = say(SOME..SOME + MANY);
    let grown = resident_bytes().saturating_sub(before);
    relief();
    let end = SOME + MANY + SOME;
    say(SOME + MANY..end);
    let delivery = run.finish(LONG);
    drop(run);
    assert!(longest < CALL_MAX, "an event took {longest:?}");
    assert!(grown < MEMORY_MAX, "{grown} bytes more than before");
    assert!(delivery.sinks.iter().all(|sink| sink.pending == 0), "{delivery}");

    let tally = counted.arrived();
    assert_eq!(tally.events.len() as u64 + tally.refused, end, "each arrives or is counted");
    assert_eq!(tally.overwritten, 0, "a sink that keeps up loses nothing to the disk");
    let log = log_file(&directory(parent));
    each_is_there_or_counted(&log, &tally);
    assert!((0..SOME).all(|number| log.events.contains(&number)), "what was said before");
    let last = tally.events.iter().rev().take(100);
    assert!(last.into_iter().all(|number| log.events.contains(number)), "writing goes on");
}

/// Of the events that another sink had, the log has each, or has counted it.
pub(crate) fn each_is_there_or_counted(log: &Arrived, tally: &Arrived) {
    assert!(log.events.is_subset(&tally.events));
    let missing = (tally.events.len() - log.events.len()) as u64;
    assert!(missing <= log.overwritten, "{missing} missing, {} counted", log.overwritten);
    assert_eq!(log.overwritten > 0, missing > 0, "{missing} missing");
}
