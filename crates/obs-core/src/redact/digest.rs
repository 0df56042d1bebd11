//! Eight digits in the place of a secret by which two places can be seen to have held the same one.
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::fmt;

/// A key that makes the digits of markers: the same secret gives the same digits under the same key, and without it
/// they say nothing, not even of a secret that is easily guessed.
#[derive(Clone)]
pub struct DigestKey(Hmac<Sha256>);

impl DigestKey {
    /// A key of random bytes, 32 of them at best; more than 64 count as their hash.
    pub fn new(bytes: &[u8]) -> Self {
        const BLOCK_BYTES: usize = 64;
        let mut block = [0; BLOCK_BYTES];
        match bytes.len() {
            length if length <= BLOCK_BYTES => block[..length].copy_from_slice(bytes),
            _ => block[..32].copy_from_slice(&Sha256::digest(bytes)),
        }
        Self(Hmac::new(&block.into()))
    }

    /// Eight hexadecimal digits: the first of the secret's HMAC-SHA-256.
    pub(super) fn digits(&self, secret: &[u8]) -> [u8; 8] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mac = self.0.clone().chain_update(secret).finalize().into_bytes();
        let digit = |at: usize| DIGITS[usize::from(mac[at / 2] >> (4 * (1 - at % 2)) & 15)];
        [0, 1, 2, 3, 4, 5, 6, 7].map(digit)
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey")
    }
}
