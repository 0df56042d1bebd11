//! Connecting.
use super::multi::Multi;
use super::prompt::Before;
use super::{CONNECT, Connection, LOCK, Session, wait};
use crate::error::SqlErrorKind;
use crate::fault::{Fault, FaultKind};
use obs_core::settings::{SqlKind, SqlUrl};
use sqlx::ConnectOptions;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Pages that SQLite keeps, in KiB as it wants them: an index that gets rows in no order touches many.
const CACHE: &str = "-16384";
/// After so many pages SQLite brings what is in its log to where it belongs, which takes two syncs: 32 MiB.
const CHECKPOINT: &str = "8192";
/// What SQLite and PostgreSQL take in one statement is more than what is ever sent.
const UNBOUNDED: usize = usize::MAX;

/// What becomes of a file that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    IsMade,
    Fails,
}

pub(super) fn open(url: &SqlUrl, missing: Missing, limit: Duration) -> Result<Session, Fault> {
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
        SqlKind::Sqlite => Connection::Sqlite(sqlite(&runtime, url, (missing, limit))?),
        SqlKind::Postgres => Connection::Postgres(postgres(&runtime, url, limit)?),
        _ => Connection::MySql(mysql(&runtime, url, limit)?),
    };
    let (multi, statement_bytes_max) = (Multi::default(), UNBOUNDED);
    let mut session = Session { connection, multi, statement_bytes_max, limit, runtime };
    if kind == SqlKind::MySql {
        session.statement_bytes_max = packet_bytes(&mut session)? / 2;
    }
    Ok(session)
}

fn options<T: FromStr<Err = sqlx::Error>>(url: &SqlUrl) -> Result<T, Fault> {
    // What is said of it may repeat parts of the address.
    T::from_str(url.expose()).map_err(|_| {
        let why = "the address has parameters, or a port, that are not understood";
        Fault::setup(SqlErrorKind::Address, why)
    })
}

fn sqlite(
    runtime: &Runtime,
    url: &SqlUrl,
    (missing, limit): (Missing, Duration),
) -> Result<sqlx::SqliteConnection, Fault> {
    let options: SqliteConnectOptions = options(url)?;
    find(options.get_filename(), missing)?;
    let options = options
        .busy_timeout(LOCK.min(limit))
        .synchronous(SqliteSynchronous::Normal)
        .pragma("cache_size", CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT)
        .thread_name(|_| "obs-sqlite".to_owned())
        .disable_statement_logging();
    // Only who writes changes how the file is written.
    let options = match missing {
        Missing::IsMade => options.journal_mode(SqliteJournalMode::Wal),
        Missing::Fails => options,
    };
    wait(runtime, (SqlKind::Sqlite, limit.min(CONNECT)), options.connect())
}

/// The file of a database of SQLite's.
pub(crate) fn file_of(url: &SqlUrl) -> Result<Option<PathBuf>, Fault> {
    match url.kind() {
        SqlKind::Sqlite => {
            let options: SqliteConnectOptions = options(url)?;
            Ok(Some(options.get_filename().to_owned()))
        }
        _ => Ok(None),
    }
}

/// Whether a file can be made: it is, and removed again.
pub(crate) fn can_be_made(path: &Path) -> Result<(), Fault> {
    find(path, Missing::IsMade)?;
    std::fs::remove_file(path).map_err(|error| {
        Fault::setup(SqlErrorKind::File, format!("cannot remove {}: {error}", path.display()))
    })
}

/// Looks for the file. If it is not there and is to be made: for its owner alone, which SQLite would not.
fn find(path: &Path, missing: Missing) -> Result<(), Fault> {
    let setup = |why: String| Fault::setup(SqlErrorKind::File, why);
    if path.is_dir() {
        return Err(setup(format!("{} is a directory; name a file in it", path.display())));
    }
    if missing == Missing::Fails && !path.exists() {
        return Err(setup(format!("there is no file {}", path.display())));
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

fn postgres(runtime: &Runtime, url: &SqlUrl, limit: Duration) -> Result<sqlx::PgConnection, Fault> {
    let options: PgConnectOptions = options(url)?;
    let ms = |limit: Duration| format!("{}ms", limit.as_millis());
    let options = options
        .application_name("obs")
        .options([("lock_timeout", ms(LOCK.min(limit))), ("statement_timeout", ms(limit))])
        .disable_statement_logging();
    let before = Before::new();
    let port = options.get_port();
    let connection = wait(runtime, (SqlKind::Postgres, limit.min(CONNECT)), options.connect())?;
    before.send_at_once(port);
    Ok(connection)
}

fn mysql(runtime: &Runtime, url: &SqlUrl, limit: Duration) -> Result<sqlx::MySqlConnection, Fault> {
    let options: MySqlConnectOptions = options(url)?;
    let options = options.disable_statement_logging();
    let before = Before::new();
    let port = options.get_port();
    let connection = wait(runtime, (SqlKind::MySql, limit.min(CONNECT)), options.connect())?;
    before.send_at_once(port);
    Ok(connection)
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
