//! How grave a record is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::nearest::nearest;
use crate::parse::ParseError;

/// How grave a record is; ordered, `Trace` lowest and `Fatal` highest.
///
/// The numbers 1 to 6 are stable: they stand in records on disk. `tracing` has no fatal level; it
/// is given by panics, by the toolkit's own records and by programs that ask for it.
///
/// ```
/// use obs_core::Level;
///
/// assert!(Level::Warn < Level::Error);
/// assert_eq!("WARNING".parse::<Level>()?, Level::Warn);
/// assert_eq!(Level::Info.severity_number(), 9);
/// # Ok::<(), obs_core::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
#[non_exhaustive]
pub enum Level {
    /// Every step, for the author of the code.
    Trace = 1,
    /// What helps to find a fault.
    Debug = 2,
    /// What an operator wants to see of a healthy run.
    Info = 3,
    /// Something is not right, and the work goes on.
    Warn = 4,
    /// Something asked for was not done.
    Error = 5,
    /// The program cannot go on.
    Fatal = 6,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 6] =
        [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// The name, in lower case: `trace`, `debug`, `info`, `warn`, `error` or `fatal`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// The number from 1 (trace) to 6 (fatal) that stands for the level in records.
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// The level of a number from 1 (trace) to 6 (fatal); `None` for any other.
    pub const fn from_u8(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Trace),
            2 => Some(Self::Debug),
            3 => Some(Self::Info),
            4 => Some(Self::Warn),
            5 => Some(Self::Error),
            6 => Some(Self::Fatal),
            _ => None,
        }
    }

    /// OpenTelemetry's severity number: 1, 5, 9, 13, 17 or 21, the lowest of the level's four.
    ///
    /// Source: OpenTelemetry logs data model, field `SeverityNumber`.
    pub const fn severity_number(self) -> u8 {
        (self as u8 - 1) * 4 + 1
    }

    /// The level that a word names, letter case apart; also `warning` and `critical`.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let named = |level: &Self| word.eq_ignore_ascii_case(level.as_str());
        let other_names = [("warning", Self::Warn), ("critical", Self::Fatal)];
        let other = || other_names.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
        Self::ALL.into_iter().find(named).or_else(|| other().map(|(_, level)| level))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::from_word(text.trim()).ok_or_else(|| {
            let why = match nearest(text, Self::ALL.map(Self::as_str)) {
                Some(word) => format!("did you mean {word}?"),
                None => "expected trace, debug, info, warn, error or fatal".to_owned(),
            };
            ParseError::form("a level", text, why)
        })
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.as_u8()
    }
}

impl TryFrom<u8> for Level {
    type Error = ParseError;

    fn try_from(number: u8) -> Result<Self, ParseError> {
        Self::from_u8(number)
            .ok_or_else(|| ParseError::range("a level", &number.to_string(), "expected 1 to 6"))
    }
}
