//! Removing very many rows, and somebody else who writes meanwhile.
use crate::clock;
use anyhow::Context as _;
use obs_core::UnixNanos;
use obs_core::settings::{SqlKind, SqlUrl};
use obs_sql_sink::{Database, SqlOptions};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, MySqlConnection, PgConnection};
use sqlx::{SqlStr, SqliteConnection};
use std::ops::ControlFlow;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Rows are made so many at a time.
const PORTION: u64 = 200_000;
/// How often the other one writes.
const INTERVAL: Duration = Duration::from_millis(5);

enum Other {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

struct Client {
    runtime: Runtime,
    other: Other,
}

impl Client {
    fn connect(url: &SqlUrl) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let other = runtime.block_on(async {
            anyhow::Ok(match url.kind() {
                SqlKind::Sqlite => {
                    let options = SqliteConnectOptions::from_str(url.expose())?;
                    let options = options.busy_timeout(Duration::from_secs(600));
                    Other::Sqlite(options.connect().await?)
                }
                SqlKind::Postgres => Other::Postgres(PgConnection::connect(url.expose()).await?),
                _ => Other::MySql(MySqlConnection::connect(url.expose()).await?),
            })
        })?;
        Ok(Self { runtime, other })
    }

    fn execute(&mut self, sql: impl Into<String>) -> anyhow::Result<()> {
        let sql: SqlStr = sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(sql.into()));
        let Self { runtime, other } = self;
        runtime.block_on(async {
            match other {
                Other::Sqlite(to) => sqlx::raw_sql(sql).execute(to).await.map(|_| ()),
                Other::Postgres(to) => sqlx::raw_sql(sql).execute(to).await.map(|_| ()),
                Other::MySql(to) => sqlx::raw_sql(sql).execute(to).await.map(|_| ()),
            }
        })?;
        Ok(())
    }
}

/// Makes so many old rows of logs, removes them, and tells how long a writer beside waited at most.
pub(super) fn longest_wait_ms(options: &SqlOptions, rows: u64) -> anyhow::Result<f64> {
    let mut database = Database::create(&options.url)?;
    database.migrate(options)?;
    fill(&options.url, rows)?;
    let is_over = Arc::new(AtomicBool::new(false));
    let (told, url) = (Arc::clone(&is_over), options.url.clone());
    let writer = thread::Builder::new().spawn(move || write_beside(&url, &told))?;
    let before: UnixNanos = "2021-01-01T00:00:00Z".parse()?;
    let cleaned = database.cleanup(before, &mut |_| ControlFlow::Continue(()));
    is_over.store(true, Ordering::Relaxed);
    let longest = writer.join().ok().context("the writer beside panicked")??;
    let removed = cleaned?.logs;
    anyhow::ensure!(removed == rows, "{removed} rows are removed, not {rows}");
    Ok(longest.as_secs_f64() * 1e3)
}

/// Rows of one year, in no order of time.
fn fill(url: &SqlUrl, rows: u64) -> anyhow::Result<()> {
    let mut client = Client::connect(url)?;
    let mut made = 0;
    while made < rows {
        let count = PORTION.min(rows - made);
        client.execute(portion(url.kind(), made, count))?;
        made += count;
    }
    Ok(())
}

fn portion(kind: SqlKind, from: u64, count: u64) -> String {
    let to = from + count - 1;
    let run = "01a231f4-550c-7375-9715-64bfb956526e";
    let what = "'info', 'app::orders', 'step done', NULL, NULL, '{\"thread\":\"main\",\"step\":3}'";
    match kind {
        SqlKind::Sqlite => format!(
            "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to}) \
             INSERT INTO obs_logs (run_id, seq, time, level, logger, event, trace_id, span_id, \
             attributes) SELECT '{run}', i, \
             strftime('%Y-%m-%dT%H:%M:%S.000000000Z', '2020-01-01', (i * 7919 % 31000000) || ' seconds'), \
             {what} FROM n"
        ),
        SqlKind::Postgres => format!(
            "INSERT INTO obs_logs (run_id, seq, time, nanos, level, logger, event, trace_id, \
             span_id, attributes) SELECT '{run}', i, \
             '2020-01-01Z'::timestamptz + (i * 7919 % 31000000) * interval '1 second', 0, \
             'info', 'app::orders', 'step done', NULL, NULL, \
             '{{\"thread\":\"main\",\"step\":3}}'::jsonb FROM generate_series({from}::bigint, {to}) i"
        ),
        _ => format!(
            "INSERT INTO obs_logs (run_id, seq, time, nanos, level, logger, event, trace_id, \
             span_id, attributes) SELECT '{run}', seq, \
             '2020-01-01' + INTERVAL (seq * 7919 % 31000000) SECOND, 0, {what} \
             FROM seq_{from}_to_{to}"
        ),
    }
}

/// Writes a new row again and again, and tells how long one took at most.
fn write_beside(url: &SqlUrl, is_over: &AtomicBool) -> anyhow::Result<Duration> {
    let mut client = Client::connect(url)?;
    let (mut longest, mut number) = (Duration::ZERO, 0_u64);
    let nanos = if url.kind() == SqlKind::Sqlite { ["", ""] } else { [", nanos", ", 0"] };
    let time = match url.kind() {
        SqlKind::Sqlite => "2026-11-22T09:58:03.000000000Z",
        _ => "2026-11-22 09:58:03",
    };
    while !is_over.load(Ordering::Relaxed) {
        number += 1;
        let begun = clock::now();
        client.execute(format!(
            "INSERT INTO obs_logs (run_id, seq, time{}, level, logger, event, attributes) VALUES \
             ('01a231f4-550c-7375-9715-000000000000', {number}, '{time}'{}, 'info', 'app', 'x', '{{}}')",
            nanos[0], nanos[1],
        ))?;
        longest = longest.max(begun.elapsed());
        thread::sleep(INTERVAL);
    }
    Ok(longest)
}
