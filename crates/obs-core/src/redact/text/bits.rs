//! A set of small numbers that says "perhaps" or "no", small enough for the processor's nearest caches.

const SLOT_BITS: u32 = 18;
const SLOTS: usize = 1 << SLOT_BITS;
const BITS: [u8; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// 256 KiB with a bit for each of 2,097,152 hashes, of which a text uses few.
pub(super) struct Bits {
    slots: [u8; SLOTS],
    /// The eight bits. Loaded, because that is faster than a shift by a number that varies.
    bits: [u8; 8],
}

impl Bits {
    pub(super) const fn new() -> Self {
        Self { slots: [0; SLOTS], bits: BITS }
    }

    pub(super) const fn insert(&mut self, hash: u32) {
        self.slots[slot(hash)] |= self.bits[bit(hash)];
    }

    /// Takes over those of another.
    pub(super) fn copy(&mut self, other: &Self) {
        self.slots.copy_from_slice(&other.slots);
    }

    /// Not 0 if the hash was inserted, or another that shares its upper bits.
    #[inline(always)]
    pub(super) fn probe(&self, hash: u32) -> u8 {
        self.slots[slot(hash)] & self.bits[bit(hash)]
    }
}

#[inline(always)]
const fn slot(hash: u32) -> usize {
    (hash >> (32 - SLOT_BITS)) as usize
}

#[inline(always)]
const fn bit(hash: u32) -> usize {
    (hash >> (29 - SLOT_BITS) & 7) as usize
}
