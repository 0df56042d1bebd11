//! What this crate cannot do.
use std::io;
use std::path::PathBuf;

/// What could not be done with files, apart from what sinks report as `SinkError`.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} {path:?}: {source}")]
pub struct LogError {
    kind: LogErrorKind,
    what: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// What kind of fault a [`LogError`] reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogErrorKind {
    /// The directory of the runs cannot be read: nothing was removed.
    Root,
    /// A run cannot be measured: it counts as empty.
    Measure,
    /// A run cannot be removed, or not all of it.
    Remove,
}

impl LogError {
    pub(crate) fn new(kind: LogErrorKind, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let what = match kind {
            LogErrorKind::Root => "list the runs in",
            LogErrorKind::Measure => "measure the run",
            LogErrorKind::Remove => "remove the run",
        };
        Self { kind, what, path: path.into(), source }
    }

    /// What kind of fault it is.
    #[must_use]
    pub fn kind(&self) -> LogErrorKind {
        self.kind
    }
}
