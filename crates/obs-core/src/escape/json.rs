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

/// A whole JSON document as it can be shown: the [dangerous characters](super) in its strings are escaped, which
/// changes nothing of what it says. C0 other than line breaks between values is escaped in valid JSON already.
///
/// ```
/// let document = "{\n  \"a\": \"\u{9b}2J\u{202e}\"\n}\n";
/// let shown = obs_core::escape::json_document(document);
/// assert_eq!(shown, b"{\n  \"a\": \"\\u009b2J\\u202e\"\n}\n");
/// ```
pub fn json_document(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let is_plain = |c: char| c.is_ascii() && c != '\u{7f}';
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
        out.extend_from_slice(&rest.as_bytes()[..plain]);
        rest = &rest[plain..];
        let other = rest.find(is_plain).unwrap_or(rest.len());
        json(&mut out, &rest[..other]);
        rest = &rest[other..];
    }
    out
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
