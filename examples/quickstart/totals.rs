//! Adding up.
use crate::file::{FileError, Measures};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Default, Serialize)]
pub(crate) struct Share {
    pub(crate) files: usize,
    pub(crate) bytes: usize,
    pub(crate) lines: usize,
    pub(crate) words: usize,
    pub(crate) longest_line_bytes: usize,
}

/// What one worker, or all of them, have found.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) languages: BTreeMap<&'static str, Share>,
    /// How many files have the content with this hash.
    pub(crate) contents: HashMap<[u8; 32], usize>,
    pub(crate) not_text: usize,
    pub(crate) unreadable: usize,
    pub(crate) too_large: usize,
}

impl Share {
    fn merge(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.lines += other.lines;
        self.words += other.words;
        self.longest_line_bytes = self.longest_line_bytes.max(other.longest_line_bytes);
    }
}

impl Totals {
    pub(crate) fn add(&mut self, language: &'static str, file: &Measures) {
        let Measures { bytes, lines, words, longest_line_bytes, sha256 } = *file;
        let share = Share { files: 1, bytes, lines, words, longest_line_bytes };
        self.languages.entry(language).or_default().merge(&share);
        *self.contents.entry(sha256).or_default() += 1;
    }

    pub(crate) fn add_error(&mut self, error: &FileError) {
        *match error {
            FileError::NotText(_) => &mut self.not_text,
            FileError::Read(_) => &mut self.unreadable,
            FileError::TooLarge(_) => &mut self.too_large,
        } += 1;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (language, share) in &other.languages {
            self.languages.entry(language).or_default().merge(share);
        }
        for (sha256, count) in &other.contents {
            *self.contents.entry(*sha256).or_default() += count;
        }
        self.not_text += other.not_text;
        self.unreadable += other.unreadable;
        self.too_large += other.too_large;
    }

    /// All languages together.
    pub(crate) fn whole(&self) -> Share {
        let mut whole = Share::default();
        self.languages.values().for_each(|share| whole.merge(share));
        whole
    }

    /// Files whose content another file has, too.
    pub(crate) fn copies(&self) -> usize {
        self.contents.values().filter(|count| **count > 1).sum()
    }
}
