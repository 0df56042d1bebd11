//! Passwords in SQL.
use super::bytes::Bytes;
use super::placeholder::is_placeholder;
use super::quote::Quote;
use super::{Found, VALUE_BYTES_MAX};

/// `IDENTIFIED BY PASSWORD`, `IDENTIFIED BY VALUES` and the like: the value is not far.
const DISTANCE_MAX: usize = 24;

/// The quoted value behind `identified by`, whose first word ends at `end`.
pub(super) fn found(text: Bytes<'_>, end: usize) -> Option<Found<'static>> {
    let by = text.any(end, &[b" by", b" BY", b" By"])?;
    let at = text.past(end + by, DISTANCE_MAX, |byte| byte.is_ascii_alphabetic() || byte == b' ');
    let (quote, content) = Quote::at(text, at)?;
    let range = quote.content(text, content, VALUE_BYTES_MAX);
    let value = text.part(range.start, range.end);
    (!is_placeholder(value)).then(|| Found::new(range, "sql:password"))
}
