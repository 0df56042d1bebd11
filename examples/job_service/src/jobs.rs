//! Jobs, which go on after the request that began them has been answered.
use crate::intent::Kind;
use crate::providers::Providers;
use crate::store::{Status, Store};
use obs::InContext;
use std::path::Path;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, error, info, info_span};

/// Does jobs in the background.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Jobs {
    pub(crate) store: Store,
    providers: Providers,
    tracker: TaskTracker,
}

impl Jobs {
    /// Jobs that are kept in this database, and done by this provider.
    ///
    /// # Errors
    ///
    /// When the database cannot be opened, or made.
    pub async fn open(database: &Path, provider: String) -> sqlx::Result<Self> {
        let (store, providers) = (Store::open(database).await?, Providers::new(provider));
        Ok(Self { store, providers, tracker: TaskTracker::new() })
    }

    /// Writes a job that nobody does, and returns its id.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub async fn put_aside(&self, text: &str) -> sqlx::Result<i64> {
        self.store.create(Kind::Research, text).await
    }

    /// Begins a job. It has a span of its own in the request's trace, so that the request's can end before it; and it
    /// is in the request's context, with its own id besides.
    pub(crate) async fn begin(&self, kind: Kind, text: String) -> sqlx::Result<i64> {
        let id = self.store.create(kind, &text).await?;
        info!(job_id = id, kind = kind.as_str(), "job created");
        let context = obs::Context::current().with("job_id", id).with("job_type", kind.as_str());
        let span = context.in_scope(|| info_span!("job"));
        let jobs = self.clone();
        let work = async move { jobs.work(id, kind, &text).await };
        self.tracker.spawn(work.instrument(span).in_context(context));
        Ok(id)
    }

    async fn work(&self, id: i64, kind: Kind, text: &str) {
        info!("job started");
        match self.go_through(id, kind, text).await {
            Ok(Status::Cancelled) => info!("job cancelled"),
            Ok(_) => info!("job completed"),
            Err(why) => error!(error = why.as_ref() as &dyn std::error::Error, "job failed"),
        }
    }

    async fn go_through(&self, id: i64, kind: Kind, text: &str) -> anyhow::Result<Status> {
        if !self.store.advance(id, Status::Running, None).await? {
            return Ok(Status::Cancelled);
        }
        match self.providers.ask(kind, text).await {
            Ok(answer) => {
                let is_done = self.store.advance(id, Status::Succeeded, Some(&answer)).await?;
                Ok(if is_done { Status::Succeeded } else { Status::Cancelled })
            }
            Err(error) => {
                self.store.advance(id, Status::Failed, Some(&error.to_string())).await?;
                Err(error.into())
            }
        }
    }

    /// Waits for all jobs that were begun.
    pub(crate) async fn finish(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}
