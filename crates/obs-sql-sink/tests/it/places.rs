//! Databases to write to: a file, and the servers that are installed.
use obs_databases::{Product, Server};
use obs_sql_sink::SqlOptions;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, TypeInfo, ValueRef};
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;
use tokio::runtime::Builder;

/// An empty database of its own.
pub(crate) struct Place {
    pub(crate) url: String,
    database: String,
    server: Option<Arc<Server>>,
    directory: TempDir,
}

/// Servers that the tests of this process share.
static SHARED: LazyLock<Vec<Arc<Server>>> = LazyLock::new(|| {
    let start = |product| match Server::start(product) {
        Ok(Some(server)) => Some(Arc::new(server)),
        Ok(None) => {
            assert!(!is_mandatory(), "{product} is not installed, and has to be");
            println!("{product} is not installed: it is not tested");
            None
        }
        Err(error) => panic!("{error}"),
    };
    Product::ALL.into_iter().filter_map(start).collect()
});

/// Whether a server that is missing fails the tests: it does where all of them are to be run.
#[expect(clippy::disallowed_methods, reason = "asks which tests are to be run, sets nothing")]
fn is_mandatory() -> bool {
    std::env::var_os("OBS_TEST_DATABASES").is_some()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Some(server) => server.product().fmt(f),
            None => f.write_str("SQLite"),
        }
    }
}

impl Place {
    /// A file.
    pub(crate) fn file() -> Self {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite://{}", directory.path().join("logs.db").display());
        Self { url, database: String::new(), server: None, directory }
    }

    /// One of each kind.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::file()];
        all.extend(SHARED.iter().map(|server| Self::on(Arc::clone(server))));
        all
    }

    /// One of this product, if it is installed.
    pub(crate) fn of(product: Product) -> Option<Self> {
        let server = SHARED.iter().find(|server| server.product() == product)?;
        Some(Self::on(Arc::clone(server)))
    }

    pub(crate) fn on(server: Arc<Server>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let database = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
        server.create(&database).unwrap();
        let (url, directory) = (server.url(&database), TempDir::new().unwrap());
        Self { url, database, server: Some(server), directory }
    }

    pub(crate) fn options(&self) -> SqlOptions {
        let mut options = SqlOptions::new(self.url.parse().unwrap());
        options.rejected = Some(self.directory.path().join("rejected.jsonl"));
        options
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn server(&self) -> Option<&Server> {
        self.server.as_deref()
    }

    /// Locks the tables, as long as what is returned lives.
    pub(crate) fn lock(&self) -> Lock {
        let (tell, told) = std::sync::mpsc::channel();
        let (held, holds) = std::sync::mpsc::channel();
        let url = self.url.clone();
        let product = self.server.as_ref().map(|server| server.product());
        let body = move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut locked = Locked::new(&url, product).await;
                held.send(()).unwrap();
                // Until it is dropped.
                let _over = told.recv().is_err();
                locked.release().await;
            });
        };
        let thread = std::thread::Builder::new().spawn(body).unwrap();
        holds.recv().unwrap();
        Lock { tell: Some(tell), thread: Some(thread) }
    }

    /// The rows of a statement, a line a row and tabs between values: as a server's own client prints them.
    pub(crate) fn ask(&self, statement: &str) -> String {
        match &self.server {
            Some(server) => server.ask(&self.database, statement).unwrap(),
            None => {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(rows(&self.url, statement))
            }
        }
    }
}

async fn rows(url: &str, statement: &str) -> String {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let rows = sqlx::query(AssertSqlSafe(statement)).fetch_all(&mut connection).await.unwrap();
    let value = |row: &sqlx::sqlite::SqliteRow, index: usize| match row.try_get_raw(index).unwrap()
    {
        raw if raw.is_null() => "NULL".to_owned(),
        raw => match raw.type_info().name() {
            "INTEGER" => row.get::<i64, _>(index).to_string(),
            "REAL" => row.get::<f64, _>(index).to_string(),
            _ => row.get::<String, _>(index),
        },
    };
    let line = |row| {
        let values: Vec<String> = (0..Row::len(row)).map(|index| value(row, index)).collect();
        values.join("\t") + "\n"
    };
    rows.iter().map(line).collect()
}

/// A lock that somebody holds.
pub(crate) struct Lock {
    tell: Option<std::sync::mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.tell.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// The connection that holds it.
enum Locked {
    Sqlite(SqliteConnection),
    Postgres(sqlx::PgConnection),
    MySql(sqlx::MySqlConnection),
}

impl Locked {
    async fn new(url: &str, product: Option<Product>) -> Self {
        match product {
            None => {
                let mut to = SqliteConnection::connect(url).await.unwrap();
                sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut to).await.unwrap();
                Self::Sqlite(to)
            }
            Some(Product::Postgres) => {
                let mut to = sqlx::PgConnection::connect(url).await.unwrap();
                let lock = "BEGIN; LOCK TABLE obs_runs, obs_logs IN ACCESS EXCLUSIVE MODE";
                sqlx::raw_sql(lock).execute(&mut to).await.unwrap();
                Self::Postgres(to)
            }
            Some(Product::MariaDb) => {
                let mut to = sqlx::MySqlConnection::connect(url).await.unwrap();
                let lock = "LOCK TABLES obs_runs WRITE, obs_logs WRITE";
                sqlx::raw_sql(lock).execute(&mut to).await.unwrap();
                Self::MySql(to)
            }
        }
    }

    async fn release(&mut self) {
        match self {
            Self::Sqlite(to) => sqlx::raw_sql("ROLLBACK").execute(to).await.map(|_| ()),
            Self::Postgres(to) => sqlx::raw_sql("ROLLBACK").execute(to).await.map(|_| ()),
            Self::MySql(to) => sqlx::raw_sql("UNLOCK TABLES").execute(to).await.map(|_| ()),
        }
        .unwrap();
    }
}
