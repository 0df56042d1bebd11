//! Texts in units of two or four bytes, in which no rule of redaction finds anything.

/// So many bytes tell.
pub(crate) const HEAD_BYTES: usize = 4;

/// The encoding that a text begins in, by the name that `iconv` has for it, unless its units are bytes: by its byte
/// order mark, or by its first characters, where they are those of ASCII.
pub(crate) fn wide(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [1..0x80, 0, 0, 0, ..] => Some("UTF-32LE"),
        [0, 0, 0, 1..0x80, ..] => Some("UTF-32BE"),
        [1..0x80, 0, 1..0x80, 0, ..] => Some("UTF-16LE"),
        [0, 1..0x80, 0, 1..0x80, ..] => Some("UTF-16BE"),
        _ => None,
    }
}
