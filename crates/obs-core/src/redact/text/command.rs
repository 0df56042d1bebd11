//! `curl -u user:password`.
use super::bytes::{Bytes, is_blank};
use super::placeholder::is_placeholder;
use super::quote::Quote;
use super::{Found, VALUE_BYTES_MAX, bare};

/// How far before the flag the command's name is looked for.
const COMMAND_BYTES_MAX: usize = 256;

/// The password behind a flag `-u` or `--user` whose `-u` ends at `end`.
pub(super) fn found(text: Bytes<'_>, start: usize, end: usize) -> Option<Found<'static>> {
    let at = end + text.any(end, &[b"ser="]).unwrap_or_default();
    let at = text.past(at, 8, |byte| is_blank(byte) || byte == b'=');
    let range = match Quote::at(text, at) {
        Some((quote, content)) => quote.content(text, content, VALUE_BYTES_MAX),
        None => bare::value(text, at),
    };
    let colon = text.run(range.start, range.len(), |byte| byte != b':');
    let password = range.start + colon + 1..range.end;
    let is_there = password.start < password.end
        && !is_placeholder(text.part(password.start, password.end))
        && text.is_before(start, COMMAND_BYTES_MAX, b"curl");
    is_there.then(|| Found::new(password, "flag:user"))
}
