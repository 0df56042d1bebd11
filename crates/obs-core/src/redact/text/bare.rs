//! Values without quotation marks: where they end.
use super::bytes::Bytes;
use super::kinds::{self, ALNUM, BLANK, DASH, DOT, STOP, UNDERSCORE};
use super::quote::Quote;
use std::ops::Range;

/// What a line is looked through for the next pair.
const PAIR_BYTES_MAX: usize = 48;

/// The value that begins at `from`, `bytes_max` at most: to a blank, to a mark, to a bracket that it did not open, or
/// to a separator that another pair or nothing follows.
pub(super) fn value(text: Bytes<'_>, from: usize, bytes_max: usize) -> Range<usize> {
    let limit = text.len().min(from + bytes_max);
    let mut open = Open::default();
    let mut at = from;
    loop {
        at = text.past(at, limit - at, |byte| !kinds::is(byte, STOP));
        if at >= limit || is_end(text, at, &mut open) {
            return from..at;
        }
        at += 1;
    }
}

/// Brackets that were opened in a value, by kind.
#[derive(Debug, Default)]
struct Open([usize; 3]);

impl Open {
    fn open(&mut self, kind: usize) -> bool {
        self.0[kind] += 1;
        false
    }

    /// Whether a closing bracket of the kind was opened outside.
    fn close(&mut self, kind: usize) -> bool {
        let is_outside = self.0[kind] == 0;
        self.0[kind] = self.0[kind].saturating_sub(1);
        is_outside
    }
}

fn is_end(text: Bytes<'_>, at: usize, open: &mut Open) -> bool {
    let next = text.at(at + 1);
    match text.at(at) {
        b' ' | b'\t' | b'\n' | b'\r' | b'\x1b' | b'"' | b'\'' | b'`' | b'<' => true,
        b'\\' => is_escape(text, at),
        b'>' => !next.is_ascii_alphanumeric() && !matches!(next, b'-' | b'_'),
        b'(' => open.open(0),
        b'[' => open.open(1),
        b'{' => open.open(2),
        b')' => open.close(0) && !goes_on(next),
        b']' => open.close(1) && !goes_on(next),
        b'}' => open.close(2) && !goes_on(next),
        b',' | b';' | b'|' => {
            next.is_ascii_whitespace()
                || matches!(next, b'"' | b'\'' | b'}' | b']' | b')' | b'\\')
                || is_pair(text, at + 1)
        }
        b'&' => {
            next == b'&'
                || next.is_ascii_whitespace()
                || is_pair(text, at + 1)
                || is_entity(text, at)
        }
        b'%' if !matches!(next, b'0' | b'2') => false,
        b'%' => is_entity(text, at) || text.any(at, &[b"%26", b"%0A", b"%0D", b"%20"]).is_some(),
        _ => false,
    }
}

/// A bracket inside of a password has more of it behind.
fn goes_on(next: u8) -> bool {
    next.is_ascii_alphanumeric() || matches!(next, b'-' | b'_' | b'$')
}

/// An escaped line end, mark or separator; any other backslash is the value's own.
fn is_escape(text: Bytes<'_>, at: usize) -> bool {
    let behind = text.past(at, 16, |byte| byte == b'\\');
    match text.at(behind) {
        b'"' | b'\'' => true,
        b'n' | b'r' | b't' => true,
        b'u' => {
            const CODES: [&[u8]; 6] = [b"u0026", b"u0022", b"u0027", b"u003c", b"u003e", b"u001b"];
            text.any(behind, &CODES).is_some()
        }
        b'x' => text.has(behind, b"x1b["),
        _ => false,
    }
}

fn is_entity(text: Bytes<'_>, at: usize) -> bool {
    Quote::at(text, at).is_some() || text.any(at, &[b"&lt;", b"&gt;", b"&amp;"]).is_some()
}

/// Whether a word with an equals sign or colon comes next.
fn is_pair(text: Bytes<'_>, at: usize) -> bool {
    let is_part = |byte: u8| kinds::is(byte, ALNUM | UNDERSCORE | DASH | DOT | BLANK);
    let start = text.past(at, 2, |byte| byte == b' ');
    let length = text.run(start, PAIR_BYTES_MAX, is_part);
    length > 0 && matches!(text.at(start + length), b'=' | b':')
}

/// To the end of the line, or to the mark that the line stands in.
pub(super) fn line(
    text: Bytes<'_>,
    from: usize,
    quote: Option<Quote>,
    bytes_max: usize,
) -> Range<usize> {
    let limit = text.len().min(from + bytes_max);
    let mut at = from;
    while at < limit {
        let is_end = match text.at(at) {
            b'\n' | b'\r' => true,
            b'\\' => is_escape(text, at),
            b'"' | b'\'' if quote.is_none() => true,
            _ => quote
                .is_some_and(|quote| Quote::at(text, at).is_some_and(|(mark, _)| mark == quote)),
        };
        if is_end {
            break;
        }
        at += 1;
    }
    let blanks = text.run_back(at, at - from, |byte| byte == b' ');
    from..at - blanks
}
