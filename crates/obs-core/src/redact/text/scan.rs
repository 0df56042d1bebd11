//! Finds the places of a text where a secret may be near, at some GB/s.
//!
//! Of each anchor two neighbouring groups of four bytes are known, those that are rarest in text. Only every other
//! place of a text is looked up: one of the two is at an even distance. Fifteen look-ups that do not depend on each
//! other answer with one branch.
use super::anchor::Anchor;
use super::bits::Bits;
use super::grams::{Gram, Grams};

/// Lists of entries, by the upper bits of their group's hash.
const BUCKET_BITS: u32 = 13;
const BUCKETS: usize = 1 << BUCKET_BITS;
/// Letter case does not count; digits and most signs stay apart from each other and from letters.
pub(super) const FOLD: u64 = 0x2020_2020_2020_2020;
/// Bytes that are looked at together, and how far the next ones are.
const GROUP_BYTES: usize = 32;
const STEP_BYTES: usize = 30;
/// About as many groups as the built-in anchors have.
const ENTRIES: usize = 12_288;

/// The anchors, found by four of their bytes.
pub(super) struct Scanner {
    /// Four bytes that may be those of an anchor.
    grams: Bits,
    /// Where the entries of each bucket begin.
    starts: Box<[u16; BUCKETS + 1]>,
    entries: Vec<Entry>,
    /// Of each anchor.
    heads: Vec<Head>,
}

/// One of the groups that an anchor is known by. There are some 10,000: eight bytes each, as a program that starts
/// waits for them.
#[derive(Debug, Clone, Copy)]
struct Entry {
    gram: u32,
    anchor: u16,
    /// Where the four bytes stand, seen from the anchor's first.
    offset: i8,
}

/// The first eight bytes of an anchor, as far as it has so many; in lower case where letter case does not count.
#[derive(Debug, Clone, Copy)]
struct Head {
    bytes: u64,
    /// Which of the eight it has.
    mask: u64,
    /// What a letter that is a capital lacks, where letter case does not count.
    fold: u64,
}

/// An anchor that stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its place in the list.
    pub(super) anchor: usize,
}

impl Scanner {
    pub(super) fn new(anchors: &[Anchor]) -> Self {
        let mut found: Vec<Entry> = Vec::with_capacity(ENTRIES);
        let mut grams = Bits::new();
        let mut choice = Grams::default();
        for (anchor, number) in anchors.iter().zip(0..) {
            choice.choose(anchor, |Gram { offset, bytes }| {
                let gram = u32::from_le_bytes(bytes) | FOLD as u32;
                grams.insert(hash(gram));
                found.push(Entry { gram, anchor: number, offset });
            });
        }
        let (starts, entries) = by_bucket(&found);
        let heads = anchors.iter().map(Head::of).collect();
        Self { grams, starts, entries, heads }
    }

    /// Gives `judge` each anchor that stands at or behind `from`, until it says something.
    pub(super) fn find<T>(
        &self,
        anchors: &[Anchor],
        text: &[u8],
        from: usize,
        mut judge: impl FnMut(Hit) -> Option<T>,
    ) -> Option<T> {
        let mut at = from;
        while let Some((group, mut places)) = self.group(text, at) {
            while places != 0 {
                let place = group + 2 * places.trailing_zeros() as usize;
                places &= places - 1;
                let gram = gram_at(text, place);
                for entry in self.entries_of(gram) {
                    let hit = self.stands(anchors, *entry, text, place);
                    let hit = hit.filter(|hit| hit.start >= from);
                    if let Some(found) = hit.and_then(&mut judge) {
                        return Some(found);
                    }
                }
            }
            at = group + STEP_BYTES;
        }
        None
    }

    fn entries_of(&self, gram: u32) -> impl Iterator<Item = &Entry> {
        let bucket = bucket(gram);
        let range = usize::from(self.starts[bucket])..usize::from(self.starts[bucket + 1]);
        self.entries[range].iter().filter(move |entry| entry.gram == gram)
    }

    /// The anchor of an entry, if it stands where the entry's bytes are.
    fn stands(&self, anchors: &[Anchor], entry: Entry, text: &[u8], place: usize) -> Option<Hit> {
        let number = usize::from(entry.anchor);
        let anchor = &anchors[number];
        let start = place.checked_add_signed(-isize::from(entry.offset))?;
        let end = start + anchor.text.len();
        let is_here = match text.get(start..).and_then(|rest| rest.first_chunk()) {
            Some(bytes) if !self.heads[number].is(*bytes) => false,
            Some(_) if anchor.text.len() <= Head::BYTES => true,
            _ => text.get(start..end).is_some_and(|found| anchor.is(found)),
        };
        let next = || text.get(end).is_none_or(|byte| (anchor.next)(*byte));
        let before = || start == 0 || (anchor.before)(text[start - 1]);
        (is_here && next() && before()).then_some(Hit { start, end, anchor: number })
    }

    /// The first group of bytes, counted from `from`, that may hold an anchor, and where in it: a bit for every other
    /// place.
    #[inline]
    fn group(&self, text: &[u8], from: usize) -> Option<(usize, u32)> {
        let mut at = from;
        while let Some(group) = text.get(at..).and_then(|rest| rest.first_chunk()) {
            if self.is_hit(group) {
                return Some((at, self.places(group)));
            }
            at += STEP_BYTES;
        }
        let rest = text.get(at..).filter(|rest| rest.len() >= 3)?;
        let mut group = [0; GROUP_BYTES];
        group[..rest.len()].copy_from_slice(rest);
        let places = self.places(&group);
        (places != 0).then_some((at, places))
    }

    #[inline(always)]
    fn is_hit(&self, group: &[u8; GROUP_BYTES]) -> bool {
        (0..STEP_BYTES).step_by(2).fold(0, |any, at| any | self.probe(group, at)) != 0
    }

    #[inline(always)]
    fn places(&self, group: &[u8; GROUP_BYTES]) -> u32 {
        let bit = |place: usize| u32::from(self.probe(group, 2 * place) != 0) << place;
        (0..STEP_BYTES / 2).fold(0, |places, place| places | bit(place))
    }

    #[inline(always)]
    fn probe(&self, group: &[u8; GROUP_BYTES], at: usize) -> u8 {
        let bytes = [group[at], group[at + 1], group[at + 2], group[at + 3]];
        self.grams.probe(hash(u32::from_le_bytes(bytes) | FOLD as u32))
    }
}

/// The entries of each bucket together, in their order, and where each bucket begins.
fn by_bucket(found: &[Entry]) -> (Box<[u16; BUCKETS + 1]>, Vec<Entry>) {
    let mut starts = Box::new([0; BUCKETS + 1]);
    found.iter().for_each(|entry| starts[bucket(entry.gram) + 1] += 1);
    (1..=BUCKETS).for_each(|number| starts[number] += starts[number - 1]);
    let mut next = starts.clone();
    let mut entries = found.to_vec();
    for entry in found {
        let place = &mut next[bucket(entry.gram)];
        entries[usize::from(*place)] = *entry;
        *place += 1;
    }
    (starts, entries)
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

/// Four bytes in lower case; what is behind the text's end is blank.
fn gram_at(text: &[u8], at: usize) -> u32 {
    let rest = text.get(at..).unwrap_or_default();
    let byte = |place: usize| rest.get(place).copied().unwrap_or(b' ');
    let bytes = rest.first_chunk().copied().unwrap_or_else(|| [0, 1, 2, 3].map(byte));
    u32::from_le_bytes(bytes) | FOLD as u32
}

#[inline(always)]
const fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1)
}

const fn bucket(gram: u32) -> usize {
    (hash(gram) >> (32 - BUCKET_BITS)) as usize
}

impl Head {
    const BYTES: usize = 8;

    fn of(anchor: &Anchor) -> Self {
        let (mut bytes, mut mask, mut fold) =
            ([0; Self::BYTES], [0; Self::BYTES], [0; Self::BYTES]);
        for (at, byte) in anchor.text.bytes().take(Self::BYTES).enumerate() {
            let folds = !anchor.is_exact && byte.is_ascii_alphabetic();
            fold[at] = if folds { 0x20 } else { 0 };
            (bytes[at], mask[at]) = (byte | fold[at], u8::MAX);
        }
        let [bytes, mask, fold] = [bytes, mask, fold].map(u64::from_le_bytes);
        Self { bytes, mask, fold }
    }

    /// Whether eight bytes are those of the anchor, as far as it has so many.
    fn is(self, bytes: [u8; Self::BYTES]) -> bool {
        (u64::from_le_bytes(bytes) | self.fold) & self.mask == self.bytes
    }
}
