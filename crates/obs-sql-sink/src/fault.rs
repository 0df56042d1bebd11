//! What went wrong with a database, and what follows from it.
use obs_core::settings::SqlKind;
use obs_core::{SinkError, escape};
use std::time::Duration;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) message: String,
    /// The database's own code for it, if it has one.
    pub(crate) code: String,
}

/// What follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The database does not take one of the rows, whenever it is offered.
    Row,
    /// Somebody else has written the same rows, or is about to.
    Conflict,
    /// The database, or the way to it, may be all right later.
    Passing,
    /// Somebody has to do something about it.
    Setup,
}

impl Fault {
    pub(crate) fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), code: String::new() }
    }

    /// What a database of this kind, or the library that talks to it, says.
    pub(crate) fn of(kind: SqlKind, error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(said) = error else {
            let kind = match error {
                sqlx::Error::Encode(_) => FaultKind::Row,
                sqlx::Error::Configuration(_) | sqlx::Error::Tls(_) => FaultKind::Setup,
                _ => FaultKind::Passing,
            };
            return Self::new(kind, plain(&error.to_string()));
        };
        let code = match (kind, said.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()) {
            (SqlKind::MySql, Some(said)) => said.number().to_string(),
            _ => said.code().unwrap_or_default().into_owned(),
        };
        let fault = match kind {
            _ if said.is_unique_violation() => FaultKind::Conflict,
            SqlKind::Sqlite => sqlite(&code),
            SqlKind::Postgres => postgres(&code),
            _ => mysql(&code),
        };
        Self { kind: fault, message: plain(said.message()), code }
    }

    /// Nothing came back for so long.
    pub(crate) fn silence(after: Duration) -> Self {
        Self::new(FaultKind::Passing, format!("it does not answer within {} s", after.as_secs()))
    }

    /// What the runner of a sink makes of it. Nothing is ever given up: what somebody has to do, somebody may do.
    pub(crate) fn into_sink_error(self, place: &str) -> SinkError {
        let message = format!("{place}: {}", self.message);
        match self.kind {
            FaultKind::Setup => SinkError::retry_after(message, SETUP_AGAIN),
            _ => SinkError::transient(message),
        }
    }
}

/// A set-up that is wrong does not become right within a moment.
const SETUP_AGAIN: Duration = Duration::from_secs(5);

/// What a server says is not ours: it is cut, and made harmless.
fn plain(said: &str) -> String {
    const CHARACTERS_MAX: usize = 500;
    let said: String = said.chars().take(CHARACTERS_MAX).collect();
    escape::terminal(said.trim()).into_owned()
}

/// Source: <https://www.sqlite.org/rescode.html>; extended codes have the primary one in their lowest byte.
fn sqlite(code: &str) -> FaultKind {
    const TOO_BIG: u32 = 18;
    const CONSTRAINT: u32 = 19;
    const MISMATCH: u32 = 20;
    /// Read-only, not permitted, no such file, no database, not authorised.
    const SETUP: [u32; 5] = [8, 3, 14, 26, 23];
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(TOO_BIG | CONSTRAINT | MISMATCH) => FaultKind::Row,
        Ok(code) if SETUP.contains(&code) => FaultKind::Setup,
        _ => FaultKind::Passing,
    }
}

/// Source: <https://www.postgresql.org/docs/current/errcodes-appendix.html>; the class is the first two characters.
fn postgres(code: &str) -> FaultKind {
    match code.get(..2) {
        // Data exceptions, constraints, limits of the program, what a trigger raises.
        Some("22" | "23" | "54" | "P0") => FaultKind::Row,
        // Authorisation, no such database, names and rights.
        Some("28" | "3D" | "3F" | "42" | "25") if code != "25P02" => FaultKind::Setup,
        _ => FaultKind::Passing,
    }
}

/// Source: <https://mariadb.com/kb/en/mariadb-error-codes/>.
fn mysql(code: &str) -> FaultKind {
    match code.parse::<u32>() {
        // Too long, wrong or out of range; constraints, JSON that it does not take; what a trigger raises.
        Ok(
            1048
            | 1118
            | 1153
            | 1264
            | 1265
            | 1292
            | 1301
            | 1366
            | 1406
            | 1407
            | 1452
            | 1644
            | 3140..=3160
            | 3819
            | 4025
            | 4038,
        ) => FaultKind::Row,
        // Rights, no such database, tables and columns that are missing, read only.
        Ok(1044 | 1045 | 1049 | 1054 | 1142 | 1143 | 1146 | 1227 | 1251 | 1290 | 1698) => {
            FaultKind::Setup
        }
        _ => FaultKind::Passing,
    }
}
