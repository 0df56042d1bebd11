//! Which four bytes of an anchor it is found by.
use super::anchor::Anchor;
use super::frequency;
use std::collections::HashMap;
use std::rc::Rc;

/// In an anchor of so many bytes there are rare ones without those around it.
const LONG_BYTES_MIN: usize = 6;

/// Four neighbouring bytes of an anchor, or of it and what may stand around it; in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gram {
    /// Where they stand, seen from the anchor's first.
    pub(super) offset: i8,
    pub(super) bytes: [u8; 4],
}

/// Chooses; remembers which bytes are of a kind.
#[derive(Debug, Default)]
pub(super) struct Grams {
    kinds: HashMap<usize, Rc<[u8]>>,
}

impl Grams {
    /// Adds two neighbouring places of the anchor, those whose bytes are rarest in text, with all bytes that may stand
    /// there.
    pub(super) fn choose(&mut self, anchor: &Anchor, chosen: &mut Vec<Gram>) {
        let has_edges = anchor.text.len() < LONG_BYTES_MIN;
        let text = anchor.text.to_ascii_lowercase();
        let mut choices: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        let edges = has_edges.then(|| (self.bytes_of(anchor.before), self.bytes_of(anchor.next)));
        if let Some((before, next)) = &edges {
            choices.insert(0, before);
            choices.push(next);
        }
        let costs: Vec<f64> = choices.windows(4).map(frequency::of).collect();
        let pairs = costs.windows(2).map(|pair| pair[0] + pair[1]).enumerate();
        let first = pairs.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(at, _)| at);
        for at in [first, first + 1] {
            let offset = i8::try_from(at).unwrap_or(i8::MAX) - i8::from(has_edges);
            if let Some(places) = choices.get(at..at + 4) {
                each(places, |bytes| chosen.push(Gram { offset, bytes }));
            }
        }
    }

    /// The bytes of a kind, in lower case.
    fn bytes_of(&mut self, kind: fn(u8) -> bool) -> Rc<[u8]> {
        let bytes = || {
            let mut is_there = [false; 256];
            let of_kind = (0..=u8::MAX).filter(|byte| kind(*byte));
            of_kind.for_each(|byte| is_there[usize::from(byte | 0x20)] = true);
            (0..=u8::MAX).filter(|byte| is_there[usize::from(*byte)]).collect()
        };
        Rc::clone(self.kinds.entry(kind as usize).or_insert_with(bytes))
    }
}

/// Tells all groups that the four choices make.
fn each(places: &[&[u8]], mut tell: impl FnMut([u8; 4])) {
    let [first, second, third, fourth] = places else { return };
    for a in *first {
        for b in *second {
            for c in *third {
                fourth.iter().for_each(|d| tell([*a, *b, *c, *d]));
            }
        }
    }
}
