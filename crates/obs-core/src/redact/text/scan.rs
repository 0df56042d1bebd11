//! Finds the places of a text where a secret may be near, at some GB/s.
//!
//! Of each anchor two neighbouring groups of four bytes are known, those that are rarest in text. Only every other
//! place of a text is looked up: one of the two is at an even distance. Fifteen look-ups that do not depend on each
//! other answer with one branch.
use super::anchor::{ANCHORS, ANCHORS_MAX, Anchor};
use super::grams::Grams;
use super::kinds;
use super::list::List;
use super::sieve::{FOLD, Sieve, hash};
use std::ops::Deref;

/// Lists of entries, by the upper bits of their group's hash.
const BUCKET_BITS: u32 = 13;
const BUCKETS: usize = 1 << BUCKET_BITS;
/// Bytes that are looked at together, and how far the next ones are.
const GROUP_BYTES: usize = 32;
const STEP_BYTES: usize = 30;
const PLACES: u32 = STEP_BYTES as u32 / 2;
/// The built-in anchors have some 14,000 groups, and none has more than this.
const ENTRIES_MAX: usize = 16_384;
const ENTRIES_OF_ANCHOR_MAX: usize = 512;

/// The anchors, found by four of their bytes.
pub(super) struct Scanner {
    /// Four bytes that may be those of an anchor.
    sieve: Part<Sieve>,
    /// Where the entries of each bucket begin.
    starts: Part<Starts>,
    entries: Part<[Entry]>,
    /// Of each anchor.
    heads: Part<[Head]>,
}

type Starts = [u16; BUCKETS + 1];

/// A table that was made when the crate was built, or one of a program's own.
enum Part<T: ?Sized + 'static> {
    BuiltIn(&'static T),
    Own(Box<T>),
}

impl<T: ?Sized> Deref for Part<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        match self {
            Self::BuiltIn(part) => part,
            Self::Own(part) => part,
        }
    }
}

/// The tables of the built-in anchors: no program waits for them when it starts.
struct Tables {
    sieve: Sieve,
    starts: Starts,
    entries: List<Entry, ENTRIES_MAX>,
    heads: List<Head, ANCHORS_MAX>,
}

static BUILT_IN: Tables = Tables::new(ANCHORS.as_slice());

/// One of the groups that an anchor is known by.
#[derive(Debug, Clone, Copy)]
struct Entry {
    gram: u32,
    /// What a byte that is a capital lacks, where letter case does not count.
    fold: u32,
    anchor: u16,
    /// Where the four bytes stand, seen from the anchor's first.
    offset: i16,
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

impl Tables {
    const fn new(anchors: &[Anchor]) -> Self {
        let blank = Entry::BLANK;
        let mut found: List<Entry, ENTRIES_MAX> = List::new(blank);
        let mut heads = List::new(Head { bytes: 0, mask: 0, fold: 0 });
        let mut sieve = Sieve::new();
        let mut number = 0;
        while number < anchors.len() {
            heads.push(Head::of(&anchors[number]));
            let entries = entries(&anchors[number], number);
            let mut at = 0;
            while at < entries.len() {
                let entry = entries.get(at);
                sieve.insert(entry.folded());
                found.push(entry);
                at += 1;
            }
            number += 1;
        }
        let (mut starts, mut entries) = ([0; BUCKETS + 1], found);
        by_bucket(found.as_slice(), &mut starts, entries.as_mut_slice());
        Self { sieve, starts, entries, heads }
    }
}

impl Entry {
    const BLANK: Self = Self { gram: 0, fold: 0, anchor: 0, offset: 0 };

    /// Of four `bytes` those that are the anchor's own are as it wants them; what stands around it is in any case.
    const fn new(anchor: &Anchor, number: usize, offset: i16, bytes: [u8; 4]) -> Self {
        let (text, mut gram, mut fold, mut index) = (anchor.text.as_bytes(), bytes, [0; 4], 0);
        while index < 4 {
            let at = offset + index as i16;
            let is_own = at >= 0 && (at as usize) < text.len();
            if is_own {
                gram[index] = text[at as usize];
            }
            if !is_own || !anchor.is_exact && gram[index].is_ascii_alphabetic() {
                fold[index] = 0x20;
            }
            gram[index] |= fold[index];
            index += 1;
        }
        let (gram, fold) = (u32::from_le_bytes(gram), u32::from_le_bytes(fold));
        Self { gram, fold, anchor: number as u16, offset }
    }

    const fn folded(&self) -> u32 {
        self.gram | FOLD
    }
}

/// The groups that an anchor is known by.
const fn entries(anchor: &Anchor, number: usize) -> List<Entry, ENTRIES_OF_ANCHOR_MAX> {
    let mut all = List::new(Entry::BLANK);
    let (grams, mut number_of_place) = (Grams::of(anchor), 0);
    while let Some((mut place, offset)) = grams.place(number_of_place) {
        if number_of_place == 2 {
            break;
        }
        while let Some(bytes) = place.next() {
            all.push(Entry::new(anchor, number, offset, bytes));
        }
        number_of_place += 1;
    }
    all
}

/// Puts the entries of each bucket together, in their order, and says where each bucket begins.
const fn by_bucket(found: &[Entry], starts: &mut Starts, entries: &mut [Entry]) {
    let mut at = 0;
    while at < found.len() {
        starts[bucket(found[at].folded()) + 1] += 1;
        at += 1;
    }
    let mut number = 1;
    while number <= BUCKETS {
        starts[number] += starts[number - 1];
        number += 1;
    }
    let mut next = *starts;
    at = 0;
    while at < found.len() {
        let place = &mut next[bucket(found[at].folded())];
        entries[*place as usize] = found[at];
        *place += 1;
        at += 1;
    }
}

impl Scanner {
    /// Finds the built-in anchors.
    pub(super) fn built_in() -> Self {
        Self {
            sieve: Part::BuiltIn(&BUILT_IN.sieve),
            starts: Part::BuiltIn(&BUILT_IN.starts),
            entries: Part::BuiltIn(BUILT_IN.entries.as_slice()),
            heads: Part::BuiltIn(BUILT_IN.heads.as_slice()),
        }
    }

    /// Finds the built-in anchors, and `added` behind them.
    pub(super) fn with(added: &[Anchor]) -> Self {
        if added.is_empty() {
            return Self::built_in();
        }
        let mut sieve = Box::new(Sieve::new());
        sieve.copy(&BUILT_IN.sieve);
        let mut found = BUILT_IN.entries.as_slice().to_vec();
        let mut heads = BUILT_IN.heads.as_slice().to_vec();
        for anchor in added {
            let new = entries(anchor, heads.len());
            new.as_slice().iter().for_each(|entry| sieve.insert(entry.folded()));
            found.extend(new.as_slice());
            heads.push(Head::of(anchor));
        }
        let (mut starts, mut entries) = ([0; BUCKETS + 1], found.clone());
        by_bucket(&found, &mut starts, &mut entries);
        Self {
            sieve: Part::Own(sieve),
            starts: Part::Own(Box::new(starts)),
            entries: Part::Own(entries.into()),
            heads: Part::Own(heads.into()),
        }
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
                let first = places.ilog2();
                let place = group + 2 * (PLACES - 1 - first) as usize;
                places ^= 1 << first;
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

    /// The entries whose bytes are these.
    fn entries_of(&self, gram: u32) -> impl Iterator<Item = &Entry> {
        let bucket = bucket(gram | FOLD);
        let range = usize::from(self.starts[bucket])..usize::from(self.starts[bucket + 1]);
        self.entries[range].iter().filter(move |entry| gram | entry.fold == entry.gram)
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
        let next = || text.get(end).is_none_or(|byte| kinds::is(*byte, anchor.next));
        let before = || start == 0 || kinds::is(text[start - 1], anchor.before);
        (is_here && next() && before()).then_some(Hit { start, end, anchor: number })
    }

    /// The first group of bytes, counted from `from`, that may hold an anchor, and where in it: a bit for every other
    /// place.
    #[inline]
    fn group(&self, text: &[u8], from: usize) -> Option<(usize, u32)> {
        let mut at = from;
        while let Some(group) = text.get(at..).and_then(|rest| rest.first_chunk()) {
            let places = self.places(group);
            if places != 0 {
                return Some((at, places));
            }
            at += STEP_BYTES;
        }
        let rest = text.get(at..).filter(|rest| rest.len() >= 3)?;
        let mut group = [0; GROUP_BYTES];
        group[..rest.len()].copy_from_slice(rest);
        let places = self.places(&group);
        (places != 0).then_some((at, places))
    }

    /// A bit for every other place of a group: the first place's is the highest of those that count.
    #[inline(always)]
    fn places(&self, group: &[u8; GROUP_BYTES]) -> u32 {
        let any = fours(group).fold(0, |any, four| any | self.sieve.probe(four));
        if any == 0 { 0 } else { self.which(group) }
    }

    #[inline(never)]
    fn which(&self, group: &[u8; GROUP_BYTES]) -> u32 {
        fours(group).fold(0, |places, four| 2 * places + u32::from(self.sieve.probe(four) != 0))
    }
}

/// The four bytes at every other place.
#[inline(always)]
fn fours(group: &[u8; GROUP_BYTES]) -> impl Iterator<Item = u32> {
    let four = |at| group[at..].first_chunk().map_or(0, |four| u32::from_le_bytes(*four));
    (0..STEP_BYTES).step_by(2).map(four)
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

/// Four bytes; what is behind the text's end is blank.
fn gram_at(text: &[u8], at: usize) -> u32 {
    let rest = text.get(at..).unwrap_or_default();
    let byte = |place: usize| rest.get(place).copied().unwrap_or(b' ');
    let bytes = rest.first_chunk().copied().unwrap_or_else(|| [0, 1, 2, 3].map(byte));
    u32::from_le_bytes(bytes)
}

const fn bucket(gram: u32) -> usize {
    (hash(gram) >> (32 - BUCKET_BITS)) as usize
}

impl Head {
    const BYTES: usize = 8;

    const fn of(anchor: &Anchor) -> Self {
        let (mut bytes, mut mask, mut fold) =
            ([0; Self::BYTES], [0; Self::BYTES], [0; Self::BYTES]);
        let (text, mut at) = (anchor.text.as_bytes(), 0);
        while at < text.len() && at < Self::BYTES {
            let folds = !anchor.is_exact && text[at].is_ascii_alphabetic();
            fold[at] = if folds { 0x20 } else { 0 };
            (bytes[at], mask[at]) = (text[at] | fold[at], u8::MAX);
            at += 1;
        }
        Self {
            bytes: u64::from_le_bytes(bytes),
            mask: u64::from_le_bytes(mask),
            fold: u64::from_le_bytes(fold),
        }
    }

    /// Whether eight bytes are those of the anchor, as far as it has so many.
    fn is(self, bytes: [u8; Self::BYTES]) -> bool {
        (u64::from_le_bytes(bytes) | self.fold) & self.mask == self.bytes
    }
}
