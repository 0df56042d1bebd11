//! A database as who looks after it sees it.
use crate::cleanup::{self, Cleaned, Cleaner};
use crate::error::SqlError;
use crate::fault::Fault;
use crate::query::{Answer, Question};
use crate::schema;
use crate::session::Session;
use crate::sink::SqlOptions;
use obs_core::UnixNanos;
use obs_core::settings::SqlUrl;
use std::ops::ControlFlow;
use tokio::time::Instant;

/// A database that is connected: its tables are looked after, and asked.
///
/// Blocks until the database has answered; a statement takes a minute at most. Not to be used in an asynchronous task.
pub struct Database {
    session: Session,
    url: SqlUrl,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Database {
    /// Connects to a database that is there.
    ///
    /// # Errors
    ///
    /// [`SqlError`], as all else here.
    pub fn open(url: &SqlUrl) -> Result<Self, SqlError> {
        Self::of(url, Session::open(url))
    }

    /// Connects. A file of SQLite's that is not there is made.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub fn create(url: &SqlUrl) -> Result<Self, SqlError> {
        Self::of(url, Session::create(url))
    }

    fn of(url: &SqlUrl, session: Result<Session, Fault>) -> Result<Self, SqlError> {
        let session = session.map_err(|fault| SqlError::new(url, fault))?;
        Ok(Self { session, url: url.clone() })
    }

    /// The statements that would bring the tables to what the options want, in their order; none if they are so.
    ///
    /// # Errors
    ///
    /// [`SqlError`], also when the tables are newer than this build knows.
    pub fn pending(&mut self, options: &SqlOptions) -> Result<Vec<String>, SqlError> {
        self.told(|session| schema::pending(session, &options.wanted()))
    }

    /// Brings the tables to what the options want, as a sink does when it begins.
    ///
    /// # Errors
    ///
    /// [`SqlError`], also when the tables are newer than this build knows.
    pub fn migrate(&mut self, options: &SqlOptions) -> Result<(), SqlError> {
        self.told(|session| schema::migrate(session, &options.wanted()))
    }

    /// What [`cleanup`](Self::cleanup) would remove now: rows of partitions that would go as a whole are counted, too.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub fn due(&mut self, before: UnixNanos) -> Result<Cleaned, SqlError> {
        self.told(|session| {
            schema::check(session)?;
            cleanup::due(session, before)
        })
    }

    /// Removes rows of times before `before`, whoever wrote them, and runs that ended before it and have no rows left.
    ///
    /// Each statement is a transaction of its own and made to take some 30 ms, of SQLite 100, so that nobody waits long
    /// for what it locks. `told` is called after each with what was removed so far, and may end it.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; what was removed by then is.
    pub fn cleanup(
        &mut self,
        before: UnixNanos,
        told: &mut dyn FnMut(&Cleaned) -> ControlFlow<()>,
    ) -> Result<Cleaned, SqlError> {
        let mut cleaner = Cleaner::new(before);
        self.told(|session| {
            schema::check(session)?;
            loop {
                let begun = Instant::now();
                let is_more = cleaner.step(session)?;
                if !is_more || told(&cleaner.cleaned).is_break() {
                    return Ok(cleaner.cleaned);
                }
                std::thread::sleep(cleanup::pause(session.kind(), begun.elapsed()));
            }
        })
    }

    /// The answer to a question.
    ///
    /// # Errors
    ///
    /// [`SqlError`], also when there are no tables yet.
    pub fn ask(&mut self, question: &Question) -> Result<Answer, SqlError> {
        self.told(|session| {
            schema::check(session)?;
            question.ask(session)
        })
    }

    fn told<T>(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<T, Fault>,
    ) -> Result<T, SqlError> {
        work(&mut self.session).map_err(|fault| SqlError::new(&self.url, fault))
    }
}
