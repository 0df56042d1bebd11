//! A connection to a database, and the few things that are done over it.
mod copy;
mod multi;
mod open;
mod prompt;
mod values;

use crate::fault::{Fault, FaultKind};
use crate::rows::Rows;
use crate::tables::Table;
use crate::value::SqlValue;
pub(crate) use copy::put_rows;
use multi::Multi;
use obs_core::RunId;
use obs_core::settings::{SqlKind, SqlUrl};
pub(crate) use open::{can_be_made, file_of};
use sqlx::{AssertSqlSafe, MySqlConnection, PgConnection, SqlStr, SqliteConnection};
use std::ops::Range;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long one statement may take.
pub(crate) const STATEMENT: Duration = Duration::from_secs(60);
/// How long connecting may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);
/// How long a statement waits for a lock that somebody else holds.
pub(crate) const LOCK: Duration = Duration::from_secs(5);

/// A connection. Its runtime only runs while something is waited for, in the thread that does.
pub(crate) struct Session {
    connection: Connection,
    multi: Multi,
    /// Values that the database takes in one statement, in bytes.
    statement_bytes_max: usize,
    /// How long one statement may take.
    limit: Duration,
    runtime: Runtime,
}

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

/// Rows of one table.
#[derive(Clone)]
pub(crate) struct Insertion<'a> {
    pub(crate) run_id: RunId,
    pub(crate) table: &'a Table,
    /// The table's place among the parts of the rows.
    pub(crate) part: usize,
    pub(crate) rows: &'a Rows,
    pub(crate) range: Range<usize>,
}

/// A statement of the crate's own: it is put together from names of the crate and of settings that were looked at
/// character by character, and from nothing that a record says.
pub(crate) fn statement(text: impl Into<String>) -> SqlStr {
    sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(text.into()))
}

impl Session {
    /// Connects to a database that is there.
    pub(crate) fn open(url: &SqlUrl) -> Result<Self, Fault> {
        Self::try_open(url, STATEMENT)
    }

    /// The same, and nothing may take longer than this.
    pub(crate) fn try_open(url: &SqlUrl, limit: Duration) -> Result<Self, Fault> {
        open::open(url, open::Missing::Fails, limit)
    }

    /// Connects. A file of SQLite's that is not there is made.
    pub(crate) fn create(url: &SqlUrl) -> Result<Self, Fault> {
        open::open(url, open::Missing::IsMade, STATEMENT)
    }

    pub(crate) fn kind(&self) -> SqlKind {
        match &self.connection {
            Connection::Sqlite(_) => SqlKind::Sqlite,
            Connection::Postgres(_) => SqlKind::Postgres,
            Connection::MySql(_) => SqlKind::MySql,
        }
    }

    /// Executes a statement, and tells how many rows it changed.
    pub(crate) fn execute(
        &mut self,
        sql: impl Into<String>,
        values: &[SqlValue],
    ) -> Result<u64, Fault> {
        let (of, sql) = ((self.kind(), self.limit), statement(sql));
        let Self { connection, runtime, .. } = self;
        let work = async {
            Ok(match connection {
                Connection::Sqlite(to) => {
                    values::query(sql, values).execute(to).await?.rows_affected()
                }
                Connection::Postgres(to) => {
                    values::query(sql, values).execute(to).await?.rows_affected()
                }
                Connection::MySql(to) => {
                    values::query(sql, values).execute(to).await?.rows_affected()
                }
            })
        };
        wait(runtime, of, work)
    }

    /// Executes a statement without parameters that databases do not prepare: `BEGIN` and its like.
    pub(crate) fn say(&mut self, sql: impl Into<String>) -> Result<(), Fault> {
        use sqlx::Executor;
        let (of, sql) = ((self.kind(), self.limit), sqlx::raw_sql(statement(sql)));
        let Self { connection, runtime, .. } = self;
        let work = async {
            match connection {
                Connection::Sqlite(to) => to.execute(sql).await.map(|_| ()),
                Connection::Postgres(to) => to.execute(sql).await.map(|_| ()),
                Connection::MySql(to) => to.execute(sql).await.map(|_| ()),
            }
        };
        wait(runtime, of, work)
    }

    /// The rows that a statement gives.
    pub(crate) fn fetch(
        &mut self,
        sql: impl Into<String>,
        values: &[SqlValue],
    ) -> Result<Vec<Vec<SqlValue>>, Fault> {
        let (of, sql) = ((self.kind(), self.limit), statement(sql));
        let Self { connection, runtime, .. } = self;
        let work = async {
            match connection {
                Connection::Sqlite(to) => {
                    values::read(&values::query(sql, values).fetch_all(to).await?)
                }
                Connection::Postgres(to) => {
                    values::read(&values::query(sql, values).fetch_all(to).await?)
                }
                Connection::MySql(to) => {
                    values::read(&values::query(sql, values).fetch_all(to).await?)
                }
            }
        };
        wait(runtime, of, work)
    }

    /// Puts rows into their table. While the database is at it, `beside` is called again and again, until it says that
    /// it has nothing more to do.
    pub(crate) fn insert(
        &mut self,
        insertion: &Insertion<'_>,
        beside: &mut dyn FnMut() -> bool,
    ) -> Result<(), Fault> {
        if insertion.range.is_empty() {
            return Ok(());
        }
        let (kind, bytes_max) = (self.kind(), self.statement_bytes_max);
        let of = (kind, self.limit);
        let Self { connection, multi, runtime, .. } = self;
        match connection {
            Connection::Postgres(to) => {
                let mut is_sent = false;
                let mut next = |out: &mut Vec<u8>| {
                    let is_first = !std::mem::replace(&mut is_sent, true);
                    if is_first {
                        put_rows(out, insertion);
                    }
                    is_first
                };
                wait(runtime, of, copy::copy(to, insertion.table, &mut next))
            }
            Connection::Sqlite(to) => {
                wait(runtime, of, and(multi.insert(to, insertion, (kind, bytes_max)), beside))
            }
            Connection::MySql(to) => {
                fits(insertion, bytes_max)?;
                wait(runtime, of, and(multi.insert(to, insertion, (kind, bytes_max)), beside))
            }
        }
    }
}

impl Session {
    /// Copies rows into a table of PostgreSQL's: `next` appends some by [`put_rows`], as long as it has any.
    pub(crate) fn copy(
        &mut self,
        table: &Table,
        next: &mut dyn FnMut(&mut Vec<u8>) -> bool,
    ) -> Result<(), Fault> {
        let of = (self.kind(), self.limit);
        match &mut self.connection {
            Connection::Postgres(to) => wait(&self.runtime, of, copy::copy(to, table, next)),
            _ => Err(Fault::new(FaultKind::Passing, "only PostgreSQL copies")),
        }
    }
}

/// Waits for something, and does something else meanwhile.
async fn and<T>(work: impl Future<Output = T>, beside: &mut dyn FnMut() -> bool) -> T {
    let meanwhile = async {
        while beside() {
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(work, meanwhile).0
}

/// A server closes the connection on a statement that is too long, so it gets none.
fn fits(insertion: &Insertion<'_>, bytes_max: usize) -> Result<(), Fault> {
    let mut rows = insertion.rows.parts[insertion.part].rows(insertion.range.clone());
    match rows.any(|row| Rows::text_bytes(row) > bytes_max) {
        false => Ok(()),
        true => {
            let why = format!("a row of more than {bytes_max} bytes, half of max_allowed_packet");
            Err(Fault::new(FaultKind::Row, why))
        }
    }
}

/// Waits for the end of something, or for so long.
fn wait<T>(
    runtime: &Runtime,
    (kind, limit): (SqlKind, Duration),
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Fault> {
    let outcome = runtime.block_on(async { tokio::time::timeout(limit, work).await });
    match outcome {
        Ok(outcome) => outcome.map_err(|error| Fault::of(kind, &error)),
        Err(_) => Err(Fault::silence(limit)),
    }
}
