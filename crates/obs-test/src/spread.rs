//! How long events took.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Values below are told apart; above, 32 steps to a doubling, so that what is read off is right to 3 %.
const STEPS: u64 = 32;
const BUCKETS: usize = 40 * STEPS as usize;

/// Counts of nanoseconds that many threads add to.
#[derive(Debug)]
pub(crate) struct Counts {
    buckets: Box<[AtomicU64]>,
}

impl Counts {
    pub(crate) fn new() -> Self {
        Self { buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect() }
    }

    pub(crate) fn add(&self, ns: u64) {
        let bucket = bucket(ns).min(BUCKETS - 1);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn spread(&self) -> Spread {
        let counts = self.buckets.iter().map(|count| count.load(Ordering::Relaxed)).enumerate();
        Spread { counts: counts.filter(|(_, count)| *count > 0).collect() }
    }
}

/// How often each length of time was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    counts: BTreeMap<usize, u64>,
}

impl Spread {
    /// How many were seen.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Adds those of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            *self.counts.entry(*bucket).or_default() += count;
        }
    }

    /// The nanoseconds that so many of a thousand did not exceed; 0 when none were seen.
    #[must_use]
    pub fn per_mille(&self, share: u64) -> u64 {
        let wanted = (self.count() * share).div_ceil(1_000).max(1);
        let mut seen = 0;
        let reached = self.counts.iter().find(|(_, count)| {
            seen += **count;
            seen >= wanted
        });
        reached.map_or(0, |(bucket, _)| top(*bucket))
    }
}

fn bucket(ns: u64) -> usize {
    if ns < STEPS {
        return ns as usize;
    }
    let doubling = u64::from(ns.ilog2() - STEPS.ilog2());
    ((doubling + 1) * STEPS + (ns >> doubling) - STEPS) as usize
}

/// The largest value of a bucket.
fn top(bucket: usize) -> u64 {
    let (doubling, step) = (bucket as u64 / STEPS, bucket as u64 % STEPS);
    match doubling {
        0 => step,
        _ => ((STEPS + step + 1) << (doubling - 1)) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Spread, bucket, top};

    #[test]
    fn every_value_is_at_most_the_top_of_its_bucket_and_above_that_of_the_one_before() {
        for ns in (0..5_000).chain([100_000, 1 << 30, (1 << 33) + 7]) {
            let at = bucket(ns);
            assert!(ns <= top(at) && (at == 0 || ns > top(at - 1)), "{ns} in {at}");
            assert!(top(at) - ns <= ns / 32, "{ns} in {at}");
        }
    }

    #[test]
    fn shares_are_read_off_where_they_are_reached() {
        let counts = Counts::new();
        (1..=1_000).for_each(|ns| counts.add(ns));
        let spread = counts.spread();
        assert_eq!((spread.count(), spread.per_mille(1), spread.per_mille(20)), (1_000, 1, 20));
        assert!((500..=515).contains(&spread.per_mille(500)));
        assert!((990..=1_023).contains(&spread.per_mille(990)));
        let mut twice = spread.clone();
        twice.merge(&spread);
        assert_eq!((twice.count(), twice.per_mille(20)), (2_000, 20));
        assert_eq!(Spread::default().per_mille(990), 0);
    }
}
