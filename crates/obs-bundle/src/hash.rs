//! SHA-256, which every byte of a bundle goes through: by a library that is fast where the processor has no
//! instructions for it.
use ring::digest::{Context, SHA256};

/// The hash of bytes that come in pieces.
pub(crate) struct Hash(Context);

impl Hash {
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash in hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        let hash = self.0.finish();
        let digits = hash.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
    }

    /// That of all `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> String {
        let mut hash = Self::new();
        hash.update(bytes);
        hash.finish()
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hash")
    }
}
