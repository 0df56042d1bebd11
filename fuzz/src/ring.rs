//! Ring files.
use crate::damage::{Chosen, damage, differences, is_touched};
use crate::{golden, mode};
use obs_ring::ring::{Item, Ring};
use std::ops::Range;

/// Header, and the words that hold `head` and `tail`: what a reader must believe to find anything.
const VITAL: [Range<usize>; 3] = [0..128, 512..520, 640..648];
const HEADER_BYTES: u64 = 4096;

/// A record with the positions around it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The position behind what came before it.
    pub start: u64,
    /// The position behind it.
    pub end: u64,
    /// Kind and level.
    pub what: (u8, u8),
    /// Its time.
    pub ticks: u64,
    /// The context that it brings.
    pub context: Option<Vec<u8>>,
    /// Its body.
    pub body: Vec<u8>,
}

/// The records in a ring's file; `None` when it is refused as a whole.
///
/// # Panics
///
/// When the reader does not advance, or goes further than the ring reaches.
#[must_use]
pub fn read(image: &[u8]) -> Option<Vec<Found>> {
    let ring = Ring::open(image).ok()?;
    let consumer = ring.consumer(Some(0));
    if !consumer.is_sound() {
        return None;
    }
    let (mut at, head) = (consumer.tail(), consumer.head());
    let (mut found, mut buffer) = (Vec::new(), Vec::new());
    while at < head {
        let end = consumer.read_end(at, head);
        let mut records = consumer.read(at, end, &mut buffer);
        let mut start = at;
        while let Some(item) = records.next() {
            if let Item::Record(record) = item {
                let what = (record.kind, record.level);
                let (context, body) = (record.context.map(<[u8]>::to_vec), record.body.to_vec());
                let (end, ticks) = (record.end, record.ticks);
                found.push(Found { start, end, what, ticks, context, body });
            }
            assert!(records.position() > start || records.position() <= end, "it advances");
            start = records.position();
        }
        let reached = records.position();
        assert!(reached <= end, "nothing is read beyond the end");
        at = if reached > at { reached } else { end };
    }
    Some(found)
}

/// Compares what can be read from a damaged ring with what was written: nothing else comes out, and whatever was not
/// damaged does.
///
/// # Panics
///
/// When that does not hold.
pub fn compare(original: &[u8], damaged: &[u8]) {
    let written = read(original).expect("the original is a ring");
    let differences = differences(original, damaged);
    let is_headless = VITAL.iter().any(|range| is_touched(&differences, range));
    let Some(found) = read(damaged) else {
        assert!(is_headless || damaged.len() < original.len(), "refused for nothing");
        return;
    };
    let is_written = |record: &Found| {
        written.iter().any(|other| Found { start: record.start, ..other.clone() } == *record)
    };
    // Below the tail there may be records that were written and do not count any more: they are whole.
    let tail = written.first().map_or(0, |first| first.end);
    let counts = |record: &&Found| !is_headless || record.end >= tail;
    let false_one = found.iter().filter(counts).find(|record| !is_written(record));
    assert!(false_one.is_none(), "a record was not written: {false_one:?}");
    assert!(found.is_sorted_by(|one, next| one.end < next.end), "a record comes twice");
    let capacity = (original.len() as u64) - HEADER_BYTES;
    let is_whole = |record: &Found| {
        (record.start..record.end).step_by(8).all(|position| {
            let at = (HEADER_BYTES + position % capacity) as usize;
            !is_touched(&differences, &(at..at + 8))
        })
    };
    for record in written.iter().filter(|record| !is_headless && is_whole(record)) {
        let is_found = found.iter().any(|other| other.end == record.end);
        assert!(is_found, "the record up to {} was not damaged, and is lost", record.end);
    }
}

/// Reads the bytes as a ring, or damages the golden one by them.
///
/// # Panics
///
/// When a promise of the format does not hold.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    if mode == 0 {
        drop(read(rest));
        return;
    }
    let mut image = golden::RING.to_vec();
    let older = vec![0; image.len()];
    damage(&mut image, &older, &mut Chosen(rest));
    compare(golden::RING, &image);
}
