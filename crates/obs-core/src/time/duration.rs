//! Durations as text.

use std::time::Duration;

use super::{NANOS_PER_SECOND, SECONDS_PER_DAY};
use crate::parse::ParseError;

const WHAT: &str = "a duration";
const FORMS: &str = "expected a number with a unit, such as 250ms, 10s, 5m, 1h30m or 7d";

/// Nanoseconds per unit, largest unit first.
const UNITS: [(&str, u64); 12] = [
    ("w", 7 * SECONDS_PER_DAY * NANOS_PER_SECOND),
    ("d", SECONDS_PER_DAY * NANOS_PER_SECOND),
    ("h", 3_600 * NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("s", NANOS_PER_SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
    ("min", 60 * NANOS_PER_SECOND),
    ("sec", NANOS_PER_SECOND),
    ("µs", 1_000),
    ("μs", 1_000),
];

/// Reads a duration: numbers with units, added up, as `10s`, `250ms`, `1.5h` or `1h 30m`; `0` needs
/// no unit. Units are `w`, `d`, `h`, `m` or `min`, `s` or `sec`, `ms`, `us` or `µs`, and `ns`.
///
/// # Errors
///
/// A number has no unit, a unit is unknown, or the sum exceeds 584 years.
///
/// ```
/// use std::time::Duration;
/// use obs_core::time::parse_duration;
///
/// assert_eq!(parse_duration("1h30m")?, Duration::from_secs(5_400));
/// assert!(parse_duration("10").is_err());
/// # Ok::<(), obs_core::ParseError>(())
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, ParseError> {
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    let mut nanos = 0_u128;
    let wrong = || ParseError::form(WHAT, text, FORMS);
    let too_long = || ParseError::range(WHAT, text, "it exceeds 584 years");
    loop {
        let (term, after) = read_term(rest).ok_or_else(wrong)?;
        nanos = nanos.saturating_add(term.ok_or_else(too_long)?);
        rest = after.trim_start();
        if rest.is_empty() {
            return u64::try_from(nanos).map(Duration::from_nanos).map_err(|_| too_long());
        }
    }
}

/// The nanoseconds of the first number with its unit (`None` if too many), and what follows.
fn read_term(text: &str) -> Option<(Option<u128>, &str)> {
    let (whole, rest) = split_while(text, |c| c.is_ascii_digit());
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => split_while(rest, |c| c.is_ascii_digit()),
        None => ("0", rest),
    };
    let (unit, rest) = split_while(rest.trim_start(), char::is_alphabetic);
    if whole.is_empty() || fraction.is_empty() {
        return None;
    }
    let &(_, unit_nanos) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let unit_nanos = u128::from(unit_nanos);
    let whole = whole.parse::<u64>().ok().map(|n| u128::from(n) * unit_nanos);
    let digits = &fraction[..fraction.len().min(18)];
    let part = digits.parse::<u128>().ok()? * unit_nanos / 10_u128.pow(digits.len() as u32);
    Some((whole.map(|n| n + part), rest))
}

fn split_while(text: &str, test: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !test(c)).unwrap_or(text.len()))
}

/// The duration as [`parse_duration`] reads it back exactly, in the largest unit that divides it.
pub(crate) fn exact_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let divides = |unit: &&(&str, u64)| nanos.is_multiple_of(unit.1.into());
    match UNITS[1..8].iter().find(divides) {
        Some((name, unit)) if nanos > 0 => format!("{}{name}", nanos / u128::from(*unit)),
        _ => "0".to_owned(),
    }
}

/// Nanoseconds as a person reads them: `17 ns`, `1.2 ms`, `42.0 s`, `5 min 03 s`, `3 h 04 min`,
/// `2 d 07 h`. Rounded to the last digit shown.
///
/// ```
/// assert_eq!(obs_core::time::human_duration(1_234_567), "1.2 ms");
/// ```
pub fn human_duration(ns: u64) -> String {
    if ns < 1_000 {
        return format!("{ns} ns");
    }
    for (unit, unit_ns, limit) in
        [("µs", 1_000, 1_000), ("ms", 1_000_000, 1_000), ("s", NANOS_PER_SECOND, 60)]
    {
        let tenths = rounded(ns, unit_ns / 10);
        if tenths < limit * 10 {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    let seconds = rounded(ns, NANOS_PER_SECOND);
    if seconds < 3_600 {
        return format!("{} min {:02} s", seconds / 60, seconds % 60);
    }
    let minutes = rounded(ns, 60 * NANOS_PER_SECOND);
    if minutes < 24 * 60 {
        return format!("{} h {:02} min", minutes / 60, minutes % 60);
    }
    let hours = rounded(ns, 3_600 * NANOS_PER_SECOND);
    format!("{} d {:02} h", hours / 24, hours % 24)
}

fn rounded(ns: u64, unit: u64) -> u64 {
    ns / unit + u64::from(ns % unit >= unit.div_ceil(2))
}
