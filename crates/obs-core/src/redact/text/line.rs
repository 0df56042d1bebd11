//! Words that stood earlier on a line.
use super::bytes::Bytes;

/// The words that are looked for.
#[derive(Debug, Clone)]
pub(super) struct Words {
    pub(super) curl: Word,
    pub(super) login: Word,
}

/// Where a word last stood on the line. No byte is looked at twice, however often that is asked.
#[derive(Debug, Clone)]
pub(super) struct Word {
    word: &'static [u8],
    /// The text was looked through up to here.
    to: usize,
    last: Option<usize>,
}

impl Default for Words {
    fn default() -> Self {
        Self { curl: Word::new(b"curl"), login: Word::new(b"login ") }
    }
}

impl Word {
    fn new(word: &'static [u8]) -> Self {
        Self { word, to: 0, last: None }
    }

    /// Whether it stands in the `bytes_max` bytes before `index`, on the same line. Of one text `index` only grows.
    pub(super) fn is_before(&mut self, text: Bytes<'_>, index: usize, bytes_max: usize) -> bool {
        let start = index.saturating_sub(bytes_max);
        for at in self.to.max(start)..index {
            let begin = (at + 1).saturating_sub(self.word.len());
            if text.at(at) == b'\n' {
                self.last = None;
            } else if text.part(begin, at + 1).eq_ignore_ascii_case(self.word) {
                self.last = Some(begin);
            }
        }
        self.to = self.to.max(index);
        self.last.is_some_and(|last| last >= start)
    }
}
