//! The contents of a JSON string.

use super::scan::{self, Stop};

/// Appends `text` to `out` as the contents of a JSON string, without the quotes around it.
///
/// Quotes, backslashes and the [dangerous characters](super) are escaped (`\n`, `\u202e`, a
/// surrogate pair beyond U+FFFF), other text stays as it is. A JSON reader gives back the identical
/// text; no byte below 0x20 is written, so a JSON line stays one line. Clean text is copied.
///
/// ```
/// let mut line = Vec::new();
/// obs_core::escape::json(&mut line, "naïve\n\u{202e}");
/// assert_eq!(line, r"naïve\n\u202e".as_bytes());
/// ```
pub fn json(out: &mut Vec<u8>, text: &str) {
    let mut copied = 0;
    while let Some((at, c)) = scan::next(text, copied, Stop::DangerousOrQuote) {
        out.extend_from_slice(&text.as_bytes()[copied..at]);
        escape(out, c);
        copied = at + c.len_utf8();
    }
    out.extend_from_slice(&text.as_bytes()[copied..]);
}

/// As [`json`], for bytes that may not be UTF-8: each maximal invalid sequence becomes U+FFFD.
///
/// ```
/// let mut line = Vec::new();
/// obs_core::escape::json_lossy(&mut line, b"a\xff\"b");
/// assert_eq!(line, "a\u{fffd}\\\"b".as_bytes());
/// ```
pub fn json_lossy(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        json(out, chunk.valid());
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

fn escape(out: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' => b'"',
        '\\' => b'\\',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        _ => {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                push_unit(out, *unit);
            }
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn push_unit(out: &mut Vec<u8>, unit: u16) {
    let digit = |shift: u16| b"0123456789abcdef"[usize::from(unit >> shift & 0xf)];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}
