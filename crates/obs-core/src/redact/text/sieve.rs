//! A set of groups of four bytes that says "perhaps" or "no", small enough for the processor's nearer caches.
//!
//! It is asked at every other place of all text, so that each instruction counts. A group's hash chooses a byte of the
//! set, and the group's first byte chooses one of that byte's bits by a table: to shift by a number that the hash
//! says would take as long as all the rest.

/// Letter case does not count; digits and most signs stay apart from each other and from letters.
pub(super) const FOLD: u32 = 0x2020_2020;
const CELL_BITS: u32 = 18;
const CELLS: usize = 1 << CELL_BITS;

/// The bit that belongs to groups with a first byte, in whatever case: neighbours in the alphabet have different ones.
static SIDES: [u8; 256] = {
    let (mut sides, mut byte) = ([0; 256], 0);
    while byte < sides.len() {
        sides[byte] = 1 << ((byte as u8 | FOLD as u8).wrapping_mul(0x35) >> 5);
        byte += 1;
    }
    sides
};

/// 256 KiB with a bit for each of 2,097,152 kinds of groups, of which a text has few.
pub(super) struct Sieve([u8; CELLS]);

impl Sieve {
    pub(super) const fn new() -> Self {
        Self([0; CELLS])
    }

    pub(super) const fn insert(&mut self, gram: u32) {
        self.0[cell(gram)] |= side(gram);
    }

    /// Takes over the groups of another.
    pub(super) fn copy(&mut self, other: &Self) {
        self.0.copy_from_slice(&other.0);
    }

    /// Not zero if the group was inserted in whatever case, or one that shares its bit. `gram` is its bytes, the first
    /// one lowest.
    #[inline(always)]
    pub(super) fn probe(&self, gram: u32) -> u8 {
        self.0[cell(gram)] & side(gram)
    }
}

#[inline(always)]
const fn side(gram: u32) -> u8 {
    SIDES[(gram & 0xff) as usize]
}

#[inline(always)]
const fn cell(gram: u32) -> usize {
    (hash(gram | FOLD) >> (32 - CELL_BITS)) as usize
}

#[inline(always)]
pub(super) const fn hash(folded: u32) -> u32 {
    folded.wrapping_mul(0x9e37_79b1)
}

#[cfg(test)]
mod tests {
    use super::Sieve;

    #[test]
    fn what_was_inserted_is_let_through_in_any_case_and_little_else() {
        let mut sieve = Box::new(Sieve::new());
        let group = |number: u32, factor: u32| number.wrapping_mul(factor) & 0x7f7f_7f7f;
        (0..10_000).for_each(|number| sieve.insert(group(number, 0x0080_6f1d)));
        assert!((0..10_000).all(|number| sieve.probe(group(number, 0x0080_6f1d)) != 0));
        sieve.insert(u32::from_le_bytes(*b"key="));
        for bytes in [b"key=", b"KEY=", b"kEy="] {
            assert_ne!(sieve.probe(u32::from_le_bytes(*bytes)), 0);
        }
        let others = (1..=100_000).filter(|number| sieve.probe(group(*number, 0x5851_f42d)) != 0);
        let through = others.count();
        assert!((100..2_000).contains(&through), "{through} of 100,000, and not some 500");
    }
}
