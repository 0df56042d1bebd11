//! What could not be done, to what, and why.

/// What could not be done, to what, and why. Messages name no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SealError {
    kind: SealErrorKind,
    message: String,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SealErrorKind {
    /// A text is not the key that it should be.
    Key,
    /// The password is wrong, or is missing.
    Password,
    /// A signature is of another form, by another key, or over another message.
    Signature,
    /// None of the identities can decrypt it.
    Identity,
    /// What is encrypted is damaged, was cut, or is no such file.
    Damaged,
    /// The system failed to read, to write, or to give random numbers.
    Io,
}

impl SealError {
    pub(crate) fn new(kind: SealErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn io(what: &str, error: &impl std::fmt::Display) -> Self {
        Self::new(SealErrorKind::Io, format!("cannot {what}: {error}"))
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> SealErrorKind {
        self.kind
    }
}
