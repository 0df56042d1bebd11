//! A short text that is made when the crate is built.
use std::fmt;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A text of up to 40 bytes.
#[derive(Clone, Copy)]
pub(super) struct Short {
    bytes: [u8; Short::BYTES_MAX],
    length: usize,
}

impl Short {
    pub(super) const BYTES_MAX: usize = 40;
    pub(super) const EMPTY: Self = Self { bytes: [0; Self::BYTES_MAX], length: 0 };

    /// The text, or as much of its beginning as has room.
    pub(super) const fn new(text: &str) -> Self {
        let (mut short, mut at) = (Self::EMPTY, 0);
        while at < text.len() && at < Self::BYTES_MAX {
            short = short.with(text.as_bytes()[at]);
            at += 1;
        }
        short
    }

    pub(super) const fn with(mut self, byte: u8) -> Self {
        self.bytes[self.length] = byte;
        self.length += 1;
        self
    }

    pub(super) const fn behind(self, byte: u8) -> Self {
        let (mut short, mut at) = (Self::EMPTY.with(byte), 0);
        while at < self.length {
            short = short.with(self.bytes[at]);
            at += 1;
        }
        short
    }

    /// The digits of base64 that the text decides.
    pub(super) const fn base64(self) -> Self {
        let (mut short, mut at) = (Self::EMPTY, 0);
        while at < self.length * 8 / 6 {
            short = short.with(digit(self.as_bytes(), at));
            at += 1;
        }
        short
    }

    pub(super) const fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.length).0
    }

    pub(super) const fn len(&self) -> usize {
        self.length
    }
}

impl fmt::Debug for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self.as_bytes()), f)
    }
}

/// The digits of base64 that the first bytes of what is encoded decide.
pub(in crate::redact) fn base64_prefix(bytes: &[u8]) -> String {
    (0..bytes.len() * 8 / 6).map(|at| char::from(digit(bytes, at))).collect()
}

/// A digit of base64, counted from the beginning of what is encoded.
const fn digit(bytes: &[u8], at: usize) -> u8 {
    let (first, bit) = (at * 6 / 8, at * 6 % 8);
    let second = if first + 1 < bytes.len() { bytes[first + 1] } else { 0 };
    DIGITS[(u16::from_be_bytes([bytes[first], second]) << bit >> 10) as usize]
}
