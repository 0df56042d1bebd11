//! The 32 bits by which a reader knows a record from anything else.
use crate::sync::{AtomicU64, Ordering};

/// Odd, with its bits spread evenly: the multiplier of Knuth's multiplicative hashing, 2^64 divided by the golden
/// ratio.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// A running check over a position and words. Four words at a time go through four independent lanes, so that it keeps
/// pace with the copy; each step is a bijection, so a change of one word always changes the lane it went through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Check {
    lanes: [u64; 4],
    next: usize,
}

impl Check {
    #[inline]
    pub(super) fn new(position: u64) -> Self {
        Self {
            lanes: [
                position ^ MULTIPLIER,
                !position,
                position.rotate_left(32),
                0x6f62_7372_696e_6721,
            ],
            next: 0,
        }
    }

    #[inline]
    pub(super) fn word(&mut self, word: u64) {
        let lane = &mut self.lanes[self.next & 3];
        *lane = step(*lane, word);
        self.next += 1;
    }

    /// The check over a record's first word, its ticks and these words.
    #[inline]
    pub(super) fn of_record(position: u64, top: [u64; 2], words: &[[u8; 8]]) -> u32 {
        let slots = NOWHERE.get(..words.len()).unwrap_or_default();
        Self::store_record(position, top, words, slots)
    }

    /// Stores a record's words in as many slots, and returns [`Check::of_record`].
    #[expect(
        clippy::inline_always,
        reason = "a body of fixed size is copied and checked without a loop then"
    )]
    #[inline(always)]
    pub(super) fn store_record(
        position: u64,
        [first, ticks]: [u64; 2],
        words: &[[u8; 8]],
        slots: &[impl Slot],
    ) -> u32 {
        let next = words.len() + 2;
        let [a, b, c, d] = Self::new(position).lanes;
        let (mut a, mut b, mut c, mut d) = (step(a, first), step(b, ticks), c, d);
        // The first round has two words already; from here on it is a round of all lanes at a time.
        let (words, slots) = match (words, slots) {
            ([one, two, words @ ..], [one_slot, two_slot, slots @ ..]) => {
                (c, d) = (step(c, one_slot.store(one)), step(d, two_slot.store(two)));
                (words, slots)
            }
            (words, slots) => {
                c = words.iter().zip(slots).fold(c, |c, (word, slot)| step(c, slot.store(word)));
                return Self { lanes: [a, b, c, d], next }.finish();
            }
        };
        let ((rounds, words), (round_slots, slots)) =
            (words.as_chunks::<4>(), slots.as_chunks::<4>());
        for (words, slots) in rounds.iter().zip(round_slots) {
            (a, b) = (step(a, slots[0].store(&words[0])), step(b, slots[1].store(&words[1])));
            (c, d) = (step(c, slots[2].store(&words[2])), step(d, slots[3].store(&words[3])));
        }
        let mut rest = words.iter().zip(slots).map(|(word, slot)| slot.store(word));
        a = rest.next().map_or(a, |word| step(a, word));
        b = rest.next().map_or(b, |word| step(b, word));
        c = rest.next().map_or(c, |word| step(c, word));
        Self { lanes: [a, b, c, d], next }.finish()
    }

    #[inline]
    pub(super) fn finish(self) -> u32 {
        let [a, b, c, d] = self.lanes;
        let mut mixed = a;
        for lane in [b, c, d, self.next as u64] {
            mixed = step(mixed, lane);
        }
        (mixed ^ mixed >> 32) as u32
    }
}

/// Where a word of a record goes while it is checked.
pub(super) trait Slot {
    /// Stores the word, and returns it.
    fn store(&self, word: &[u8; 8]) -> u64;
}

impl Slot for AtomicU64 {
    #[inline]
    fn store(&self, word: &[u8; 8]) -> u64 {
        let word = u64::from_le_bytes(*word);
        Self::store(self, word, Ordering::Relaxed);
        word
    }
}

/// A place that keeps nothing, and takes none.
struct Nowhere;

/// As many as a record has words at most.
const NOWHERE: &[Nowhere] = &[const { Nowhere }; 1 << 16];

impl Slot for Nowhere {
    #[inline]
    fn store(&self, word: &[u8; 8]) -> u64 {
        u64::from_le_bytes(*word)
    }
}

#[inline]
fn step(lane: u64, word: u64) -> u64 {
    (lane ^ word).wrapping_mul(MULTIPLIER).rotate_left(29)
}

#[cfg(test)]
mod tests {
    use super::Check;
    use crate::sync::{AtomicU64, Ordering};

    fn of(position: u64, words: &[u64]) -> u32 {
        let mut check = Check::new(position);
        words.iter().for_each(|word| check.word(*word));
        check.finish()
    }

    #[test]
    fn every_flipped_bit_of_a_record_changes_the_check() {
        let words: Vec<u64> = (0..19_u64).map(|n| n.wrapping_mul(0x1234_5678_9abc_def1)).collect();
        let whole = of(4096, &words);
        for index in 0..words.len() {
            for bit in 0..64 {
                let mut flipped = words.clone();
                flipped[index] ^= 1 << bit;
                assert_ne!(of(4096, &flipped), whole, "word {index} bit {bit}");
            }
        }
    }

    #[test]
    fn a_record_is_checked_and_stored_like_its_words_one_after_the_other() {
        for count in 2..24_u64 {
            let words: Vec<u64> =
                (0..count).map(|n| (n + 1).wrapping_mul(0x1234_5678_9abc_def1)).collect();
            let body: Vec<_> = words[2..].iter().map(|word| word.to_le_bytes()).collect();
            let slots: Vec<_> = body.iter().map(|_| AtomicU64::new(0)).collect();
            let check = Check::store_record(64, [words[0], words[1]], &body, &slots);
            let stored = slots.iter().map(|slot| slot.load(Ordering::Relaxed));
            assert!(stored.eq(words[2..].iter().copied()));
            assert_eq!(check, of(64, &words), "{count} words");
            assert_eq!(Check::of_record(64, [words[0], words[1]], &body), check);
        }
    }

    #[test]
    fn order_length_and_position_change_the_check() {
        assert_ne!(of(0, &[1, 2, 3, 4, 5]), of(0, &[5, 2, 3, 4, 1]));
        assert_ne!(of(0, &[0, 0]), of(0, &[0, 0, 0]));
        assert_ne!(of(0, &[7]), of(262_144, &[7]));
    }
}
