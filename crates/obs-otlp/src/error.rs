//! Why nothing can be sent, before anything is.
use std::fmt;
use std::path::Path;

/// A receiver that cannot be reached as the settings want it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OtlpError {
    kind: OtlpErrorKind,
    message: String,
}

/// What kind of fault an [`OtlpError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtlpErrorKind {
    /// The endpoint is no address of a receiver.
    Endpoint,
    /// A header that cannot be sent.
    Header,
    /// A certificate or key that cannot be used.
    Certificate,
    /// The system refuses what is needed to send.
    System,
}

impl OtlpError {
    pub(crate) fn new(kind: OtlpErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// A certificate or key in a file.
    pub(crate) fn certificate(what: &str, path: &Path, why: impl fmt::Display) -> Self {
        Self::new(OtlpErrorKind::Certificate, format!("{what} {}: {why}", path.display()))
    }

    /// What kind of fault it is.
    #[must_use]
    pub fn kind(&self) -> OtlpErrorKind {
        self.kind
    }
}
