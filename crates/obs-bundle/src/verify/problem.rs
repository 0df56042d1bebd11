//! What is wrong with a bundle.
use obs_core::escape::write_terminal;
use serde::Serialize;
use std::fmt;

/// More problems are only counted.
const PROBLEMS_MAX: usize = 1_000;

/// One thing that is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Of what kind.
    pub kind: ProblemKind,
    /// The entry it was found at, as its name stands in the archive; `None` for the archive as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// What is wrong, for people.
    pub detail: String,
}

/// What is wrong with a bundle, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// It is no zip archive, or one that was cut.
    NotAnArchive,
    /// Bytes stand behind the archive's end.
    TrailingBytes,
    /// The archive's directory contradicts itself.
    Directory,
    /// Entries overlap, are not in the order of the directory, or bytes between them belong to none.
    Layout,
    /// A header is not what the directory says, or not as in a bundle.
    Header,
    /// An entry is encrypted, or packed in a way that bundles do not use.
    Unsupported,
    /// An entry is a link, a folder or another thing that is no plain file of mode 0600.
    NotAFile,
    /// A name that leads out of the folder, or that not every system can unpack.
    UnsafeName,
    /// Two entries have one name.
    Duplicate,
    /// Two entries have names that differ in case alone, or one is a folder of the other.
    Clash,
    /// More entries or bytes than the limits allow.
    TooLarge,
    /// An entry's bytes cannot be inflated, or not to the size or checksum in its header.
    Damaged,
    /// `support.json` cannot be read.
    Manifest,
    /// `SHA256SUMS` cannot be read.
    Sums,
    /// `SHA256SUMS.minisig` cannot be read.
    Signature,
    /// An entry that `support.json` or `SHA256SUMS` does not list.
    Unlisted,
    /// A listed file that is not in the archive.
    Absent,
    /// The order of the entries is not that of a list.
    Order,
    /// The contents are not those that a list describes.
    Content,
    /// `support.json` contradicts itself or `run/run.json`.
    Contradiction,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, entry: &str, detail: impl Into<String>) -> Self {
        let entry = (!entry.is_empty()).then(|| entry.to_owned());
        Self { kind, entry, detail: detail.into() }
    }
}

impl fmt::Display for Problem {
    /// `<entry>: <detail>`, safe on a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = &self.entry {
            write_terminal(f, entry)?;
            f.write_str(": ")?;
        }
        write_terminal(f, &self.detail)
    }
}

/// The problems so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    all: Vec<Problem>,
    more: usize,
}

impl Problems {
    pub(super) fn add(&mut self, kind: ProblemKind, entry: &str, detail: impl Into<String>) {
        self.push(Problem::new(kind, entry, detail));
    }

    pub(super) fn push(&mut self, problem: Problem) {
        if self.all.len() < PROBLEMS_MAX {
            self.all.push(problem);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn finish(self) -> (Vec<Problem>, usize) {
        (self.all, self.more)
    }
}
