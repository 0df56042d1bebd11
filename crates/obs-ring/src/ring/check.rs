//! The 32 bits by which a reader knows a record from anything else.

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
        *lane = (*lane ^ word).wrapping_mul(MULTIPLIER).rotate_left(29);
        self.next += 1;
    }

    #[inline]
    pub(super) fn finish(self) -> u32 {
        let [a, b, c, d] = self.lanes;
        let mut mixed = a;
        for lane in [b, c, d, self.next as u64] {
            mixed = (mixed ^ lane).wrapping_mul(MULTIPLIER).rotate_left(29);
        }
        (mixed ^ mixed >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Check;

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
    fn order_length_and_position_change_the_check() {
        assert_ne!(of(0, &[1, 2, 3, 4, 5]), of(0, &[5, 2, 3, 4, 1]));
        assert_ne!(of(0, &[0, 0]), of(0, &[0, 0, 0]));
        assert_ne!(of(0, &[7]), of(262_144, &[7]));
    }
}
