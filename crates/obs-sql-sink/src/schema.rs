//! The tables of a database: made, brought up to date, and refused when they are newer than this build knows.
use crate::error::SqlErrorKind;
use crate::fault::{Fault, FaultKind};
use crate::session::Session;
use crate::tables::{ACTIONS, NAMES, quoted};
use crate::value::SqlValue;
use obs_core::settings::{SqlColumns, SqlKind, SqlPartition};
use std::collections::BTreeSet;

/// What the tables are to be like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) columns: SqlColumns,
    pub(crate) partition: Option<SqlPartition>,
}

/// The statements of each version, by kind of database.
const VERSIONS: [[&str; 3]; 1] = [[
    include_str!("schema/sqlite.sql"),
    include_str!("schema/postgres.sql"),
    include_str!("schema/mysql.sql"),
]];

/// The version that this build writes.
pub(crate) const VERSION: i64 = VERSIONS.len() as i64;

/// The name of the lock that whoever changes tables holds.
const LOCK_NAME: &str = "obs_schema";
/// The same for PostgreSQL, which counts its locks: "obs_sche" as a number.
const LOCK_NUMBER: i64 = i64::from_be_bytes(*b"obs_sche");

/// Brings the tables to what is wanted. Several processes may try at once: one does it, the others wait.
pub(crate) fn migrate(session: &mut Session, wanted: &Wanted) -> Result<(), Fault> {
    if pending(session, wanted)?.is_empty() {
        return Ok(());
    }
    lock(session)?;
    let outcome = apply(session, wanted);
    unlock(session, outcome.is_ok())?;
    outcome
}

/// The statements that [`migrate`] would execute now.
///
/// A table of versions that is newer than this build is an error.
pub(crate) fn pending(session: &mut Session, wanted: &Wanted) -> Result<Vec<String>, Fault> {
    let kind = session.kind();
    let version = known_version(session)?;
    let mut statements = Vec::new();
    if version == 0 {
        statements.push(SCHEMA_TABLE.to_owned());
    }
    for (index, texts) in VERSIONS.iter().enumerate().skip(version as usize) {
        let text = texts[place(kind)];
        statements.extend(text.split(";\n").map(|one| filled(one, wanted)));
        let length = match wanted.partition.filter(|_| kind == SqlKind::Postgres) {
            Some(length) => format!("'{length}'"),
            None => "NULL".to_owned(),
        };
        statements.push(format!(
            "INSERT INTO obs_schema (version, partitioned_by) VALUES ({}, {length})",
            index + 1
        ));
    }
    for table in &NAMES[..ACTIONS] {
        let there = columns(session, table)?;
        let missing = wanted.columns.iter().map(SqlColumns::column);
        for column in missing.filter(|column| !there.contains(column)) {
            statements.extend(add_column(kind, table, &column));
        }
    }
    Ok(statements)
}

/// Versions that the tables have gone through.
const SCHEMA_TABLE: &str = "CREATE TABLE IF NOT EXISTS obs_schema \
    (version BIGINT NOT NULL PRIMARY KEY, partitioned_by VARCHAR(8))";

fn place(kind: SqlKind) -> usize {
    match kind {
        SqlKind::Sqlite => 0,
        SqlKind::Postgres => 1,
        _ => 2,
    }
}

fn filled(statement: &str, wanted: &Wanted) -> String {
    let (key, by_time) = match wanted.partition {
        Some(_) => (", time", " PARTITION BY RANGE (time)"),
        None => ("", ""),
    };
    statement.trim().replace("{partitioned}", key).replace("{by time}", by_time)
}

fn add_column(kind: SqlKind, table: &str, column: &str) -> Vec<String> {
    let (name, index) = (quoted(kind, column), quoted(kind, &format!("{table}_{column}")));
    match kind {
        SqlKind::MySql => {
            vec![format!(
                "ALTER TABLE {table} ADD COLUMN {name} TEXT, ADD INDEX {index} ({name}(64))"
            )]
        }
        // A value of any length is indexed by its beginning: PostgreSQL takes no more than 2,704 bytes.
        SqlKind::Postgres => vec![
            format!("ALTER TABLE {table} ADD COLUMN {name} text"),
            format!("CREATE INDEX {index} ON {table} (left({name}, 200)) WHERE {name} IS NOT NULL"),
        ],
        _ => vec![
            format!("ALTER TABLE {table} ADD COLUMN {name} TEXT"),
            format!("CREATE INDEX {index} ON {table} ({name}) WHERE {name} IS NOT NULL"),
        ],
    }
}

/// Fails where there are no tables, or other ones than this build knows.
pub(crate) fn check(session: &mut Session) -> Result<(), Fault> {
    match known_version(session)? {
        0 => {
            let why = "there are no tables of obs in it: a program that writes to it makes them, \
                       or `obs sql migrate`";
            Err(Fault::setup(SqlErrorKind::NoTables, why))
        }
        _ => Ok(()),
    }
}

/// The version of the tables, unless it is newer than this build.
fn known_version(session: &mut Session) -> Result<i64, Fault> {
    let version = version(session)?;
    if version > VERSION {
        let why = format!(
            "its tables have version {version}, and this program knows versions up to {VERSION}: \
             use a newer build of the program, or another database"
        );
        return Err(Fault::setup(SqlErrorKind::Newer, why));
    }
    Ok(version)
}

/// The version of the tables; 0 when there are none.
fn version(session: &mut Session) -> Result<i64, Fault> {
    if columns(session, "obs_schema")?.is_empty() {
        return Ok(0);
    }
    let sql = "SELECT version FROM obs_schema ORDER BY version DESC LIMIT 1";
    let rows = session.fetch(sql, &[])?;
    Ok(rows.first().and_then(|row| row.first()).and_then(SqlValue::whole).unwrap_or(0))
}

/// How long the times are that one partition holds, as whoever made the tables wanted it.
pub(crate) fn partition(session: &mut Session) -> Result<Option<SqlPartition>, Fault> {
    let sql = "SELECT partitioned_by FROM obs_schema WHERE version = 1";
    let rows = session.fetch(sql, &[])?;
    let word = rows.first().and_then(|row| row[0].text());
    Ok(word.and_then(|word| word.parse().ok()))
}

/// The names of a table's columns; none when it is not there.
fn columns(session: &mut Session, table: &str) -> Result<BTreeSet<String>, Fault> {
    let sql = match session.kind() {
        SqlKind::Sqlite => "SELECT name FROM pragma_table_info(?)",
        SqlKind::Postgres => {
            "SELECT attname::text FROM pg_attribute \
             WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped"
        }
        _ => {
            "SELECT column_name FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = ?"
        }
    };
    let rows = session.fetch(sql, &[table.into()])?;
    Ok(rows.iter().filter_map(|row| row[0].text()).map(str::to_owned).collect())
}

/// Waits until nobody else changes tables; where the database can, in a transaction that changes them.
pub(crate) fn lock(session: &mut Session) -> Result<(), Fault> {
    match session.kind() {
        SqlKind::Sqlite => session.say("BEGIN IMMEDIATE"),
        SqlKind::Postgres => {
            session.say("BEGIN")?;
            session.say("SET LOCAL lock_timeout = '50s'")?;
            session
                .fetch("SELECT pg_advisory_xact_lock($1)::text", &[SqlValue::Whole(LOCK_NUMBER)])?;
            Ok(())
        }
        _ => {
            let sql = "SELECT CAST(GET_LOCK(CONCAT(?, '.', DATABASE()), 50) AS SIGNED)";
            let rows = session.fetch(sql, &[LOCK_NAME.into()])?;
            match rows.first().and_then(|row| row[0].whole()) {
                Some(1) => Ok(()),
                _ => Err(Fault::new(FaultKind::Passing, "somebody else is changing its tables")),
            }
        }
    }
}

/// Executes what is still missing now that nobody else does.
pub(crate) fn apply(session: &mut Session, wanted: &Wanted) -> Result<(), Fault> {
    pending(session, wanted)?.into_iter().try_for_each(|statement| session.say(statement))
}

/// Lets others change tables, and keeps what was changed if it is good.
pub(crate) fn unlock(session: &mut Session, is_good: bool) -> Result<(), Fault> {
    match session.kind() {
        SqlKind::MySql => {
            let sql = "SELECT CAST(RELEASE_LOCK(CONCAT(?, '.', DATABASE())) AS SIGNED)";
            session.fetch(sql, &[LOCK_NAME.into()]).map(|_| ())
        }
        _ if is_good => session.say("COMMIT"),
        _ => session.say("ROLLBACK"),
    }
}
