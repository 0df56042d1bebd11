//! Times as text.

use super::{NANOS_PER_SECOND, SECONDS_PER_DAY, UnixNanos, civil};

/// The length of a time in RFC 3339 with nine digits of the second and `Z`.
pub const RFC3339_BYTES: usize = 30;

const TEMPLATE: [u8; RFC3339_BYTES] = *b"0000-00-00T00:00:00.000000000Z";
const SUBSECOND_AT: usize = 20;

impl UnixNanos {
    /// The time in RFC 3339, UTC, as `2026-11-22T09:58:03.123456789Z`: always 30 bytes of ASCII, so
    /// that texts sort as the times do.
    pub fn rfc3339(self) -> [u8; RFC3339_BYTES] {
        let mut text = TEMPLATE;
        put_second(&mut text, self.0 / NANOS_PER_SECOND);
        put_subsecond(&mut text, self.0 % NANOS_PER_SECOND);
        text
    }

    /// The time as part of a file name, to the second, as `2026-11-22T09-58-03Z`.
    pub fn to_file_name(self) -> String {
        self.rfc3339()[..SUBSECOND_AT - 1]
            .iter()
            .map(|&b| if b == b':' { '-' } else { char::from(b) })
            .chain(['Z'])
            .collect()
    }
}

/// Writes times in RFC 3339, fastest when many fall into the same second: then only the nine digits
/// after the point are written anew.
///
/// ```
/// use obs_core::{UnixNanos, time::TimestampCache};
///
/// let mut cache = TimestampCache::new();
/// assert_eq!(cache.rfc3339(UnixNanos(1)), b"1970-01-01T00:00:00.000000001Z");
/// assert_eq!(cache.rfc3339(UnixNanos(20)), b"1970-01-01T00:00:00.000000020Z");
/// ```
#[derive(Clone, Debug)]
pub struct TimestampCache {
    second: u64,
    text: [u8; RFC3339_BYTES],
}

impl TimestampCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self { second: 0, text: UnixNanos::EPOCH.rfc3339() }
    }

    /// The same bytes as [`UnixNanos::rfc3339`].
    pub fn rfc3339(&mut self, time: UnixNanos) -> &[u8; RFC3339_BYTES] {
        let second = time.0 / NANOS_PER_SECOND;
        if second != self.second {
            put_second(&mut self.text, second);
            self.second = second;
        }
        put_subsecond(&mut self.text, time.0 % NANOS_PER_SECOND);
        &self.text
    }
}

impl Default for TimestampCache {
    fn default() -> Self {
        Self::new()
    }
}

fn put_second(text: &mut [u8; RFC3339_BYTES], second: u64) {
    let date = civil::date_from_days((second / SECONDS_PER_DAY) as i64);
    let of_day = (second % SECONDS_PER_DAY) as u32;
    put_two(text, 0, date.year as u32 / 100);
    put_two(text, 2, date.year as u32 % 100);
    put_two(text, 5, date.month.into());
    put_two(text, 8, date.day.into());
    put_two(text, 11, of_day / 3_600);
    put_two(text, 14, of_day / 60 % 60);
    put_two(text, 17, of_day % 60);
}

fn put_subsecond(text: &mut [u8; RFC3339_BYTES], nanos: u64) {
    let nanos = nanos as u32;
    put_two(text, SUBSECOND_AT, nanos / 10_000_000);
    put_two(text, SUBSECOND_AT + 2, nanos / 100_000 % 100);
    put_two(text, SUBSECOND_AT + 4, nanos / 1_000 % 100);
    put_two(text, SUBSECOND_AT + 6, nanos / 10 % 100);
    text[SUBSECOND_AT + 8] = b'0' + (nanos % 10) as u8;
}

/// Writes a number below 100 as two digits.
fn put_two(text: &mut [u8; RFC3339_BYTES], at: usize, number: u32) {
    text[at] = b'0' + (number / 10) as u8;
    text[at + 1] = b'0' + (number % 10) as u8;
}
