//! JSON web tokens.
use super::Found;
use super::bytes::Bytes;

const LENGTH_MIN: usize = 30;

/// A token that begins at `start`: at least two parts in base64, with a dot between.
pub(super) fn found(text: Bytes<'_>, start: usize) -> Option<Found<'static>> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-=/+%".contains(&byte);
    let first = text.run(start, usize::MAX, is_part);
    if !text.is_start(start) || text.at(start + first) != b'.' {
        return None;
    }
    let end = text.past(start + first, usize::MAX, |byte| is_part(byte) || byte == b'.');
    (end - start >= LENGTH_MIN).then(|| Found::new(start..end, "shape:jwt"))
}
