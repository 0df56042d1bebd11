//! Texts in units of two or four bytes, in which no rule of redaction finds anything.

/// So many bytes tell.
pub(crate) const HEAD_BYTES: usize = 4;

/// The encoding that a text begins in, by the name that `iconv` has for it, unless its units are bytes: by its byte
/// order mark, or by its first characters, where they are those of ASCII. Other bytes are no text, and go as they are.
pub(crate) fn wide(head: &[u8]) -> Option<&'static str> {
    let is_text = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    match *head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [first, 0, 0, 0, ..] if is_text(first) => Some("UTF-32LE"),
        [0, 0, 0, first, ..] if is_text(first) => Some("UTF-32BE"),
        [first, 0, second, 0, ..] if is_text(first) && is_text(second) => Some("UTF-16LE"),
        [0, first, 0, second, ..] if is_text(first) && is_text(second) => Some("UTF-16BE"),
        _ => None,
    }
}
