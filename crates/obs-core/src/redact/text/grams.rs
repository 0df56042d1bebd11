//! Which four bytes of an anchor it is found by.
use super::anchor::Anchor;
use super::frequency;
use std::iter::once;

/// In an anchor of so many bytes there are rare ones without those around it.
const LONG_BYTES_MIN: usize = 6;

/// Four neighbouring bytes of an anchor, or of it and what may stand around it; in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gram {
    /// Where they stand, seen from the anchor's first.
    pub(super) offset: i8,
    pub(super) bytes: [u8; 4],
}

/// What may stand at a place: one byte, or all of a kind. In lower case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice<'a> {
    pub(super) bytes: &'a [u8],
    /// How often one of them is met.
    pub(super) weight: f64,
}

/// The bytes of a kind, in lower case.
#[derive(Debug)]
struct Kind {
    is: fn(u8) -> bool,
    bytes: Vec<u8>,
    weight: f64,
}

impl Kind {
    fn new(is: fn(u8) -> bool) -> Self {
        let mut is_there = [false; 256];
        let of_kind = (0..=u8::MAX).filter(|byte| is(*byte));
        of_kind.for_each(|byte| is_there[usize::from(byte | 0x20)] = true);
        let bytes: Vec<u8> = (0..=u8::MAX).filter(|byte| is_there[usize::from(*byte)]).collect();
        let weight = frequency::one_of(&bytes);
        Self { is, bytes, weight }
    }

    fn choice(&self) -> Choice<'_> {
        Choice { bytes: &self.bytes, weight: self.weight }
    }
}

/// Chooses; remembers which bytes are of a kind.
#[derive(Debug, Default)]
pub(super) struct Grams {
    kinds: Vec<Kind>,
}

impl Grams {
    /// Tells two neighbouring places of the anchor, those whose bytes are rarest in text, with all bytes that may stand
    /// there.
    pub(super) fn choose(&mut self, anchor: &Anchor, mut tell: impl FnMut(Gram)) {
        let has_edges = anchor.text.len() < LONG_BYTES_MIN;
        let text = anchor.text.to_ascii_lowercase();
        let edges = has_edges.then(|| (self.kind(anchor.before), self.kind(anchor.next)));
        let inner = text.as_bytes().chunks(1);
        let inner = inner.map(|bytes| Choice { bytes, weight: frequency::one_of(bytes) });
        let edge = |number: usize| once(self.kinds[number].choice());
        let choices: Vec<Choice<'_>> = match edges {
            Some((before, next)) => edge(before).chain(inner).chain(edge(next)).collect(),
            None => inner.collect(),
        };
        let first = rarest(&choices);
        for at in [first, first + 1] {
            let offset = i8::try_from(at).unwrap_or(i8::MAX) - i8::from(has_edges);
            if let Some(places) = choices.get(at..at + 4) {
                each(places, |bytes| tell(Gram { offset, bytes }));
            }
        }
    }

    /// The number of a kind of bytes.
    fn kind(&mut self, is: fn(u8) -> bool) -> usize {
        let known = self.kinds.iter().position(|kind| std::ptr::fn_addr_eq(kind.is, is));
        known.unwrap_or_else(|| {
            self.kinds.push(Kind::new(is));
            self.kinds.len() - 1
        })
    }
}

/// Where the four bytes begin that are the rarest, together with those a place further.
fn rarest(choices: &[Choice<'_>]) -> usize {
    let mut costs = choices.windows(4).map(frequency::of).enumerate();
    let Some((_, mut last)) = costs.next() else { return 0 };
    let (mut first, mut least) = (0, f64::INFINITY);
    for (at, cost) in costs {
        if last + cost < least {
            (first, least) = (at - 1, last + cost);
        }
        last = cost;
    }
    first
}

/// Tells all groups that the four choices make.
fn each(places: &[Choice<'_>], mut tell: impl FnMut([u8; 4])) {
    let [first, second, third, fourth] = places else { return };
    for a in first.bytes {
        for b in second.bytes {
            for c in third.bytes {
                fourth.bytes.iter().for_each(|d| tell([*a, *b, *c, *d]));
            }
        }
    }
}
