//! Names that occur in one line, and which occurrence of each counts.
use std::hash::{BuildHasher, RandomState};

/// For each name the place of its last occurrence. Kept from line to line for its memory.
#[derive(Debug, Default)]
pub struct Names {
    hasher: RandomState,
    known: Vec<Known>,
    text: String,
    /// Open addressing, once there are many names: 0 for nothing, else the place in `known`, plus one. A power of
    /// two, at most half full.
    table: Vec<u32>,
}

#[derive(Debug)]
struct Known {
    start: usize,
    end: usize,
    last: usize,
}

/// So many names are looked through one by one.
const FEW: usize = 16;
/// So many names are remembered without giving the memory back afterwards.
const MANY: usize = 1 << 12;

impl Names {
    /// Forgets all names.
    pub fn clear(&mut self) {
        self.known.clear();
        self.text.clear();
        self.table.clear();
        self.known.shrink_to(MANY);
        self.text.shrink_to(MANY * FEW);
        self.table.shrink_to(MANY);
    }

    /// Notes that `name` occurs at `place`.
    pub fn put(&mut self, name: &str, place: usize) {
        if let Some(index) = self.find(name) {
            self.known[index].last = place;
            return;
        }
        let start = self.text.len();
        self.text.push_str(name);
        self.known.push(Known { start, end: self.text.len(), last: place });
        if self.known.len() > FEW.max(self.table.len() / 2) {
            self.spread();
        } else if !self.table.is_empty() {
            let at = self.slot(name);
            self.table[at] = self.known.len() as u32;
        }
    }

    /// Whether `place` is the last occurrence of `name`.
    pub fn is_last(&self, name: &str, place: usize) -> bool {
        self.find(name).is_some_and(|index| self.known[index].last == place)
    }

    fn find(&self, name: &str) -> Option<usize> {
        if self.table.is_empty() {
            return self.known.iter().position(|known| self.name(known) == name.as_bytes());
        }
        self.table[self.slot(name)].checked_sub(1).map(|index| index as usize)
    }

    fn name(&self, known: &Known) -> &[u8] {
        &self.text.as_bytes()[known.start..known.end]
    }

    /// The slot that holds the name, or the free one where it belongs.
    fn slot(&self, name: &str) -> usize {
        let mask = self.table.len() - 1;
        let mut at = self.hasher.hash_one(name) as usize & mask;
        while let Some(index) = self.table[at].checked_sub(1) {
            if self.name(&self.known[index as usize]) == name.as_bytes() {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    /// Makes a table of all names, with room for as many again.
    #[cold]
    fn spread(&mut self) {
        let size = (self.known.len() * 4).next_power_of_two();
        self.table.clear();
        self.table.resize(size, 0);
        for (index, known) in self.known.iter().enumerate() {
            let name = &self.text[known.start..known.end];
            let mut at = self.hasher.hash_one(name) as usize & (size - 1);
            while self.table[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            self.table[at] = index as u32 + 1;
        }
    }
}

/// The hashes of a few names, for asking quickly whether two lists have one in common.
#[derive(Debug, Default)]
pub(crate) struct Sketch {
    bits: [u64; WORDS],
    hashes: Vec<u64>,
}

const WORDS: usize = 8;

impl Sketch {
    pub(crate) fn clear(&mut self) {
        self.bits = [0; WORDS];
        self.hashes.clear();
    }

    pub(crate) fn add(&mut self, name: &str) {
        let hash = hash(name);
        let bit = (hash >> 32) as usize % (WORDS * 64);
        self.bits[bit / 64] |= 1 << (bit % 64);
        self.hashes.push(hash);
    }

    fn shares(&self, other: &Self) -> bool {
        self.hashes.iter().any(|hash| other.hashes.contains(hash))
    }

    /// Whether no name is in two of the lists.
    pub(crate) fn are_disjoint(lists: &[&Self]) -> bool {
        let mut seen = [0; WORDS];
        for (index, list) in lists.iter().enumerate() {
            let overlap = seen.iter().zip(&list.bits).fold(0, |all, (a, b)| all | (a & b));
            if overlap != 0 && lists[..index].iter().any(|before| before.shares(list)) {
                return false;
            }
            for (word, bits) in seen.iter_mut().zip(&list.bits) {
                *word |= bits;
            }
        }
        true
    }
}

/// FNV-1a. Names that share a hash only cost time.
///
/// Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm", IETF draft-eastlake-fnv.
fn hash(name: &str) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::{Names, Sketch};

    #[test]
    fn the_last_occurrence_counts_however_many_names_there_are() {
        let mut names = Names::default();
        for round in 0..3 {
            names.clear();
            let count = [3, 10_000, 7][round];
            for place in 0..2 * count {
                names.put(&format!("name {}", place % count), place);
            }
            for place in 0..2 * count {
                let is_last = names.is_last(&format!("name {}", place % count), place);
                assert_eq!(is_last, place >= count, "{place} of {count}");
            }
            assert!(!names.is_last("another name", 0));
        }
    }

    #[test]
    fn lists_are_disjoint_exactly_if_they_share_no_name() {
        let list = |range: std::ops::Range<usize>| {
            let mut sketch = Sketch::default();
            range.for_each(|number| sketch.add(&number.to_string()));
            sketch
        };
        let (low, high, bridge) = (list(0..300), list(300..600), list(299..301));
        assert!(Sketch::are_disjoint(&[&low, &high]));
        assert!(!Sketch::are_disjoint(&[&low, &high, &bridge]));
        assert!(!Sketch::are_disjoint(&[&low, &low]));
        assert!(Sketch::are_disjoint(&[]));
    }
}
