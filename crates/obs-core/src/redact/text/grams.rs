//! Which four bytes of an anchor it is found by.
use super::anchor::{ANCHORS, Anchor};
use super::frequency;
use super::kinds::FOLDED;
use super::list::List;
use super::short::Short;

/// In an anchor of so many bytes there are rare ones without those around it.
const LONG_BYTES_MIN: usize = 6;
/// The bytes of the longest anchor, and what stands around a short one.
const CHOICES_MAX: usize = Short::BYTES_MAX + 2;
/// How many kinds of bytes there are around the built-in anchors, at most.
const KINDS_MAX: usize = 32;

/// All bytes of a kind, in lower case.
#[derive(Debug, Clone, Copy)]
struct Kind {
    kinds: u32,
    bytes: List<u8, 256>,
    weight: f64,
}

impl Kind {
    const fn new(kinds: u32) -> Self {
        let (mut bytes, mut weight, mut byte) = (List::new(0), 0.0, 0);
        while byte < FOLDED.len() {
            if FOLDED[byte] & kinds != 0 {
                bytes.push(byte as u8);
                weight += frequency::one(byte as u8);
            }
            byte += 1;
        }
        Self { kinds, bytes, weight }
    }
}

/// The kinds of bytes around the anchors.
static KINDS: List<Kind, KINDS_MAX> = {
    let (mut all, mut at) = (List::new(Kind::new(0)), 0);
    while at < ANCHORS.as_slice().len() {
        let anchor = &ANCHORS.as_slice()[at];
        let mut side = 0;
        while side < 2 {
            let kinds = [anchor.before, anchor.next][side];
            if find(all.as_slice(), kinds).is_none() {
                all.push(Kind::new(kinds));
            }
            side += 1;
        }
        at += 1;
    }
    all
};

const fn find(all: &[Kind], kinds: u32) -> Option<&Kind> {
    let mut at = 0;
    while at < all.len() {
        if all[at].kinds == kinds {
            return Some(&all[at]);
        }
        at += 1;
    }
    None
}

/// What may stand at a place: one byte, or all of a kind. In lower case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    /// The byte, where it is one.
    pub(super) byte: Option<u8>,
    kind: Option<&'static Kind>,
    pub(super) count: usize,
    /// How often one of them is met.
    pub(super) weight: f64,
}

impl Choice {
    const fn of_byte(byte: u8) -> Self {
        let byte = byte.to_ascii_lowercase();
        Self { byte: Some(byte), kind: None, count: 1, weight: frequency::one(byte) }
    }

    const fn of_kind(kinds: u32) -> Self {
        match find(KINDS.as_slice(), kinds) {
            Some(kind) => {
                let count = kind.bytes.len();
                Self { byte: None, kind: Some(kind), count, weight: kind.weight }
            }
            None => panic!("the kinds of all anchors are known"),
        }
    }
}

/// Two neighbouring places of an anchor, of four bytes each: those that are rarest in text, with all bytes that may
/// stand there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grams {
    choices: [Choice; CHOICES_MAX],
    count: usize,
    /// Whether what stands around the anchor is looked at, too.
    has_edges: bool,
    first: usize,
}

impl Grams {
    pub(super) const fn of(anchor: &Anchor) -> Self {
        let text = anchor.text.as_bytes();
        let has_edges = text.len() < LONG_BYTES_MIN;
        let mut choices = [Choice::of_byte(0); CHOICES_MAX];
        let edge = has_edges as usize;
        let mut at = 0;
        while at < text.len() {
            choices[edge + at] = Choice::of_byte(text[at]);
            at += 1;
        }
        if has_edges {
            choices[0] = Choice::of_kind(anchor.before);
            choices[edge + text.len()] = Choice::of_kind(anchor.next);
        }
        let count = text.len() + 2 * edge;
        Self { choices, count, has_edges, first: rarest(&choices, count) }
    }

    /// What may stand at the first or second place, and where that is, seen from the anchor's first byte.
    pub(super) const fn place(&self, number: usize) -> Option<(Place, i16)> {
        let at = self.first + number;
        if at + 4 > self.count {
            return None;
        }
        let (mut place, mut index) = (Place { bytes: [0; 4], kind: None, index: 0, next: 0 }, 0);
        while index < 4 {
            let choice = &self.choices[at + index];
            match (choice.byte, choice.kind) {
                (Some(byte), _) => place.bytes[index] = byte,
                (None, kind) => (place.kind, place.index) = (kind, index),
            }
            index += 1;
        }
        Some((place, at as i16 - self.has_edges as i16))
    }
}

/// All that four bytes may be, one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    bytes: [u8; 4],
    /// What one of them may be, and which: anchors have three bytes at least, so that no place reaches over both ends.
    kind: Option<&'static Kind>,
    index: usize,
    next: usize,
}

impl Place {
    pub(super) const fn next(&mut self) -> Option<[u8; 4]> {
        let number = self.next;
        self.next += 1;
        match self.kind {
            None if number == 0 => Some(self.bytes),
            Some(kind) if number < kind.bytes.len() => {
                self.bytes[self.index] = kind.bytes.get(number);
                Some(self.bytes)
            }
            _ => None,
        }
    }
}

/// Where the four bytes begin that are the rarest, together with those a place further.
const fn rarest(choices: &[Choice; CHOICES_MAX], count: usize) -> usize {
    let (mut first, mut least, mut last, mut at) = (0, f64::INFINITY, f64::INFINITY, 0);
    while at + 4 <= count {
        let cost =
            frequency::of([&choices[at], &choices[at + 1], &choices[at + 2], &choices[at + 3]]);
        if last + cost < least {
            (first, least) = (at - 1, last + cost);
        }
        last = cost;
        at += 1;
    }
    first
}
