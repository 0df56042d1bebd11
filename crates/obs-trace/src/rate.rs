//! How many traces that begin here are sampled in a second.
use obs_recorder::steady_ns;
use std::sync::atomic::{AtomicU64, Ordering};

const SECOND_NS: u64 = 1_000_000_000;

/// The time between two traces, in nanoseconds; 0 is no limit.
static INTERVAL_NS: AtomicU64 = AtomicU64::new(0);
/// When the next trace would begin if they came evenly.
static DUE_NS: AtomicU64 = AtomicU64::new(0);

/// So many traces a second from now on; 0 is all.
pub fn set_traces_per_second(count: u32) {
    let interval = SECOND_NS.checked_div(count.into()).unwrap_or(0);
    DUE_NS.store(0, Ordering::Relaxed);
    INTERVAL_NS.store(interval, Ordering::Relaxed);
}

/// Whether there is room for another trace in this second. As many as a second has may come at once.
pub(crate) fn admit() -> bool {
    match INTERVAL_NS.load(Ordering::Relaxed) {
        0 => true,
        interval => admit_at(&DUE_NS, interval, steady_ns()),
    }
}

fn admit_at(due: &AtomicU64, interval: u64, now: u64) -> bool {
    let next = |due: u64| {
        let begins = due.max(now.saturating_sub(SECOND_NS - interval.min(SECOND_NS)));
        (begins <= now).then(|| begins.saturating_add(interval))
    };
    due.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{SECOND_NS, admit_at};
    use std::sync::atomic::AtomicU64;

    #[test]
    fn however_they_come_a_second_takes_no_more_than_the_burst_and_its_own() {
        for (per_second, step) in [(1, 1_000_000), (10, 777_777), (10, 150_000_000), (1_000, 900)] {
            let (due, begin) = (AtomicU64::new(0), 50 * SECOND_NS);
            let times = (begin..begin + 4 * SECOND_NS).step_by(step);
            let interval = SECOND_NS / per_second;
            let admitted = times.filter(|now| admit_at(&due, interval, *now)).count() as u64;
            let most = (4 * per_second + per_second).min(4 * SECOND_NS / step as u64 + 1);
            assert!((most * 4 / 5..=most).contains(&admitted), "{admitted} of {most}");
        }
    }

    #[test]
    fn after_a_pause_as_many_as_a_second_has_come_at_once() {
        let due = AtomicU64::new(0);
        let burst = |now: u64| (0..100).filter(|_| admit_at(&due, SECOND_NS / 10, now)).count();
        assert_eq!(burst(50 * SECOND_NS), 10);
        assert_eq!(burst(50 * SECOND_NS), 0);
        assert_eq!(burst(50 * SECOND_NS + SECOND_NS / 5), 2);
        assert_eq!(burst(90 * SECOND_NS), 10);
    }
}
