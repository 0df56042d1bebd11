//! Maps whose keys are numbers of our own.
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

/// A map from numbers. Looking one up costs a multiplication.
pub(crate) type IdMap<K, V> = HashMap<K, V, IdHash>;

/// Multiplies by a number that nobody outside can know: whoever chooses the keys cannot choose where they fall.
#[derive(Debug, Clone)]
pub(crate) struct IdHash {
    start: u64,
    multiplier: u64,
}

impl Default for IdHash {
    fn default() -> Self {
        let random = RandomState::new();
        Self { start: random.hash_one(0), multiplier: random.hash_one(1) | 1 }
    }
}

impl BuildHasher for IdHash {
    type Hasher = IdHasher;

    #[inline]
    fn build_hasher(&self) -> IdHasher {
        IdHasher { hash: self.start, multiplier: self.multiplier }
    }
}

/// See [`IdHash`].
#[derive(Debug)]
pub(crate) struct IdHasher {
    hash: u64,
    multiplier: u64,
}

impl Hasher for IdHasher {
    #[inline]
    fn write_u64(&mut self, number: u64) {
        let product = u128::from(self.hash ^ number) * u128::from(self.multiplier);
        self.hash = product as u64 ^ (product >> 64) as u64;
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::IdMap;

    #[test]
    fn numbers_of_every_pattern_are_found_again() {
        let patterns = [1, 2, 64, 1 << 20, 1 << 32, 1 << 52, u64::MAX / 1000];
        for step in patterns {
            let key = |n: u64| n.wrapping_mul(step);
            let mut map: IdMap<u64, u64> = IdMap::default();
            map.extend((0..1000).map(|n| (key(n), n)));
            assert!((0..1000).all(|n| map.contains_key(&key(n))), "steps of {step}");
            assert_eq!(
                map.len(),
                (0..1000).map(key).collect::<std::collections::HashSet<_>>().len()
            );
        }
    }
}
