//! JSON web tokens.
use super::bytes::Bytes;
use super::kinds::{self, ALNUM, BASE64, DASH, PERCENT, UNDERSCORE};
use super::{Found, Progress};

const LENGTH_MIN: usize = 30;

/// A token that begins at `start`: at least two parts in base64, with a dot between.
pub(super) fn found(
    text: Bytes<'_>,
    start: usize,
    progress: &mut Progress<'_, '_>,
) -> Option<Found<'static>> {
    let is_part = |byte: u8| kinds::is(byte, ALNUM | UNDERSCORE | DASH | PERCENT | BASE64);
    if start < progress.place.no_jwt || !text.is_start(start) {
        return None;
    }
    let first = text.run(start, usize::MAX, is_part);
    if text.at(start + first) != b'.' {
        progress.place.no_jwt = start + first;
        return None;
    }
    let end = text.past(start + first, usize::MAX, |byte| is_part(byte) || byte == b'.');
    (end - start >= LENGTH_MIN).then(|| Found::new(start..end, "shape:jwt"))
}
