//! How many records a request holds: as many as the receiver's pace wants.
use std::time::Duration;

/// As many as OpenTelemetry's own processors put together.
const USUAL: usize = 512;
const MOST: usize = 8_192;
/// What may arrive twice each time an answer is lost.
const LEAST: usize = 1;
/// A receiver that takes longer gets more at once.
const SLOW: Duration = Duration::from_millis(250);
/// Receivers take 4 MiB at least.
pub(crate) const BYTES_MAX: usize = 3 << 20;

/// How many records the next request holds.
#[derive(Debug)]
pub(crate) struct Pace {
    fixed: Option<usize>,
    now: usize,
}

impl Pace {
    /// A pace that keeps to `fixed` records at most, if that is given.
    pub(crate) fn new(fixed: Option<u32>) -> Self {
        let fixed = fixed.map(|records| records.max(1) as usize);
        Self { fixed, now: fixed.map_or(USUAL, |fixed| fixed.min(USUAL)) }
    }

    /// The most that the next request holds.
    pub(crate) fn records(&self) -> usize {
        self.now
    }

    /// The most that any request holds.
    pub(crate) fn most(&self) -> usize {
        self.fixed.unwrap_or(MOST)
    }

    /// A request with `records` was taken after such a time. A slow receiver that has more to take gets more, a fast
    /// one what is usual.
    pub(crate) fn taken(&mut self, records: usize, took: Duration) {
        let was_full = records >= self.now;
        let usual = USUAL.min(self.most());
        self.now = match (was_full, took >= SLOW) {
            (true, true) => (self.now * 2).min(self.most()),
            (true, false) if self.now < usual => (self.now * 2).min(usual),
            (_, false) if self.now > usual => usual.max(self.now / 2),
            _ => self.now,
        };
    }

    /// Nobody knows whether the request was taken: what may arrive twice shall be little.
    pub(crate) fn unclear(&mut self) {
        self.now = (self.now / 8).max(LEAST).min(self.most());
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Pace};
    use std::time::Duration;

    const FAST: Duration = Duration::from_millis(2);
    const SLOW: Duration = Duration::from_secs(5);

    fn after(fixed: Option<u32>, answers: &[Option<Duration>]) -> Vec<usize> {
        let mut pace = Pace::new(fixed);
        let answered = answers.iter().map(|answer| {
            match answer {
                Some(took) => pace.taken(pace.records(), *took),
                None => pace.unclear(),
            }
            pace.records()
        });
        answered.collect()
    }

    #[test]
    fn a_slow_receiver_gets_more_at_once_and_a_fast_one_what_is_usual() {
        assert_eq!(after(None, &[Some(FAST); 3]), [512; 3]);
        assert_eq!(after(None, &[Some(SLOW); 5]), [1024, 2048, 4096, MOST, MOST]);
        let mixed = [Some(SLOW), Some(SLOW), Some(FAST), Some(FAST), Some(FAST)];
        assert_eq!(after(None, &mixed), [1024, 2048, 1024, 512, 512]);
    }

    #[test]
    fn a_lost_answer_makes_the_next_request_small() {
        let lost = [None, None, None, None, Some(FAST), Some(FAST), Some(FAST)];
        assert_eq!(after(None, &lost), [64, 8, 1, 1, 2, 4, 8]);
    }

    #[test]
    fn a_number_that_was_set_is_never_exceeded() {
        assert_eq!(after(Some(100), &[Some(SLOW), None, Some(SLOW)]), [100, 12, 24]);
        assert_eq!(after(Some(5), &[Some(SLOW), None]), [5, 1]);
        assert_eq!(after(Some(2_000), &[Some(SLOW), Some(SLOW)]), [1024, 2000]);
        assert_eq!(after(Some(2_000), &[Some(FAST)]), [512]);
    }

    #[test]
    fn a_request_that_was_not_full_changes_nothing() {
        let mut pace = Pace::new(None);
        pace.taken(3, SLOW);
        assert_eq!(pace.records(), 512);
    }
}
