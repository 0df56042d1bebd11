//! Texts read as times.

use super::civil::{self, Date};
use super::{NANOS_PER_SECOND, SECONDS_PER_DAY, UnixNanos, duration};
use crate::parse::ParseError;

const WHAT: &str = "a time";
const NANOS_PER_DAY: u64 = SECONDS_PER_DAY * NANOS_PER_SECOND;
const WHEN_FORMS: &str =
    "expected 2026-11-22T10:00, 2026-11-22, 10:05, today, yesterday, now or an age such as 3h";

pub(super) fn parse_rfc3339(text: &str) -> Result<UnixNanos, ParseError> {
    let read = DateTime::read(text)?;
    match (&read.time, read.offset_minutes) {
        (Some(TimeOfDay { seconds_given: true, .. }), Some(_)) => read.to_nanos(text),
        _ => {
            Err(ParseError::form(WHAT, text, "expected date, time with seconds and Z or an offset"))
        }
    }
}

/// Reads a time as people write it on a command line. Everything is UTC unless it says otherwise;
/// seconds and offset may be missing.
///
/// | text | means |
/// |---|---|
/// | `2026-11-22T10:00:05.5+01:00`, `2026-11-22 10:00` | that instant |
/// | `2026-11-22` | the start of that day |
/// | `10:05`, `10:05:30` | that time of the day that `now` falls into |
/// | `-3h`, `30m`, `2d`, `1h30m` | so long before `now` |
/// | `now`, `today`, `yesterday` | `now`; the start of its day; the start of the day before |
///
/// # Errors
///
/// The text has none of these forms, or names a date that does not exist or lies outside of
/// 1970–2554.
///
/// ```
/// use obs_core::{UnixNanos, time::parse_when};
///
/// let now: UnixNanos = "2026-11-22T09:58:03Z".parse()?;
/// assert_eq!(parse_when("-3h", now)?.to_string(), "2026-11-22T06:58:03.000000000Z");
/// assert_eq!(parse_when("10:05", now)?.to_string(), "2026-11-22T10:05:00.000000000Z");
/// # Ok::<(), obs_core::ParseError>(())
/// ```
pub fn parse_when(text: &str, now: UnixNanos) -> Result<UnixNanos, ParseError> {
    let text = text.trim();
    let midnight = UnixNanos(now.0 - now.0 % NANOS_PER_DAY);
    match text {
        "now" => return Ok(now),
        "today" => return Ok(midnight),
        "yesterday" => return Ok(UnixNanos(midnight.0.saturating_sub(NANOS_PER_DAY))),
        _ => {}
    }
    if text.as_bytes().get(4) == Some(&b'-') {
        return DateTime::read(text)?.to_nanos(text);
    }
    if text.contains(':') {
        let mut reader = Reader { rest: text.as_bytes(), text };
        let time = TimeOfDay::read(&mut reader)?;
        reader.end()?;
        return midnight.0.checked_add(time.nanos).map(UnixNanos).ok_or_else(|| out_of_range(text));
    }
    let age = text.strip_prefix('-').unwrap_or(text);
    match duration::parse_duration(age) {
        Ok(age) => Ok(now.saturating_sub(age)),
        Err(_) => Err(ParseError::form(WHAT, text, WHEN_FORMS)),
    }
}

fn out_of_range(text: &str) -> ParseError {
    ParseError::range(WHAT, text, "it lies outside of 1970-01-01 to 2554-07-21")
}

/// What a text says of an instant.
struct DateTime {
    days: i64,
    time: Option<TimeOfDay>,
    offset_minutes: Option<i64>,
}

struct TimeOfDay {
    nanos: u64,
    seconds_given: bool,
}

impl DateTime {
    fn read(text: &str) -> Result<Self, ParseError> {
        let mut reader = Reader { rest: text.as_bytes(), text };
        let days = read_date(&mut reader)?;
        let mut read = Self { days, time: None, offset_minutes: None };
        if reader.eat(b"Tt ").is_some() {
            read.time = Some(TimeOfDay::read(&mut reader)?);
            read.offset_minutes = read_offset(&mut reader)?;
        }
        reader.end()?;
        Ok(read)
    }

    fn to_nanos(&self, text: &str) -> Result<UnixNanos, ParseError> {
        let minutes =
            i128::from(self.days) * 24 * 60 - i128::from(self.offset_minutes.unwrap_or(0));
        let of_day = self.time.as_ref().map_or(0, |time| time.nanos);
        let nanos = minutes * 60 * i128::from(NANOS_PER_SECOND) + i128::from(of_day);
        u64::try_from(nanos).map(UnixNanos).map_err(|_| out_of_range(text))
    }
}

fn read_date(reader: &mut Reader<'_>) -> Result<i64, ParseError> {
    let year = i64::from(reader.digits(4)?);
    reader.expect(b'-')?;
    let month = reader.bounded("month", 1, 12)?;
    reader.expect(b'-')?;
    let day = reader.bounded("day", 1, civil::days_in_month(year, month))?;
    Ok(civil::days_from_date(Date { year, month, day }))
}

impl TimeOfDay {
    fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let hour = u64::from(reader.bounded("hour", 0, 23)?);
        reader.expect(b':')?;
        let minute = u64::from(reader.bounded("minute", 0, 59)?);
        let seconds_given = reader.eat(b":").is_some();
        let (second, fraction) = match seconds_given {
            true => (reader.bounded("second", 0, 60)?.min(59), reader.fraction()?),
            false => (0, 0),
        };
        let seconds = hour * 3_600 + minute * 60 + u64::from(second);
        Ok(Self { nanos: seconds * NANOS_PER_SECOND + fraction, seconds_given })
    }
}

/// Minutes east of UTC; `None` if nothing is said.
fn read_offset(reader: &mut Reader<'_>) -> Result<Option<i64>, ParseError> {
    let sign = match reader.eat(b"Zz+-") {
        None => return Ok(None),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return Ok(Some(0)),
    };
    let hours = i64::from(reader.bounded("offset hour", 0, 23)?);
    reader.expect(b':')?;
    let minutes = i64::from(reader.bounded("offset minute", 0, 59)?);
    Ok(Some(sign * (hours * 60 + minutes)))
}

/// Reads a text from its front.
struct Reader<'a> {
    rest: &'a [u8],
    text: &'a str,
}

impl Reader<'_> {
    /// The next byte, if it is one of these.
    fn eat(&mut self, bytes: &[u8]) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        bytes.contains(&first).then(|| {
            self.rest = rest;
            first
        })
    }

    fn expect(&mut self, byte: u8) -> Result<(), ParseError> {
        self.eat(&[byte]).map(drop).ok_or_else(|| self.unexpected(&format!("\"{}\"", byte as char)))
    }

    fn digits(&mut self, count: usize) -> Result<u32, ParseError> {
        let mut number = 0;
        for _ in 0..count {
            let digit = self.eat(b"0123456789").ok_or_else(|| self.unexpected("a digit"))?;
            number = number * 10 + u32::from(digit - b'0');
        }
        Ok(number)
    }

    fn bounded(&mut self, name: &str, lowest: u8, highest: u8) -> Result<u8, ParseError> {
        let number = self.digits(2)?;
        u8::try_from(number).ok().filter(|n| (lowest..=highest).contains(n)).ok_or_else(|| {
            let why = format!("{name} {number} is not in {lowest}..={highest}");
            ParseError::range(WHAT, self.text, why)
        })
    }

    /// Nanoseconds of a fraction, if one follows; digits beyond the ninth are cut.
    fn fraction(&mut self) -> Result<u64, ParseError> {
        if self.eat(b".,").is_none() {
            return Ok(0);
        }
        let mut unit = NANOS_PER_SECOND / 10;
        let mut nanos = u64::from(self.digits(1)?) * unit;
        while let Some(digit) = self.eat(b"0123456789") {
            unit /= 10;
            nanos += u64::from(digit - b'0') * unit;
        }
        Ok(nanos)
    }

    fn end(&self) -> Result<(), ParseError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.unexpected("the end")) }
    }

    fn unexpected(&self, expected: &str) -> ParseError {
        let at = self.text.len() - self.rest.len();
        ParseError::form(WHAT, self.text, format!("expected {expected} at byte {at}"))
    }
}
