//! What could not be done with a database.
use crate::fault::Fault;
use obs_core::settings::SqlUrl;

/// What could not be done with a database, and why. Shows no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url}: {message}")]
pub struct SqlError {
    kind: SqlErrorKind,
    url: String,
    message: String,
}

/// What an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SqlErrorKind {
    /// The address has something that is not understood.
    Address,
    /// The file of SQLite's is none, or cannot be made or opened.
    File,
    /// There is no such database, or what is there is none.
    NoDatabase,
    /// The host's name has no address.
    Name,
    /// Nobody listens there.
    Refused,
    /// There is no way there.
    Unreachable,
    /// Nothing comes back in time.
    Silence,
    /// TLS fails.
    Tls,
    /// The user or the password is not the right one.
    Password,
    /// The user may not do what is needed.
    Rights,
    /// Nothing can be written.
    ReadOnly,
    /// There is no room left.
    Full,
    /// The server has as many connections as it takes.
    Busy,
    /// Somebody else holds a lock.
    Locked,
    /// The tables are newer than this build knows.
    Newer,
    /// There are no tables yet.
    NoTables,
    /// Anything else.
    Other,
}

impl SqlError {
    pub(crate) fn new(url: &SqlUrl, fault: Fault) -> Self {
        Self { kind: fault.cause, url: url.to_string(), message: fault.message }
    }

    /// What it is about.
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
