//! The jobs' database.
use crate::intent::Kind;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteRow};
use std::path::Path;
use tracing::instrument;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    status TEXT NOT NULL,
    result TEXT
)";

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl Status {
    const ALL: [Self; 5] =
        [Self::Pending, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen to the job.
    pub(crate) fn is_over(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }
}

/// A job, as it is told to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) text: String,
    pub(crate) status: Status,
    pub(crate) result: Option<String>,
}

/// The database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: SqlitePool,
}

impl Store {
    pub(crate) async fn open(path: &Path) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let pool = SqlitePool::connect_with(options).await?;
        sqlx::query(TABLE).execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Writes a new job, and returns its id.
    #[instrument(skip_all, fields(db.system.name = "sqlite", db.operation.name = "INSERT"))]
    pub(crate) async fn create(&self, kind: Kind, text: &str) -> sqlx::Result<i64> {
        let query = sqlx::query("INSERT INTO jobs (kind, text, status) VALUES (?, ?, 'pending')");
        let done = query.bind(kind.as_str()).bind(text).execute(&self.pool).await?;
        Ok(done.last_insert_rowid())
    }

    /// Says how far a job is, unless it is over. Whether it was not.
    #[instrument(skip(self, result), fields(db.system.name = "sqlite", db.operation.name = "UPDATE"))]
    pub(crate) async fn advance(
        &self,
        id: i64,
        status: Status,
        result: Option<&str>,
    ) -> sqlx::Result<bool> {
        let query = sqlx::query(
            "UPDATE jobs SET status = ?, result = ? WHERE id = ? AND status IN ('pending', 'running')",
        );
        let done = query.bind(status.as_str()).bind(result).bind(id).execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }

    #[instrument(skip(self), fields(db.system.name = "sqlite", db.operation.name = "SELECT"))]
    pub(crate) async fn job(&self, id: i64) -> sqlx::Result<Option<Job>> {
        let query = sqlx::query("SELECT * FROM jobs WHERE id = ?").bind(id);
        query.fetch_optional(&self.pool).await?.map(|row| job(&row)).transpose()
    }

    #[instrument(skip(self), fields(db.system.name = "sqlite", db.operation.name = "SELECT"))]
    pub(crate) async fn jobs(&self) -> sqlx::Result<Vec<Job>> {
        let rows = sqlx::query("SELECT * FROM jobs ORDER BY id").fetch_all(&self.pool).await?;
        rows.iter().map(job).collect()
    }
}

fn job(row: &SqliteRow) -> sqlx::Result<Job> {
    let status: String = row.try_get("status")?;
    let known = Status::ALL.into_iter().find(|known| known.as_str() == status);
    let unknown = || sqlx::Error::Decode(format!("no status: {status}").into());
    Ok(Job {
        id: row.try_get("id")?,
        kind: row.try_get("kind")?,
        text: row.try_get("text")?,
        status: known.ok_or_else(unknown)?,
        result: row.try_get("result")?,
    })
}
