//! What verifying found.
use super::problem::Problem;
use crate::manifest::Manifest;
use serde::Serialize;
use std::fmt;

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What is wrong; empty for a bundle that is whole. At most 1,000.
    pub problems: Vec<Problem>,
    /// Problems beyond these.
    pub problems_more: usize,
    /// Entries of the archive, as far as it was read.
    pub entries: usize,
    /// Bytes of the archive.
    pub bytes: u64,
    /// Bytes of all entries together, as the archive states them.
    pub inflated_bytes: u64,
    /// What `support.json` says, if it can be read: to be trusted only as far as there are no problems.
    #[serde(skip)]
    pub manifest: Option<Manifest>,
    /// What was signed, and the signature, if there is one: nobody has compared them.
    #[serde(skip)]
    pub signed: Option<Signed>,
}

/// What was signed, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signed {
    /// The text of `SHA256SUMS`.
    pub sums: String,
    /// The bytes of `SHA256SUMS.minisig`.
    pub signature: Vec<u8>,
}

impl Report {
    /// Whether nothing was changed since the bundle was made, by chance or by somebody who did not make it anew.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for Report {
    /// A line that says it all, or a line a problem; safe on a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole() {
            let (entries, bytes) = (self.entries, self.inflated_bytes);
            let who = match self.signed {
                None => "not signed, so this does not say who made it",
                Some(_) => "signed, and the signature was not checked: that takes the key",
            };
            return write!(f, "whole: {entries} entries, {bytes} bytes; {who}");
        }
        match self.problems.len() + self.problems_more {
            1 => writeln!(f, "not whole: 1 problem")?,
            count => writeln!(f, "not whole: {count} problems")?,
        }
        self.problems.iter().try_for_each(|problem| writeln!(f, "{problem}"))?;
        match self.problems_more {
            0 => Ok(()),
            more => writeln!(f, "{more} more"),
        }
    }
}
