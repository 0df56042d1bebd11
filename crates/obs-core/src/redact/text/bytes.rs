//! Reading around a place of a text, without regard to its ends.
use super::kinds::{self, NAME};
use std::ops::Range;

/// The numbers of a colour are not longer.
const COLOR_BYTES_MAX: usize = 20;

/// A text as bytes. Outside of it there are line ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'t>(pub(super) &'t [u8]);

impl<'t> Bytes<'t> {
    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    pub(super) fn at(self, index: usize) -> u8 {
        self.0.get(index).copied().unwrap_or(b'\n')
    }

    /// The byte right before `index`.
    pub(super) fn before(self, index: usize) -> u8 {
        index.checked_sub(1).map_or(b'\n', |index| self.at(index))
    }

    /// Whether `word` stands at `index`.
    pub(super) fn has(self, index: usize, word: &[u8]) -> bool {
        self.0.get(index..).is_some_and(|rest| rest.starts_with(word))
    }

    /// The first of `words` that stands at `index`: its length.
    pub(super) fn any(self, index: usize, words: &[&[u8]]) -> Option<usize> {
        words.iter().find(|word| self.has(index, word)).map(|word| word.len())
    }

    /// How many bytes from `index` on are of a kind, `bytes_max` at most.
    #[inline]
    pub(super) fn run(self, index: usize, bytes_max: usize, kind: impl Fn(u8) -> bool) -> usize {
        // So it is most times.
        if !kind(self.at(index)) {
            return 0;
        }
        let end = self.len().min(index.saturating_add(bytes_max));
        let bytes = self.0.get(index..end).unwrap_or_default();
        bytes.iter().position(|byte| !kind(*byte)).unwrap_or(bytes.len())
    }

    /// How many bytes right before `index` are of a kind, `bytes_max` at most.
    pub(super) fn run_back(
        self,
        index: usize,
        bytes_max: usize,
        kind: impl Fn(u8) -> bool,
    ) -> usize {
        if !kind(self.before(index)) {
            return 0;
        }
        let bytes = &self.0[index.saturating_sub(bytes_max)..index];
        bytes.iter().rev().position(|byte| !kind(*byte)).unwrap_or(bytes.len())
    }

    /// Behind the bytes of a kind that begin at `index`, `bytes_max` at most.
    pub(super) fn past(self, index: usize, bytes_max: usize, kind: impl Fn(u8) -> bool) -> usize {
        index + self.run(index, bytes_max, kind)
    }

    /// The part from `start` to `end`, or to the end of the text.
    pub(super) fn part(self, start: usize, end: usize) -> &'t [u8] {
        self.0.get(start..end.min(self.len())).unwrap_or_default()
    }

    /// Where in the `bytes_max` bytes from `index` on `word` begins.
    pub(super) fn find(self, index: usize, bytes_max: usize, word: &[u8]) -> Option<usize> {
        let window = self.part(index, index.saturating_add(bytes_max));
        window.windows(word.len()).position(|bytes| bytes == word).map(|at| index + at)
    }

    /// Whether there is something in the range that redaction wrote.
    pub(super) fn has_marker(self, range: &Range<usize>) -> bool {
        memchr::memchr(b'[', self.part(range.start, range.end)).is_some()
            && self.find(range.start, range.len(), b"[REDACTED").is_some()
    }

    /// Whether a token may begin at `index`: no letter or digit is right before it, or one that ends an escape.
    pub(super) fn is_start(self, index: usize) -> bool {
        let ends_escape = |length: usize| {
            let start = index.checked_sub(length);
            start.is_some_and(|start| self.past_escape(start) == index && start < index)
        };
        !self.before(index).is_ascii_alphanumeric()
            || [1, 2, 5].into_iter().any(ends_escape)
            || self.is_past_color(index)
    }

    /// Whether a sequence that sets the colour of a terminal ends right before `index`: `[31m`.
    pub(super) fn is_past_color(self, index: usize) -> bool {
        if self.before(index) != b'm' {
            return false;
        }
        let numbers = self.run_back(index - 1, COLOR_BYTES_MAX, is_of_color);
        self.before(index - 1 - numbers) == b'['
    }

    /// Behind the sequences that begin at `index` and set the colour of a terminal.
    pub(super) fn past_colors(self, index: usize) -> usize {
        const SEQUENCES_MAX: usize = 4;
        let mut at = index;
        for _ in 0..SEQUENCES_MAX {
            if !matches!(self.at(at), b'\x1b' | b'\\') {
                break;
            }
            let Some(open) = self.any(at, &[b"\x1b[", b"\\u001b[", b"\\x1b["]) else { break };
            let end = self.past(at + open, COLOR_BYTES_MAX, is_of_color);
            if self.at(end) != b'm' {
                break;
            }
            at = end + 1;
        }
        at
    }

    /// Behind the rest of an escape, if the sign that begins one is right before `index`: `\n`, `\u0022`, `%3D`.
    pub(super) fn past_escape(self, index: usize) -> usize {
        let is_hex = |byte: u8| byte.is_ascii_hexdigit();
        match (self.before(index), self.at(index)) {
            (b'\\', b'n' | b'r' | b't') if self.slashes_before(index) % 2 == 1 => index + 1,
            (b'\\', b'u') if self.run(index + 1, 4, is_hex) == 4 => index + 5,
            (b'%', _) if self.run(index, 2, is_hex) == 2 => index + 2,
            _ => index,
        }
    }

    fn slashes_before(self, index: usize) -> usize {
        self.run_back(index, 16, |byte| byte == b'\\')
    }
}

fn is_of_color(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b';'
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Letters, digits, and what may stand between them in a name.
pub(super) fn is_name(byte: u8) -> bool {
    kinds::is(byte, NAME)
}
