//! Wall-clock times and durations: how they are written, and how people's texts are read.
//!
//! Nothing here asks for the time: whoever needs "now" is given it.

mod civil;
mod duration;
mod format;
mod read;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::parse::ParseError;
pub(crate) use duration::exact_duration;
pub use duration::{human_duration, parse_duration};
pub use format::{RFC3339_BYTES, TimestampCache};
pub use read::parse_when;

pub(crate) const NANOS_PER_SECOND: u64 = 1_000_000_000;
pub(crate) const SECONDS_PER_DAY: u64 = 86_400;

/// A wall-clock time: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds; reaches to
/// 2554-07-21.
///
/// `Display` and `FromStr` use RFC 3339; see [`FromStr`](#impl-FromStr-for-UnixNanos) for what is
/// accepted.
///
/// ```
/// use obs_core::UnixNanos;
///
/// let time: UnixNanos = "2026-11-22T10:58:03.123456789+01:00".parse()?;
/// assert_eq!(time.to_string(), "2026-11-22T09:58:03.123456789Z");
/// assert_eq!(time.to_file_name(), "2026-11-22T09-58-03Z");
/// # Ok::<(), obs_core::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixNanos(pub u64);

impl UnixNanos {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The last time that can be held: 2554-07-21T23:34:33.709551615Z.
    pub const MAX: Self = Self(u64::MAX);

    /// The time so much later, or [`MAX`](Self::MAX).
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// The time so much earlier, or [`EPOCH`](Self::EPOCH).
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(duration)))
    }

    /// How long after `earlier` this is; zero if it is not after.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl fmt::Display for UnixNanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.rfc3339();
        f.pad(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// Reads RFC 3339: date, time with seconds and an offset from UTC, as
/// `2026-11-22T10:58:03.25+01:00`. The letters may be lower case, a blank may stand for the `T`,
/// digits of the second beyond nine are cut, and a leap second (`:60`) is read as `:59`.
impl FromStr for UnixNanos {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        read::parse_rfc3339(text)
    }
}
