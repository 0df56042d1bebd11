//! A set of small numbers that says "perhaps" or "no", small enough for the processor's nearest caches.

const WORD_BITS: u32 = 16;
const WORDS: usize = 1 << WORD_BITS;

/// 256 KiB with a bit for each of 2,097,152 hashes, of which a text uses few.
pub(super) struct Bits([u32; WORDS]);

impl Bits {
    pub(super) const fn new() -> Self {
        Self([0; WORDS])
    }

    pub(super) const fn insert(&mut self, hash: u32) {
        self.0[word(hash)] |= 1 << bit(hash);
    }

    /// Takes over those of another.
    pub(super) fn copy(&mut self, other: &Self) {
        self.0.copy_from_slice(&other.0);
    }

    /// 1 if the hash was inserted, or another that shares its upper bits, and else 0.
    #[inline(always)]
    pub(super) fn probe(&self, hash: u32) -> u32 {
        self.0[word(hash)] >> bit(hash) & 1
    }
}

#[inline(always)]
const fn word(hash: u32) -> usize {
    (hash >> (32 - WORD_BITS)) as usize
}

#[inline(always)]
const fn bit(hash: u32) -> u32 {
    hash >> (27 - WORD_BITS) & 31
}
