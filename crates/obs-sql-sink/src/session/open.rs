//! Connecting.
use super::multi::Multi;
use super::{Connection, LOCK, STATEMENT, Session, wait};
use crate::fault::{Fault, FaultKind};
use obs_core::settings::{SqlKind, SqlUrl};
use sqlx::ConnectOptions;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use std::path::Path;
use std::str::FromStr;
use tokio::runtime::{Builder, Runtime};

/// What SQLite and PostgreSQL take in one statement is more than what is ever sent.
const UNBOUNDED: usize = usize::MAX;

pub(super) fn open(url: &SqlUrl) -> Result<Session, Fault> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .thread_name("obs-sql-names")
        .on_thread_start(obs_core::own::mark_thread)
        .build()
        .map_err(|error| {
            Fault::new(FaultKind::Passing, format!("cannot start a runtime: {error}"))
        })?;
    let kind = url.kind();
    let connection = match kind {
        SqlKind::Sqlite => Connection::Sqlite(sqlite(&runtime, url)?),
        SqlKind::Postgres => Connection::Postgres(postgres(&runtime, url)?),
        _ => Connection::MySql(mysql(&runtime, url)?),
    };
    let mut session =
        Session { connection, multi: Multi::default(), statement_bytes_max: UNBOUNDED, runtime };
    if kind == SqlKind::MySql {
        session.statement_bytes_max = packet_bytes(&mut session)? / 2;
    }
    Ok(session)
}

fn options<T: FromStr<Err = sqlx::Error>>(url: &SqlUrl) -> Result<T, Fault> {
    // What is said of it may repeat parts of the address.
    T::from_str(url.expose()).map_err(|_| {
        let why = "the address has parameters, or a port, that are not understood";
        Fault::new(FaultKind::Setup, why)
    })
}

fn sqlite(runtime: &Runtime, url: &SqlUrl) -> Result<sqlx::SqliteConnection, Fault> {
    let options: SqliteConnectOptions = options(url)?;
    make(options.get_filename())?;
    let options = options
        .busy_timeout(LOCK)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .thread_name(|_| "obs-sqlite".to_owned())
        .disable_statement_logging();
    wait(runtime, SqlKind::Sqlite, options.connect())
}

/// Makes the file if it is not there: for its owner alone, which SQLite would not.
fn make(path: &Path) -> Result<(), Fault> {
    let setup = |why: String| Fault::new(FaultKind::Setup, why);
    if path.is_dir() {
        return Err(setup(format!("{} is a directory; name a file in it", path.display())));
    }
    let mut new = std::fs::OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    match new.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(setup(format!("cannot make {}: {error}", path.display()))),
    }
}

fn postgres(runtime: &Runtime, url: &SqlUrl) -> Result<sqlx::PgConnection, Fault> {
    let options: PgConnectOptions = options(url)?;
    let limit = |limit: std::time::Duration| format!("{}ms", limit.as_millis());
    let options = options
        .application_name("obs")
        .options([("lock_timeout", limit(LOCK)), ("statement_timeout", limit(STATEMENT))])
        .disable_statement_logging();
    wait(runtime, SqlKind::Postgres, options.connect())
}

fn mysql(runtime: &Runtime, url: &SqlUrl) -> Result<sqlx::MySqlConnection, Fault> {
    let options: MySqlConnectOptions = options(url)?;
    let options = options.disable_statement_logging();
    wait(runtime, SqlKind::MySql, options.connect())
}

/// Sets up a session with MySQL, and asks how long a statement may be.
fn packet_bytes(session: &mut Session) -> Result<usize, Fault> {
    let seconds = LOCK.as_secs();
    session.say(format!(
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), \
         innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}, \
         wait_timeout = 28800"
    ))?;
    let rows = session.fetch("SELECT CAST(@@max_allowed_packet AS SIGNED)", &[])?;
    let bytes = rows.first().and_then(|row| row.first()).and_then(|value| value.whole());
    Ok(bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(1 << 20))
}
