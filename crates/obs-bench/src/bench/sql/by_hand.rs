//! The same rows, as somebody who writes them by hand would.
use futures_core::Stream;
use obs_core::settings::{SqlKind, SqlUrl};
use sqlx::mysql::MySqlRow;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, MySqlConnection, PgConnection, Row};
use sqlx::{Database, Encode, Executor, IntoArguments, SqliteConnection, Type, ValueRef};
use std::str::FromStr;
use tokio::runtime::{Builder, Runtime};

/// Rows in one statement.
const SQLITE_ROWS: usize = 64;
const MYSQL_ROWS: usize = 512;

/// The tables that have rows, with the number of their columns.
const TABLES: [(&str, usize); 2] = [("obs_logs", 12), ("obs_spans", 16)];
const MYSQL_TABLES: [(&str, usize); 2] = [("obs_logs", 13), ("obs_spans", 18)];

#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Whole(i64),
    Text(String),
}

/// Rows of both tables.
pub(super) enum Rows {
    Values([Vec<Vec<Value>>; 2]),
    /// As PostgreSQL copies them, with their number.
    Copied([Vec<u8>; 2], u64),
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

async fn sqlite(url: &SqlUrl) -> anyhow::Result<SqliteConnection> {
    let options = SqliteConnectOptions::from_str(url.expose())?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    Ok(options.connect().await?)
}

impl Rows {
    /// Those of a database.
    pub(super) fn read(url: &SqlUrl) -> anyhow::Result<Self> {
        runtime()?.block_on(async {
            Ok(match url.kind() {
                SqlKind::Sqlite => {
                    let mut from = sqlite(url).await?;
                    let mut all = [Vec::new(), Vec::new()];
                    for ((table, _), rows) in TABLES.iter().zip(&mut all) {
                        let sql = AssertSqlSafe(format!("SELECT * FROM {table} ORDER BY seq"));
                        let found = sqlx::query(sql).fetch_all(&mut from).await?;
                        rows.extend(found.iter().map(of_sqlite));
                    }
                    Self::Values(all)
                }
                SqlKind::Postgres => {
                    let mut from = PgConnection::connect(url.expose()).await?;
                    let (mut all, mut count) = ([Vec::new(), Vec::new()], 0);
                    for ((table, _), bytes) in TABLES.iter().zip(&mut all) {
                        let sql = format!("COPY (SELECT * FROM {table} ORDER BY seq) TO STDOUT");
                        let mut copy = from.copy_out_raw(&sql).await?;
                        while let Some(piece) = next(&mut copy).await {
                            let piece = piece?;
                            count += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
                            bytes.extend_from_slice(&piece);
                        }
                    }
                    Self::Copied(all, count)
                }
                _ => {
                    let mut from = MySqlConnection::connect(url.expose()).await?;
                    let mut all = [Vec::new(), Vec::new()];
                    for ((table, _), rows) in MYSQL_TABLES.iter().zip(&mut all) {
                        let columns = texts(&mut from, table).await?;
                        let sql = format!("SELECT {columns} FROM {table} ORDER BY seq");
                        let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut from).await?;
                        rows.extend(found.iter().map(of_mysql));
                    }
                    Self::Values(all)
                }
            })
        })
    }

    pub(super) fn count(&self) -> u64 {
        match self {
            Self::Values(all) => all.iter().map(|rows| rows.len() as u64).sum(),
            Self::Copied(_, count) => *count,
        }
    }

    /// Inserts them into tables that are empty.
    pub(super) fn insert(&self, url: &SqlUrl) -> anyhow::Result<()> {
        runtime()?.block_on(async {
            match self {
                Self::Copied(all, _) => {
                    let mut to = PgConnection::connect(url.expose()).await?;
                    sqlx::raw_sql("BEGIN").execute(&mut to).await?;
                    for ((table, _), bytes) in TABLES.iter().zip(all) {
                        let mut copy = to.copy_in_raw(&format!("COPY {table} FROM STDIN")).await?;
                        for piece in bytes.chunks(256 << 10) {
                            copy.send(piece).await?;
                        }
                        copy.finish().await?;
                    }
                    sqlx::raw_sql("COMMIT").execute(&mut to).await?;
                }
                Self::Values(all) if url.kind() == SqlKind::Sqlite => {
                    let tables = TABLES.iter().zip(all);
                    insert_values(&mut sqlite(url).await?, tables, SQLITE_ROWS).await?;
                }
                Self::Values(all) => {
                    let mut to = MySqlConnection::connect(url.expose()).await?;
                    insert_values(&mut to, MYSQL_TABLES.iter().zip(all), MYSQL_ROWS).await?;
                }
            }
            Ok(())
        })
    }
}

/// Inserts rows by statements of so many, in one transaction.
async fn insert_values<'v, C>(
    to: &mut C,
    tables: impl Iterator<Item = (&'v (&'v str, usize), &'v Vec<Vec<Value>>)>,
    rows_max: usize,
) -> anyhow::Result<()>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
    <C::Database as Database>::Arguments: IntoArguments<C::Database>,
    i64: for<'t> Encode<'t, C::Database> + Type<C::Database>,
    Option<String>: for<'t> Encode<'t, C::Database> + Type<C::Database>,
    for<'t> &'t str: Encode<'t, C::Database> + Type<C::Database>,
{
    to.execute(sqlx::raw_sql("BEGIN")).await?;
    for ((table, width), rows) in tables {
        for rows in rows.chunks(rows_max) {
            let sql = AssertSqlSafe(insert(table, *width, rows.len()));
            let mut query = sqlx::query::<C::Database>(sql);
            for value in rows.iter().flatten() {
                query = match value {
                    Value::Null => query.bind(None::<String>),
                    Value::Whole(number) => query.bind(*number),
                    Value::Text(text) => query.bind(text.as_str()),
                };
            }
            to.execute(query).await?;
        }
    }
    to.execute(sqlx::raw_sql("COMMIT")).await?;
    Ok(())
}

fn insert(table: &str, width: usize, count: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(","));
    format!("INSERT INTO {table} VALUES {}", vec![row; count].join(","))
}

/// The next piece of a stream.
async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}

/// The columns of a table as text, but for numbers.
async fn texts(from: &mut MySqlConnection, table: &str) -> anyhow::Result<String> {
    let sql = "SELECT CAST(column_name AS CHAR), CAST(data_type AS CHAR) FROM \
               information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? \
               ORDER BY ordinal_position";
    let rows = sqlx::query(sql).bind(table).fetch_all(from).await?;
    let column = |row: &MySqlRow| -> anyhow::Result<String> {
        let (name, kind): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        Ok(match kind.as_str() {
            "bigint" | "smallint" | "tinyint" => format!("CAST(`{name}` AS SIGNED)"),
            _ => format!("CAST(`{name}` AS CHAR)"),
        })
    };
    Ok(rows.iter().map(column).collect::<anyhow::Result<Vec<_>>>()?.join(", "))
}

fn of_sqlite(row: &SqliteRow) -> Vec<Value> {
    let value = |index: usize| match row.try_get::<i64, _>(index) {
        Ok(number) => Value::Whole(number),
        Err(_) if row.try_get_raw(index).is_ok_and(|raw| raw.is_null()) => Value::Null,
        Err(_) => Value::Text(row.try_get(index).unwrap_or_default()),
    };
    (0..row.len()).map(value).collect()
}

fn of_mysql(row: &MySqlRow) -> Vec<Value> {
    let value = |index: usize| match row.try_get::<Option<i64>, _>(index) {
        Ok(Some(number)) => Value::Whole(number),
        Ok(None) => Value::Null,
        Err(_) => {
            row.try_get::<Option<String>, _>(index).ok().flatten().map_or(Value::Null, Value::Text)
        }
    };
    (0..row.len()).map(value).collect()
}
