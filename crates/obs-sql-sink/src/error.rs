//! What could not be done with a database.
use crate::fault::{Fault, FaultKind};
use obs_core::settings::SqlUrl;

/// What could not be done with a database, and why. Shows no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url}: {message}")]
pub struct SqlError {
    kind: SqlErrorKind,
    url: String,
    message: String,
}

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqlErrorKind {
    /// The database, or the way to it, may be all right later.
    Passing,
    /// The database cannot be used as it is: somebody has to do something about it.
    Setup,
}

impl SqlError {
    pub(crate) fn new(url: &SqlUrl, fault: Fault) -> Self {
        let kind = match fault.kind {
            FaultKind::Setup => SqlErrorKind::Setup,
            _ => SqlErrorKind::Passing,
        };
        Self { kind, url: url.to_string(), message: fault.message }
    }

    /// What follows from it.
    #[must_use]
    pub fn kind(&self) -> SqlErrorKind {
        self.kind
    }

    /// What the database, or the system, says.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}
