//! What the programs in trouble do: they log numbers, and look how long that takes.
use obs_ring::clock::TickSource;
use obs_test::bare;
use std::ops::Range;
use std::time::Duration;

/// Logs one event a number. Returns the longest time that one took.
pub(crate) fn say(numbers: Range<u64>) -> Duration {
    let filling = "x".repeat(60);
    let longest = numbers.map(|number| {
        let before = TickSource::Monotonic.now();
        bare::say(&filling, number);
        TickSource::Monotonic.now() - before
    });
    Duration::from_nanos(longest.max().unwrap_or(0))
}

/// Bytes of memory that the process has to itself.
pub(crate) fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let mut words = pages.split(' ').skip(1).map(|word| word.parse::<u64>().unwrap());
    let (resident, shared) = (words.next().unwrap(), words.next().unwrap());
    resident.saturating_sub(shared) * 4096
}
