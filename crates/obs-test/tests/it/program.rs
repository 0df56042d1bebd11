//! What the programs in trouble do: they log numbers, and look how long that takes.
use obs_core::{Callsite, CallsiteKind, Level};
use obs_recorder::emit::{self, Source};
use obs_ring::clock::TickSource;
use std::ops::Range;
use std::time::Duration;

static CALLSITE: u8 = 0;

/// Logs one event a number. Returns the longest time that one took.
pub(crate) fn say(numbers: Range<u64>) -> Duration {
    let filling = "x".repeat(60);
    let longest = numbers.map(|number| {
        let before = TickSource::Monotonic.now();
        say_one(number, &filling);
        TickSource::Monotonic.now() - before
    });
    Duration::from_nanos(longest.max().unwrap_or(0))
}

fn say_one(number: u64, filling: &str) {
    let describe = || Callsite {
        kind: CallsiteKind::Event,
        level: Level::Info,
        name: String::new(),
        target: "test".into(),
        file: None,
        line: None,
        fields: vec!["message".into(), "number".into()],
    };
    let source = Source {
        address: std::ptr::from_ref(&CALLSITE) as usize,
        level: Level::Info,
        describe: &describe,
    };
    emit::event(source, None, |fields| {
        fields.text(0, filling);
        fields.u64(1, number);
    });
}

/// Bytes of memory that the process has to itself.
pub(crate) fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let mut words = pages.split(' ').skip(1).map(|word| word.parse::<u64>().unwrap());
    let (resident, shared) = (words.next().unwrap(), words.next().unwrap());
    resident.saturating_sub(shared) * 4096
}
