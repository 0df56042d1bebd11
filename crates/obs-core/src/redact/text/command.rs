//! `curl -u user:password`.
use super::bytes::{Bytes, is_blank};
use super::placeholder::is_placeholder;
use super::quote::Quote;
use super::{Found, Progress, VALUE_BYTES_MAX, bare};

/// How far before the flag the command's name is looked for.
const COMMAND_BYTES_MAX: usize = 256;

/// The password behind a flag `-u`, `--user` or `--proxy-user` that ends at `end`.
pub(super) fn found(
    text: Bytes<'_>,
    start: usize,
    end: usize,
    progress: &mut Progress<'_, '_>,
) -> Option<Found<'static>> {
    if !progress.place.words.curl.is_before(text, start, COMMAND_BYTES_MAX) {
        return None;
    }
    let at = text.past(end, 8, |byte| is_blank(byte) || byte == b'=');
    let range = match Quote::at(text, at) {
        Some((quote, content)) => quote.content(text, content, VALUE_BYTES_MAX),
        None => bare::value(text, at, VALUE_BYTES_MAX),
    };
    let colon = text.run(range.start, range.len(), |byte| byte != b':');
    let password = range.start + colon + 1..range.end;
    let is_there = password.start < password.end
        && !text.has_marker(&range)
        && !is_placeholder(text.part(password.start, password.end));
    is_there.then(|| Found::new(password, "flag:user"))
}
