//! How the types of settings are read from text and written as text.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use super::choice::{
    BundleOn, ColorChoice, FilterSignal, LogFormat, Overflow, RingPlace, SqlPartition,
};
use super::sql::{SqlColumns, SqlUrl};
use super::{GIB, KIB, MIB};
use crate::filter::Filter;
use crate::level::Level;
use crate::parse::OneOf;
use crate::redact::Rules;
use crate::time::{exact_duration, parse_duration};

/// What texts a setting accepts.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Path,
    Filter,
    Rules,
    Flag,
    Word(&'static [&'static str]),
    Count {
        max: u64,
    },
    Bytes {
        min: u64,
        max: u64,
    },
    /// As `Bytes`, and a power of two.
    BytesPowerOfTwo {
        min: u64,
        max: u64,
    },
    Interval {
        min: Duration,
        max: Duration,
    },
    /// As `Interval` from zero, but that a bare number is milliseconds.
    Milliseconds {
        max: Duration,
    },
    /// A number from 1 on.
    Positive {
        max: u64,
    },
    /// A switch that knows two words only.
    TrueOrFalse,
    /// Words with commas between.
    List(&'static str),
    /// Pairs with commas between.
    Pairs,
    /// Pairs whose values are secret.
    Headers,
    Endpoint,
    /// The address of a database, whose password is secret.
    Database,
    /// Names of attributes.
    Columns,
    /// A number from 0 to 1.
    Part,
}

impl Kind {
    /// What a right text is, for problems and for the manual.
    pub(super) fn expected(self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Filter => "directives such as info,app::db=debug".to_owned(),
            Self::Rules => {
                "names and patterns such as badge,!csrf_token,id=/ACME-[0-9]+/".to_owned()
            }
            Self::Flag | Self::TrueOrFalse => "true or false".to_owned(),
            Self::List(words) => words.to_owned(),
            Self::Pairs | Self::Headers => "pairs such as name=value,other=value".to_owned(),
            Self::Endpoint => "an address such as http://collector:4318".to_owned(),
            Self::Database => "an address such as sqlite://logs.db".to_owned(),
            Self::Columns => "up to 16 names such as request_id,http.route, or none".to_owned(),
            Self::Part => "a number from 0 to 1".to_owned(),
            Self::Positive { max } => format!("a whole number from 1 to {max}"),
            Self::Milliseconds { max } => {
                format!("milliseconds, or a duration up to {}", exact_duration(max))
            }
            Self::Word(words) => OneOf(words).to_string(),
            Self::Count { max } if max == u64::from(u32::MAX) => "a whole number".to_owned(),
            Self::Count { max } => format!("a whole number up to {max}"),
            Self::Bytes { min, max } => format!("a size{}", between(min, max)),
            Self::BytesPowerOfTwo { min, max } => {
                format!("a power of two{}", between(min, max))
            }
            Self::Interval { min, max } => {
                let (min, max) = (exact_duration(min), exact_duration(max));
                format!("a duration from {min} to {max}")
            }
        }
    }

    /// Whether a number of this setting lies within its bounds.
    pub(super) fn allows(self, number: u128) -> bool {
        let within = |min: u64, max: u64| (u128::from(min)..=u128::from(max)).contains(&number);
        match self {
            Self::Count { max } => within(0, max),
            Self::Bytes { min, max } => within(min, max),
            Self::BytesPowerOfTwo { min, max } => within(min, max) && number.is_power_of_two(),
            Self::Interval { min, max } => (min.as_nanos()..=max.as_nanos()).contains(&number),
            Self::Milliseconds { max } => number <= max.as_nanos(),
            Self::Positive { max } => within(1, max),
            _ => true,
        }
    }

    /// Whether a bare number can stand for it in a file.
    pub(super) fn is_number(self) -> bool {
        matches!(
            self,
            Self::Count { .. }
                | Self::Bytes { .. }
                | Self::BytesPowerOfTwo { .. }
                | Self::Milliseconds { .. }
                | Self::Positive { .. }
        )
    }

    /// Whether a bare truth value can stand for it in a file.
    pub(super) fn is_switch(self) -> bool {
        matches!(self, Self::Flag | Self::TrueOrFalse)
    }

    /// Whether its text must not be shown.
    pub(super) fn is_secret(self) -> bool {
        matches!(self, Self::Headers | Self::Database)
    }
}

fn between(min: u64, max: u64) -> String {
    match (min, max) {
        (0, u64::MAX) => String::new(),
        (min, u64::MAX) => format!(" of at least {}", bytes_text(min)),
        (min, max) => format!(" from {} to {}", bytes_text(min), bytes_text(max)),
    }
}

/// A type that a setting can have.
pub(super) trait Value: Sized {
    /// The value of a text; `None` if it is none. Texts are trimmed, but for paths.
    fn read(text: &OsStr) -> Option<Self>;

    /// The text that [`read`](Self::read) gives this value for; empty if the value is unset.
    fn show(&self) -> String;

    /// The number that bounds apply to.
    fn number(&self) -> u128 {
        0
    }
}

/// Assigns the value of a text to a field, or says why not.
pub(super) fn assign<T: Value>(
    field: &mut T,
    text: &OsStr,
    kind: Kind,
) -> Result<(), &'static str> {
    match T::read(text) {
        Some(value) if kind.allows(value.number()) => {
            *field = value;
            Ok(())
        }
        Some(_) => Err("out of bounds"),
        None if text.to_str().is_none() => Err("not UTF-8"),
        None => Err("not understood"),
    }
}

pub(super) fn trimmed(text: &OsStr) -> Option<&str> {
    text.to_str().map(str::trim)
}

impl Value for String {
    fn read(text: &OsStr) -> Option<Self> {
        trimmed(text).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Value for Option<PathBuf> {
    fn read(text: &OsStr) -> Option<Self> {
        (!text.is_empty()).then(|| Some(PathBuf::from(text)))
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(String::new, |path| path.to_string_lossy().into_owned())
    }
}

impl Value for Option<Filter> {
    fn read(text: &OsStr) -> Option<Self> {
        Filter::parse(trimmed(text)?).ok().map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(String::new, Filter::to_string)
    }
}

impl Value for Rules {
    fn read(text: &OsStr) -> Option<Self> {
        trimmed(text)?.parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for bool {
    fn read(text: &OsStr) -> Option<Self> {
        match trimmed(text)?.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for u32 {
    fn read(text: &OsStr) -> Option<Self> {
        trimmed(text)?.parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }

    fn number(&self) -> u128 {
        (*self).into()
    }
}

/// Every 64-bit number among the settings is a number of bytes.
impl Value for u64 {
    fn read(text: &OsStr) -> Option<Self> {
        let text = trimmed(text)?;
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        digits.parse::<Self>().ok()?.checked_mul(bytes_per(unit.trim())?)
    }

    fn show(&self) -> String {
        bytes_text(*self)
    }

    fn number(&self) -> u128 {
        (*self).into()
    }
}

impl Value for Duration {
    fn read(text: &OsStr) -> Option<Self> {
        parse_duration(trimmed(text)?).ok()
    }

    fn show(&self) -> String {
        exact_duration(*self)
    }

    fn number(&self) -> u128 {
        self.as_nanos()
    }
}

macro_rules! words_are_values {
    ($($name:ty),+) => {
        $(impl Value for $name {
            fn read(text: &OsStr) -> Option<Self> {
                trimmed(text)?.parse().ok()
            }

            fn show(&self) -> String {
                self.to_string()
            }
        })+
    };
}

pub(super) use words_are_values;

words_are_values!(
    Level,
    LogFormat,
    ColorChoice,
    Overflow,
    RingPlace,
    FilterSignal,
    BundleOn,
    SqlColumns,
    SqlPartition,
    Filter
);

impl Value for Option<SqlUrl> {
    fn read(text: &OsStr) -> Option<Self> {
        trimmed(text)?.parse().ok().map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(String::new, ToString::to_string)
    }
}

/// The number of bytes that a unit stands for, letter case apart.
fn bytes_per(unit: &str) -> Option<u64> {
    let number = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" => KIB,
        "mib" => MIB,
        "gib" => GIB,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return None,
    };
    Some(number)
}

fn bytes_text(bytes: u64) -> String {
    for (unit, size) in [("GiB", GIB), ("MiB", MIB), ("KiB", KIB)] {
        if bytes > 0 && bytes.is_multiple_of(size) {
            return format!("{}{unit}", bytes / size);
        }
    }
    bytes.to_string()
}
