//! What a file's bytes amount to, as they stream by.
use crate::hash::Hash;
use crate::marks::Marks;
use crate::media;
use std::collections::BTreeMap;

/// What is read, hashed and compressed at once.
pub(crate) const PIECE_BYTES: usize = 64 << 10;

/// Takes the measure of a file's bytes, which come in pieces.
#[derive(Debug)]
pub(crate) struct Tally {
    hash: Hash,
    size: u64,
    /// Lines so far, for a file that consists of records.
    lines: Option<u64>,
    marks: Option<Marks>,
}

/// The measure of a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) size: u64,
    /// In hexadecimal digits.
    pub(crate) sha256: String,
    /// Lines, for a file that consists of records.
    pub(crate) records: Option<u64>,
    /// Marks of redaction by rule, for a text.
    pub(crate) redactions: BTreeMap<String, u64>,
}

impl Tally {
    pub(crate) fn new(media: &str) -> Self {
        Self {
            hash: Hash::new(),
            size: 0,
            lines: (media == media::LINES).then_some(0),
            marks: media::is_text(media).then(Marks::default),
        }
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.size += piece.len() as u64;
        if let Some(lines) = &mut self.lines {
            *lines += lines_in(piece);
        }
        if let Some(marks) = &mut self.marks {
            marks.update(piece);
        }
    }

    pub(crate) fn finish(self) -> Content {
        Content {
            size: self.size,
            sha256: self.hash.finish(),
            records: self.lines,
            redactions: self.marks.map(Marks::finish).unwrap_or_default(),
        }
    }
}

/// Counts in bytes, block by block: several times as fast as counting in words.
fn lines_in(piece: &[u8]) -> u64 {
    let in_block = |block: &[u8]| block.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    piece.chunks(usize::from(u8::MAX)).map(|block| u64::from(in_block(block))).sum()
}
