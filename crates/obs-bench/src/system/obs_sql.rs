//! obs with a database beside its file: one that is well, one that somebody else has locked, one that is not there.
use super::System;
use super::obs_sinks::ObsSinks;
use anyhow::Context as _;
use obs_core::settings::SqlUrl;
use obs_core::{RunId, Sink};
use obs_sql_sink::{Database, SqlOptions, SqlSink};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, SqliteConnection};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// How a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// There is none.
    None,
    Well,
    Locked,
    Away,
}

impl State {
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::Well, Self::Locked, Self::Away];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::None => "obs-sql-none",
            Self::Well => "obs-sql-well",
            Self::Locked => "obs-sql-locked",
            Self::Away => "obs-sql-away",
        }
    }
}

pub(crate) struct ObsSql {
    sinks: ObsSinks,
    lock: Mutex<Option<(Runtime, SqliteConnection)>>,
}

impl ObsSql {
    pub(crate) fn start(directory: &Path, state: State) -> anyhow::Result<Self> {
        let url: SqlUrl = match state {
            State::Away => "postgres://obs:none@127.0.0.1:1/obs".parse()?,
            _ => format!("sqlite://{}", directory.join("logs.db").display()).parse()?,
        };
        let lock = match state {
            State::Locked => Some(lock(&url)?),
            _ => None,
        };
        let sink = |run_id: RunId| -> Option<Box<dyn Sink>> {
            let sink = SqlSink::new(SqlOptions::new(url), run_id, Default::default());
            (state != State::None).then(|| Box::new(sink) as Box<dyn Sink>)
        };
        Ok(Self { sinks: ObsSinks::start_with(directory, 1, sink)?, lock: Mutex::new(lock) })
    }
}

/// Makes the tables, and locks them.
fn lock(url: &SqlUrl) -> anyhow::Result<(Runtime, SqliteConnection)> {
    Database::create(url)?.migrate(&SqlOptions::new(url.clone()))?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let connection = runtime.block_on(async {
        let mut connection = SqliteConnection::connect(url.expose()).await?;
        sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut connection).await?;
        anyhow::Ok(connection)
    });
    Ok((runtime, connection.context("cannot lock the database")?))
}

impl System for ObsSql {
    fn stall(&self, stalled: bool) -> bool {
        self.sinks.stall(stalled)
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        if let Some((runtime, connection)) =
            self.lock.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            runtime.block_on(connection.close())?;
        }
        Box::new(self.sinks).finish()
    }
}
