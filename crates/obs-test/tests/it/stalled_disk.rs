//! The disk does not answer.
use crate::alone::{LONG, directory, recover_in, start};
use crate::program::say;
use crate::tally::log_file;
use obs_core::io::Io;
use obs_ring::clock::TickSource;
use obs_test::bare::{alone, settings};
use obs_test::trouble::{Trouble, TroubledDisk};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_disk_that_hangs_delays_finish_no_further_than_its_deadline_and_what_is_pending_comes_later() {
    let _alone = alone();
    let parent = tempfile::tempdir().unwrap();
    let disk = TroubledDisk::new(parent.path());
    let io: Arc<dyn Io> = Arc::new(disk.clone());
    let (mut run, counted) = start(parent.path(), &io, &settings());
    say(0..1_000);
    counted.wait_for(999);
    disk.set(Trouble::Stalled);
    say(1_000..4_000);
    counted.wait_for(3_999);
    let timeout = Duration::from_millis(300);
    let before = TickSource::Monotonic.now();
    let delivery = run.finish(timeout);
    let took = Duration::from_nanos(TickSource::Monotonic.now() - before);
    assert!(took <= timeout + Duration::from_millis(100), "{took:?}");
    assert!(delivery.sinks[0].is_complete(), "{delivery}");
    assert!(delivery.sinks[1].pending > 0, "{delivery}");
    drop(run);
    disk.set(Trouble::None);

    let delivery = recover_in(parent.path());
    assert!(delivery.is_complete(), "{delivery}");
    let log = log_file(&directory(parent.path()));
    let tally = counted.arrived();
    assert_eq!((tally.refused, log.refused), (0, 0));
    assert!(log.events.iter().copied().eq(0..4_000), "{} of 4000", log.events.len());
}

#[test]
fn a_disk_that_hangs_for_longer_than_the_stage_lasts_stops_no_other_sink() {
    let _alone = alone();
    let parent = tempfile::tempdir().unwrap();
    let disk = TroubledDisk::new(parent.path());
    let io: Arc<dyn Io> = Arc::new(disk.clone());
    let (mut run, counted) = start(parent.path(), &io, &settings());
    disk.set(Trouble::Stalled);
    for burst in 0..100 {
        say(burst * 1_000..(burst + 1) * 1_000);
        if burst % 10 == 0 {
            counted.wait_until(|arrived| arrived.accounted() >= burst * 1_000);
        }
    }
    disk.set(Trouble::None);
    let delivery = run.finish(LONG);
    assert!(delivery.sinks.iter().all(|sink| sink.pending == 0), "{delivery}");
    let tally = counted.arrived();
    tally.accounts_for(100_000);
    // Where a refusal was told, the log may have lost that word as well.
    let log = log_file(&directory(parent.path()));
    let accounted = log.events.len() as u64 + log.overwritten + tally.refused.max(log.refused);
    assert!(accounted >= 100_000, "{log}; {tally}");
}
