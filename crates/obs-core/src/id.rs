//! Names for runs, traces and spans.
use std::fmt;
use std::str::FromStr;

/// A run's id: a UUID of version 7, so that ids sort by the time at which their runs began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId([u8; 16]);

/// The 128 bits that all spans of one trace share; never zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(u128);

/// The 64 bits that name one span; never zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(u64);

/// Text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a {kind}: {expected} expected")]
pub struct ParseIdError {
    text: String,
    kind: &'static str,
    expected: &'static str,
}

impl RunId {
    /// Makes the id of a run that begins `unix_ms` milliseconds after 1970, from 74 of the given random bits (RFC 9562,
    /// section 5.7).
    #[must_use]
    pub fn new(unix_ms: u64, random: u128) -> Self {
        let mut bytes = random.to_be_bytes();
        bytes[..6].copy_from_slice(&unix_ms.to_be_bytes()[2..]);
        bytes[6] = bytes[6] & 0x0f | 0x70;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }

    /// The id whose 16 bytes these are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The id's 16 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl TraceId {
    /// The id with these bits, unless they are all zero.
    #[must_use]
    pub const fn new(bits: u128) -> Option<Self> {
        if bits == 0 { None } else { Some(Self(bits)) }
    }

    /// The id's bits.
    #[must_use]
    pub const fn to_bits(self) -> u128 {
        self.0
    }
}

impl SpanId {
    /// The id with these bits, unless they are all zero.
    #[must_use]
    pub const fn new(bits: u64) -> Option<Self> {
        if bits == 0 { None } else { Some(Self(bits)) }
    }

    /// The id's bits.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

macro_rules! debug_as_display {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )*};
}
debug_as_display!(RunId, TraceId, SpanId);

impl FromStr for RunId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let expected = "a UUID, 32 hexadecimal digits with or without hyphens,";
        let wrong = || ParseIdError { text: shortened(text), kind: "run id", expected };
        let digits: String = text.chars().filter(|character| *character != '-').collect();
        if digits.len() != 32 || digits.starts_with('+') {
            return Err(wrong());
        }
        u128::from_str_radix(&digits, 16).map(|bits| Self(bits.to_be_bytes())).map_err(|_| wrong())
    }
}

impl FromStr for TraceId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let bits = hexadecimal(text, 32).and_then(Self::new);
        let expected = "32 hexadecimal digits, not all zero,";
        bits.ok_or_else(|| ParseIdError { text: shortened(text), kind: "trace id", expected })
    }
}

impl FromStr for SpanId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let bits = hexadecimal(text, 16).and_then(|bits| Self::new(bits as u64));
        let expected = "16 hexadecimal digits, not all zero,";
        bits.ok_or_else(|| ParseIdError { text: shortened(text), kind: "span id", expected })
    }
}

fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let right = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| u128::from_str_radix(text, 16)).and_then(Result::ok)
}

fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
