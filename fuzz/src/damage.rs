//! Damage: what disks, memory and other programs do to files.
use std::ops::Range;

/// What is lost, swapped or stale at once.
pub const SECTOR_BYTES: usize = 512;

/// Decides what happens, where: random numbers, or the bytes of a fuzzer.
pub trait Choice {
    /// A number below `end`; 0 when that is 0.
    fn below(&mut self, end: usize) -> usize;
}

/// Numbers that look random, the same ones for the same seed.
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// The numbers of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
}

impl Choice for Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16;
        number as usize % end.max(1)
    }
}

/// Choices that a fuzzer makes: three bytes each, and 0 when they are used up.
#[derive(Debug, Clone)]
pub struct Chosen<'a>(pub &'a [u8]);

impl Choice for Chosen<'_> {
    fn below(&mut self, end: usize) -> usize {
        let taken = self.0.len().min(3);
        let (bytes, rest) = self.0.split_at(taken);
        self.0 = rest;
        let number = bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
        number % end.max(1)
    }
}

/// Damages `bytes` once to four times: a flipped bit, another byte, a cut, sectors that are zero, swapped, doubled, or
/// as they were in `older`.
pub fn damage(bytes: &mut Vec<u8>, older: &[u8], choice: &mut dyn Choice) {
    for _ in 0..=choice.below(4) {
        damage_once(bytes, older, choice);
    }
}

fn damage_once(bytes: &mut Vec<u8>, older: &[u8], choice: &mut dyn Choice) {
    let kind = choice.below(9);
    let at = choice.below(bytes.len());
    match kind {
        _ if bytes.is_empty() => bytes.push(at as u8),
        0 | 1 => bytes[at] ^= 1 << choice.below(8),
        2 => bytes[at] = choice.below(256) as u8,
        3 => bytes.truncate(at),
        4 => {
            let range = sectors(at, 1 + choice.below(4), bytes.len());
            bytes[range].fill(0);
        }
        5 => swap(bytes, at, choice),
        6 => double(bytes, at, choice),
        7 => {
            let range = sectors(at, 1 + choice.below(8), bytes.len().min(older.len()));
            bytes[range.clone()].copy_from_slice(&older[range]);
        }
        _ => {
            let end = bytes.len().min(at + 1 + choice.below(700));
            let value = choice.below(256) as u8;
            bytes[at..end].fill(value);
        }
    }
}

/// Whole sectors around a byte, as far as there are any.
fn sectors(at: usize, count: usize, length: usize) -> Range<usize> {
    let start = (at / SECTOR_BYTES * SECTOR_BYTES).min(length);
    start..length.min(start + count * SECTOR_BYTES)
}

fn swap(bytes: &mut [u8], at: usize, choice: &mut dyn Choice) {
    let (one, other) = (at / SECTOR_BYTES, choice.below(bytes.len()) / SECTOR_BYTES);
    let (one, other) = (one.min(other) * SECTOR_BYTES, one.max(other) * SECTOR_BYTES);
    if one < other && other + SECTOR_BYTES <= bytes.len() {
        let (front, back) = bytes.split_at_mut(other);
        front[one..one + SECTOR_BYTES].swap_with_slice(&mut back[..SECTOR_BYTES]);
    }
}

/// Writes a range over another one; every second time at a distance of whole words.
fn double(bytes: &mut [u8], at: usize, choice: &mut dyn Choice) {
    let length = (1 + choice.below(2_000)).min(bytes.len() - at);
    let to = choice.below(bytes.len() - length + 1);
    let to = if choice.below(2) == 0 { to } else { to / 8 * 8 + at % 8 };
    if to + length <= bytes.len() {
        bytes.copy_within(at..at + length, to);
    }
}

/// The ranges in which two versions of a file differ, what was cut off included. Bytes that happen to be equal within
/// a damaged range do not count as damaged.
#[must_use]
pub fn differences(before: &[u8], after: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let shared = before.len().min(after.len());
    for at in (0..shared).filter(|at| before[*at] != after[*at]) {
        match found.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    if shared < before.len() {
        found.push(shared..before.len());
    }
    found
}

/// Whether a range holds a damaged byte.
#[must_use]
pub fn is_touched(differences: &[Range<usize>], range: &Range<usize>) -> bool {
    differences.iter().any(|found| found.start < range.end && range.start < found.end)
}
