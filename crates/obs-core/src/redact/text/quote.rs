//! Quotation marks, as they stand in a text or as another text's encoding made them.
use super::bytes::Bytes;
use std::ops::Range;

/// Backslashes looked at before a mark; deeper nesting than four levels is not told apart.
const SLASHES_MAX: usize = 16;

/// A quotation mark: what closes it looks the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// The mark itself, with so many backslashes before it.
    Mark { mark: u8, slashes: usize },
    /// Written as an entity or escape.
    Spelled(&'static [u8]),
}

const SPELLED: [&[u8]; 9] =
    [b"&quot;", b"&apos;", b"&#34;", b"&#39;", b"&#x27;", b"%22", b"%27", b"\\u0022", b"\\u0027"];

impl Quote {
    /// The mark at `index`, and where it ends.
    pub(super) fn at(text: Bytes<'_>, index: usize) -> Option<(Self, usize)> {
        match text.at(index) {
            mark @ (b'"' | b'\'' | b'`') => Some((Self::Mark { mark, slashes: 0 }, index + 1)),
            b'\\' => {
                let slashes = text.run(index, SLASHES_MAX, |byte| byte == b'\\');
                match text.at(index + slashes) {
                    mark @ (b'"' | b'\'' | b'`') => {
                        Some((Self::Mark { mark, slashes }, index + slashes + 1))
                    }
                    b'u' => Self::spelled(text, index + slashes - 1),
                    _ => None,
                }
            }
            b'&' | b'%' if matches!(text.at(index + 1), b'2' | b'q' | b'a' | b'#') => {
                Self::spelled(text, index)
            }
            _ => None,
        }
    }

    /// The mark that ends right before `index`, and where it begins.
    pub(super) fn before(text: Bytes<'_>, index: usize) -> Option<(Self, usize)> {
        let last = text.before(index);
        if matches!(last, b'"' | b'\'' | b'`') {
            let slashes = text.run_back(index - 1, SLASHES_MAX, |byte| byte == b'\\');
            return Some((Self::Mark { mark: last, slashes }, index - 1 - slashes));
        }
        if !matches!(last, b';' | b'2' | b'7') {
            return None;
        }
        let ends = |word: &&&[u8]| index >= word.len() && text.has(index - word.len(), word);
        let word = SPELLED.iter().find(ends)?;
        Some((Self::Spelled(word), index - word.len()))
    }

    fn spelled(text: Bytes<'_>, index: usize) -> Option<(Self, usize)> {
        let word = SPELLED.iter().find(|word| text.has(index, word))?;
        Some((Self::Spelled(word), index + word.len()))
    }

    /// What stands between the mark before `from` and the one that closes it; where there is none, to the end of the
    /// line, `bytes_max` at most.
    pub(super) fn content(self, text: Bytes<'_>, from: usize, bytes_max: usize) -> Range<usize> {
        let end = text.len().min(from.saturating_add(bytes_max));
        let end = match self {
            Self::Mark { mark, slashes } => marked(text, from..end, mark, slashes),
            Self::Spelled(word) => {
                let is_end = |at: &usize| text.at(*at) == b'\n' || text.has(*at, word);
                (from..end).find(is_end).unwrap_or(end)
            }
        };
        from..end
    }
}

/// Where the content ends that a mark with so many backslashes opened.
fn marked(text: Bytes<'_>, range: Range<usize>, mark: u8, slashes: usize) -> usize {
    let mut at = range.start;
    while at < range.end {
        match text.at(at) {
            b'\\' => {
                let run = text.run(at, range.end - at, |byte| byte == b'\\');
                let is_mark = text.at(at + run) == mark && at + run < range.end;
                match is_mark {
                    true if run <= slashes => return at,
                    true if slashes == 0 && run.is_multiple_of(2) => return at + run,
                    true => at += run + 1,
                    false => at += run,
                }
            }
            byte if byte == mark => return at,
            b'"' if slashes > 0 => return at,
            b'\n' if mark != b'`' => return at,
            _ => at += 1,
        }
    }
    range.end
}
