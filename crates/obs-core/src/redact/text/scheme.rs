//! Authentication schemes: `Bearer <token>`, `Basic <user and password in base64>`.
use super::bytes::Bytes;
use super::placeholder::is_placeholder;
use super::token::is_token;
use super::{Found, VALUE_BYTES_MAX, bare};
use std::ops::Range;

/// Shorter tokens are words of a sentence.
const TOKEN_LENGTH_MIN: usize = 8;
const LONG_LENGTH_MIN: usize = 24;
const NAMES: [&[u8]; 9] =
    [b"bearer", b"basic", b"token", b"apikey", b"digest", b"negotiate", b"key", b"hmac", b"splunk"];

/// The token behind the word `bearer` that begins at `start` and, with its blank, ends at `end`.
pub(super) fn bearer(text: Bytes<'_>, start: usize, end: usize) -> Option<Found<'static>> {
    if !text.is_start(start) {
        return None;
    }
    let range = bare::value(text, text.past_colors(end), VALUE_BYTES_MAX);
    let value = text.part(range.start, range.end);
    let is_one = is_token(value, TOKEN_LENGTH_MIN) || value.len() >= LONG_LENGTH_MIN;
    let is_new = !is_placeholder(value) && !text.has_marker(&range);
    (is_one && is_new).then(|| Found::new(range, "header:bearer"))
}

/// The same for `basic`: what it is followed by must be base64 of a text with a colon.
pub(super) fn basic(text: Bytes<'_>, start: usize, end: usize) -> Option<Found<'static>> {
    if !text.is_start(start) {
        return None;
    }
    let range = bare::value(text, text.past_colors(end), VALUE_BYTES_MAX);
    let mut has_colon = false;
    let is_text = each_of_base64(text.part(range.start, range.end), |byte| {
        has_colon |= byte == b':';
        (0x20..0x7f).contains(&byte)
    });
    let is_text = is_text && has_colon;
    is_text.then(|| Found::new(range, "header:basic"))
}

/// The part of a header's value that is secret: what follows the scheme, where one is named. The value begins at `at`
/// and is as long as `extent` says, of a place and what it may take.
pub(super) fn past(
    text: Bytes<'_>,
    at: usize,
    bytes_max: usize,
    extent: impl Fn(usize, usize) -> Range<usize>,
) -> Range<usize> {
    let length = text.run(at, 16, |byte| byte.is_ascii_alphabetic());
    let name = text.part(at, at + length);
    let blank = at + length;
    let start = text.past_colors(blank + 1);
    let is_known = NAMES.iter().any(|known| name.eq_ignore_ascii_case(known));
    if !is_known || text.at(blank) != b' ' {
        return extent(at, bytes_max);
    }
    let is_digest = name.eq_ignore_ascii_case(b"digest");
    let token = || text.run(start, bytes_max, |byte| !matches!(byte, b' ' | b','));
    let range = extent(start, if is_digest { bytes_max } else { token() });
    if range.is_empty() { extent(at, bytes_max) } else { range }
}

/// Whether `digits` are base64, and of bytes that all are as `is_one` says.
fn each_of_base64(digits: &[u8], mut is_one: impl FnMut(u8) -> bool) -> bool {
    const DIGITS_MAX: usize = 1 << 10;
    let (mut bits, mut count) = (0_u32, 0);
    for digit in digits.iter().take(DIGITS_MAX).take_while(|digit| **digit != b'=') {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            if !is_one((bits >> count & 0xff) as u8) {
                return false;
            }
        }
    }
    true
}
