//! What is equal between two runs that ended the same way.
//!
//! A fingerprint is made of how a run ended and of that which does not change from run to run: of a panic its message
//! without numbers, ids, paths and quoted texts, and its place in the source; of a signal where it hit; of an exit the
//! status and the place of the last error. The same code that fails the same way has the same fingerprint in every
//! process and on every machine; a program in which that place has moved has another one.
mod stable;

use crate::summary::EndKind;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use stable::{place, stable};
use std::fmt;
use std::str::FromStr;

/// The version of the rules by which this build makes them: those of different versions cannot be compared.
const VERSION: u32 = 1;
/// So many digits tell the failures of a service apart, for people.
const SHORT_CHARS: usize = 8;
const DIGITS: usize = 16;

/// What is equal between two runs that ended the same way: `1:3fa85f6457174562`, the version of the rules that it was
/// made by and 64 bits of a SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    version: u32,
    bits: u64,
}

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no fingerprint, expected a version, a colon and 16 hexadecimal digits")]
pub struct FingerprintError(String);

/// How a run ended, as far as it can be told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause<'a> {
    /// A panic, with its message and its place, as the panic hook tells them.
    Panic(Panic<'a>),
    /// A fatal signal.
    Signal {
        name: &'a str,
        address: Address,
        thread: &'a str,
        /// The innermost open span of that thread.
        span: &'a str,
    },
    /// An exit without an end of the run.
    Exit { status: &'a str, last: Last<'a> },
    /// An end from outside, within this span.
    Outside { kind: EndKind, within: &'a str },
}

/// A panic, as its hook tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Panic<'a> {
    pub(crate) message: &'a str,
    /// `src/main.rs:7:5`.
    pub(crate) location: &'a str,
}

/// The last error before an exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last<'a> {
    Nothing,
    Panic(Panic<'a>),
    Event {
        target: &'a str,
        /// File and line, else the event's name.
        place: &'a str,
    },
}

/// What a signal says of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    /// Nothing: a process sent the signal, or it was an abort.
    None,
    /// So low that a pointer must have been null.
    Null,
    Other,
}

impl Address {
    /// Pages below this are never mapped.
    const NULL_MAX: u64 = 1 << 16;

    pub(crate) fn of(address: u64) -> Self {
        if address < Self::NULL_MAX { Self::Null } else { Self::Other }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Null => "null",
            Self::Other => "other",
        }
    }
}

impl Fingerprint {
    pub(crate) fn of(cause: &Cause<'_>) -> Self {
        match cause {
            Cause::Panic(panic) => Self::of_parts(EndKind::Panicked, &panic.parts()),
            Cause::Signal { name, address, thread, span } => {
                let parts = [*name, address.as_str(), &stable(thread), &stable(span)];
                Self::of_parts(EndKind::Signal, &parts)
            }
            Cause::Exit { status, last } => {
                let [one, other] = last.parts();
                Self::of_parts(EndKind::Exited, &[status, last.as_str(), &one, &other])
            }
            Cause::Outside { kind, within } => Self::of_parts(*kind, &[stable(within)]),
        }
    }

    fn of_parts(kind: EndKind, parts: &[impl AsRef<str>]) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("obs end {VERSION}\0{}", kind.as_str()));
        for part in parts {
            hash.update([0]);
            hash.update(part.as_ref());
        }
        let digest: [u8; 32] = hash.finalize().into();
        let bits = u64::from_be_bytes(std::array::from_fn(|index| digest[index]));
        Self { version: VERSION, bits }
    }

    /// Its first eight digits: enough for people, and for names of files.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{:016x}", self.bits)[..SHORT_CHARS].to_owned()
    }

    /// Whether a word begins the fingerprint or its digits: with eight of them it stands for it.
    #[must_use]
    pub fn begins_with(&self, word: &str) -> bool {
        let word = word.to_ascii_lowercase();
        let digits = format!("{:016x}", self.bits);
        word.len() >= SHORT_CHARS && (digits.starts_with(&word) || self.to_string() == word)
    }
}

impl Panic<'_> {
    fn parts(&self) -> [String; 2] {
        [stable(self.message), place(self.location)]
    }
}

impl Last<'_> {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Panic(_) => "panic",
            Self::Event { .. } => "event",
        }
    }

    fn parts(&self) -> [String; 2] {
        match self {
            Self::Nothing => Default::default(),
            Self::Panic(panic) => panic.parts(),
            Self::Event { target, place: at } => [(*target).to_owned(), place(at)],
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:016x}", self.version, self.bits)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let read = || {
            let (version, digits) = text.split_once(':')?;
            let is_plain = digits.len() == DIGITS
                && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                && version.bytes().all(|byte| byte.is_ascii_digit())
                && !version.starts_with('0');
            let (version, bits) = (version.parse().ok()?, u64::from_str_radix(digits, 16).ok()?);
            is_plain.then_some(Self { version, bits })
        };
        read().ok_or_else(|| FingerprintError(text.chars().take(100).collect()))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
