//! What went wrong with a database, and what follows from it.
use crate::error::SqlErrorKind;
use obs_core::settings::SqlKind;
use obs_core::{SinkError, escape};
use std::io::ErrorKind;
use std::time::Duration;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) cause: SqlErrorKind,
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
        let cause = SqlErrorKind::Other;
        Self { kind, cause, message: message.into(), code: String::new() }
    }

    /// Something that somebody has to do something about.
    pub(crate) fn setup(cause: SqlErrorKind, message: impl Into<String>) -> Self {
        Self { cause, ..Self::new(FaultKind::Setup, message) }
    }

    /// What a database of this kind, or the library that talks to it, says.
    pub(crate) fn of(kind: SqlKind, error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(said) = error else {
            let (kind, cause) = match error {
                sqlx::Error::Encode(_) => (FaultKind::Row, SqlErrorKind::Other),
                sqlx::Error::Configuration(_) => (FaultKind::Setup, SqlErrorKind::Address),
                sqlx::Error::Tls(_) => (FaultKind::Setup, SqlErrorKind::Tls),
                // What TLS has to say of a certificate comes this way.
                sqlx::Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
                    (FaultKind::Setup, SqlErrorKind::Tls)
                }
                sqlx::Error::Io(error) => (FaultKind::Passing, of_io(error)),
                _ => (FaultKind::Passing, SqlErrorKind::Other),
            };
            return Self { cause, ..Self::new(kind, plain(&error.to_string())) };
        };
        let code = match (kind, said.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()) {
            (SqlKind::MySql, Some(said)) => said.number().to_string(),
            _ => said.code().unwrap_or_default().into_owned(),
        };
        let (mut fault, cause) = match kind {
            SqlKind::Sqlite => sqlite(&code),
            SqlKind::Postgres => postgres(&code),
            _ => mysql(&code),
        };
        if said.is_unique_violation() {
            fault = FaultKind::Conflict;
        }
        Self { kind: fault, cause, message: plain(said.message()), code }
    }

    /// Nothing came back for so long.
    pub(crate) fn silence(after: Duration) -> Self {
        let why = format!("it does not answer within {} s", after.as_secs_f64());
        Self { cause: SqlErrorKind::Silence, ..Self::new(FaultKind::Passing, why) }
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

fn of_io(error: &std::io::Error) -> SqlErrorKind {
    match error.kind() {
        ErrorKind::ConnectionRefused => SqlErrorKind::Refused,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => SqlErrorKind::Unreachable,
        ErrorKind::TimedOut => SqlErrorKind::Silence,
        // A socket that is not there; else the resolver, whose errors have no kind of their own.
        ErrorKind::NotFound => SqlErrorKind::Refused,
        _ if error.to_string().contains("lookup address") => SqlErrorKind::Name,
        _ => SqlErrorKind::Other,
    }
}

/// Source: <https://www.sqlite.org/rescode.html>; extended codes have the primary one in their lowest byte.
fn sqlite(code: &str) -> (FaultKind, SqlErrorKind) {
    use FaultKind::{Passing, Row, Setup};
    match code.parse::<u32>().map(|code| code & 0xff) {
        // Too big, constraints, wrong types.
        Ok(18..=20) => (Row, SqlErrorKind::Other),
        Ok(8) => (Setup, SqlErrorKind::ReadOnly),
        Ok(3 | 23) => (Setup, SqlErrorKind::Rights),
        Ok(14) => (Setup, SqlErrorKind::File),
        Ok(11 | 26) => (Setup, SqlErrorKind::NoDatabase),
        Ok(5 | 6) => (Passing, SqlErrorKind::Locked),
        Ok(13) => (Passing, SqlErrorKind::Full),
        _ => (Passing, SqlErrorKind::Other),
    }
}

/// Source: <https://www.postgresql.org/docs/current/errcodes-appendix.html>; the class is the first two characters.
fn postgres(code: &str) -> (FaultKind, SqlErrorKind) {
    use FaultKind::{Passing, Row, Setup};
    match (code, code.get(..2)) {
        // Data exceptions, constraints, limits of the program, what a trigger raises.
        (_, Some("22" | "23" | "54" | "P0")) => (Row, SqlErrorKind::Other),
        (_, Some("28")) => (Setup, SqlErrorKind::Password),
        (_, Some("3D")) => (Setup, SqlErrorKind::NoDatabase),
        ("42501", _) => (Setup, SqlErrorKind::Rights),
        ("25006", _) => (Setup, SqlErrorKind::ReadOnly),
        ("53100", _) => (Passing, SqlErrorKind::Full),
        ("53300", _) => (Passing, SqlErrorKind::Busy),
        ("55P03", _) => (Passing, SqlErrorKind::Locked),
        ("57014", _) => (Passing, SqlErrorKind::Silence),
        // Names that are not there.
        (_, Some("3F" | "42")) => (Setup, SqlErrorKind::Other),
        _ => (Passing, SqlErrorKind::Other),
    }
}

/// Source: <https://mariadb.com/kb/en/mariadb-error-codes/>.
fn mysql(code: &str) -> (FaultKind, SqlErrorKind) {
    use FaultKind::{Passing, Row, Setup};
    match code.parse::<u32>() {
        // Too long, wrong or out of range; constraints, JSON that it does not take; what a trigger raises.
        Ok(1048 | 1118 | 1153 | 1264 | 1265 | 1292 | 1301 | 1366 | 1406 | 1407 | 1452 | 1644) => {
            (Row, SqlErrorKind::Other)
        }
        Ok(3140..=3160 | 3819 | 4025 | 4038) => (Row, SqlErrorKind::Other),
        Ok(1045 | 1251 | 1698) => (Setup, SqlErrorKind::Password),
        Ok(1049) => (Setup, SqlErrorKind::NoDatabase),
        Ok(1044 | 1142 | 1143 | 1227) => (Setup, SqlErrorKind::Rights),
        Ok(1290 | 1792 | 1836) => (Setup, SqlErrorKind::ReadOnly),
        Ok(1021 | 1114) => (Passing, SqlErrorKind::Full),
        Ok(1040 | 1203) => (Passing, SqlErrorKind::Busy),
        Ok(1205) => (Passing, SqlErrorKind::Locked),
        // Tables and columns that are missing.
        Ok(1054 | 1146) => (Setup, SqlErrorKind::Other),
        _ => (Passing, SqlErrorKind::Other),
    }
}
