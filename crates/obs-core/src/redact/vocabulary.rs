//! What a word of a name means, by one look-up: the lists of [`words`](super::words) as a table that is made when the
//! crate is built.
use super::words::{HEADS, Head, PREDICATES, QUANTIFIERS, Qualifiers, TRANSPARENT};

/// No word of a list is longer.
const WORD_BYTES_MAX: usize = 16;
const SLOT_BITS: u32 = 12;
const SLOTS: usize = 1 << SLOT_BITS;
const WORDS_MAX: usize = 800;

/// What a word means. Letter case does not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The heads that it is a word of, a bit for each.
    pub(super) heads: u64,
    /// The heads before which it says something.
    pub(super) qualifies: u64,
    pub(super) asks: bool,
    pub(super) counts: bool,
    pub(super) is_transparent: bool,
}

static NOTHING: Meaning = NONE;
const NONE: Meaning =
    Meaning { heads: 0, qualifies: 0, asks: false, counts: false, is_transparent: false };

static TABLE: Table = Table::of_all_lists();

/// The heads of which some word counts also at the end of a longer one.
pub(super) const GLUED: u64 = of_heads(false);
/// Those that are secret only with a word before them, which may then be the end of a longer one.
pub(super) const LOOSE: u64 = of_heads(true);

struct Table {
    /// The place of a word in the list and one more, and above that the upper half of its hash; 0 where there is none.
    slots: [u32; SLOTS],
    words: [(&'static str, Meaning); WORDS_MAX],
    count: usize,
}

/// What `word` means.
pub(super) fn meaning(word: &str) -> &'static Meaning {
    if word.len() > WORD_BYTES_MAX {
        return &NOTHING;
    }
    TABLE.find(Hash::of(word.as_bytes()), word.as_bytes()).unwrap_or(&NOTHING)
}

/// Tells what each ending of `word` means that is a word of a list, the shortest first, with its length.
pub(super) fn endings(word: &str, mut tell: impl FnMut(usize, &Meaning)) {
    let mut hash = Hash::new();
    for (byte, length) in word.bytes().rev().take(WORD_BYTES_MAX).zip(1..) {
        hash = hash.with(byte);
        if let Some(meaning) = TABLE.find(hash, &word.as_bytes()[word.len() - length..]) {
            tell(length, meaning);
        }
    }
}

/// The heads whose bits are set, in their order.
pub(super) fn heads(mut bits: u64) -> impl Iterator<Item = (u64, &'static Head)> {
    std::iter::from_fn(move || {
        let bit = bits & bits.wrapping_neg();
        bits ^= bit;
        Some((bit, HEADS.get(bit.checked_ilog2()? as usize)?))
    })
}

/// Of a word, from its last byte to its first.
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    const fn new() -> Self {
        Self(0x811c_9dc5)
    }

    const fn with(self, byte: u8) -> Self {
        Self((self.0 ^ byte.to_ascii_lowercase() as u32).wrapping_mul(0x0100_0193))
    }

    const fn of(word: &[u8]) -> Self {
        let (mut hash, mut at) = (Self::new(), word.len());
        while at > 0 {
            at -= 1;
            hash = hash.with(word[at]);
        }
        hash
    }

    const fn slot(self) -> usize {
        (self.0.wrapping_mul(0x9e37_79b1) >> (32 - SLOT_BITS)) as usize
    }

    const fn tag(self) -> u32 {
        self.0 & 0xffff_0000
    }
}

impl Table {
    #[inline]
    fn find(&self, hash: Hash, word: &[u8]) -> Option<&Meaning> {
        let mut slot = hash.slot();
        loop {
            let entry = self.slots[slot];
            if entry == 0 {
                return None;
            }
            if entry & 0xffff_0000 == hash.tag() {
                let (text, meaning) = &self.words[(entry & 0xffff) as usize - 1];
                if text.as_bytes().eq_ignore_ascii_case(word) {
                    return Some(meaning);
                }
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    const fn of_all_lists() -> Self {
        let mut table = Self { slots: [0; SLOTS], words: [("", NONE); WORDS_MAX], count: 0 };
        assert!(HEADS.len() <= 64, "a bit for each head");
        let mut head = 0;
        while head < HEADS.len() {
            let bit = 1 << head;
            table.add_all(HEADS[head].words, Meaning { heads: bit, ..NONE });
            let (Qualifiers::Unless(words)
            | Qualifiers::After(words)
            | Qualifiers::AloneOrAfter(words)) = &HEADS[head].qualifiers;
            table.add_all(words, Meaning { qualifies: bit, ..NONE });
            head += 1;
        }
        table.add_all(PREDICATES, Meaning { asks: true, ..NONE });
        table.add_all(QUANTIFIERS, Meaning { counts: true, ..NONE });
        table.add_all(TRANSPARENT, Meaning { is_transparent: true, ..NONE });
        table
    }

    const fn add_all(&mut self, words: &[&'static str], meaning: Meaning) {
        let mut at = 0;
        while at < words.len() {
            self.add(words[at], meaning);
            at += 1;
        }
    }

    const fn add(&mut self, word: &'static str, new: Meaning) {
        assert!(word.len() <= WORD_BYTES_MAX, "a word is too long for the table");
        let hash = Hash::of(word.as_bytes());
        let mut slot = hash.slot();
        loop {
            let entry = self.slots[slot];
            if entry == 0 {
                self.words[self.count] = (word, new);
                self.count += 1;
                self.slots[slot] = hash.tag() | self.count as u32;
                return;
            }
            let known = &mut self.words[(entry & 0xffff) as usize - 1];
            if is_same(known.0.as_bytes(), word.as_bytes()) {
                let old = known.1;
                known.1 = Meaning {
                    heads: old.heads | new.heads,
                    qualifies: old.qualifies | new.qualifies,
                    asks: old.asks | new.asks,
                    counts: old.counts | new.counts,
                    is_transparent: old.is_transparent | new.is_transparent,
                };
                return;
            }
            slot = (slot + 1) % SLOTS;
        }
    }
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

const fn of_heads(is_loose: bool) -> u64 {
    let (mut bits, mut head) = (0, 0);
    while head < HEADS.len() {
        let is_one = match HEADS[head].qualifiers {
            Qualifiers::Unless(_) => !is_loose,
            Qualifiers::After(_) | Qualifiers::AloneOrAfter(_) => true,
        };
        if HEADS[head].glued && is_one {
            bits |= 1 << head;
        }
        head += 1;
    }
    bits
}
