//! What could not be done, to what, and why.
use crate::cancel::Cancel;
use std::fmt;
use std::path::Path;

/// What could not be done, to what, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BundleError {
    kind: BundleErrorKind,
    message: String,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BundleErrorKind {
    /// The directory cannot be read, or holds no run.
    Run,
    /// Something that a collector wanted to add cannot be read. The bundle goes on without it and says so.
    Source,
    /// A collector's file was refused: by its name, or because there are too many. The bundle goes on without it.
    Refused,
    /// The bundle cannot be written where it should stand. Nothing of it stays.
    Output,
    /// Not even what describes the run and the bundle fits into the size that it may have. Nothing of it stays.
    Size,
    /// A text is no pattern for paths.
    Pattern,
    /// It cannot be signed or encrypted. Nothing of it stays.
    Seal,
    /// Somebody asked twice for the end. Nothing of the bundle stays.
    Canceled,
    /// A secret was found in the finished bundle. Nothing of it stays.
    Redaction,
    /// The finished bundle did not verify. Nothing of it stays.
    Check,
    /// The bundle to verify cannot be opened or read.
    Input,
}

impl BundleError {
    /// An error with a message in the style of this crate: lower case, no full stop.
    #[must_use]
    pub fn new(kind: BundleErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// `cannot <what> "<path>": <why>`.
    pub(crate) fn at(
        kind: BundleErrorKind,
        what: &str,
        path: &Path,
        why: impl fmt::Display,
    ) -> Self {
        Self::new(kind, format!("cannot {what} \"{}\": {why}", path.display()))
    }

    /// The same error, with something to add.
    pub(crate) fn and(mut self, more: &str) -> Self {
        self.message.push_str("; ");
        self.message.push_str(more);
        self
    }

    /// What fails once nothing is to stay fails because of that.
    pub(crate) fn if_ended(mut self, cancel: &Cancel) -> Self {
        if cancel.is_asked_twice() {
            self.kind = BundleErrorKind::Canceled;
        }
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> BundleErrorKind {
        self.kind
    }
}
