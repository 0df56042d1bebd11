//! The example service, until somebody kills it.
use crate::process::Errand;
use crate::web::Observer;
use anyhow::Context as _;
use job_service::Jobs;
use serde::{Deserialize, Serialize};
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

/// Jobs in the database.
pub(crate) const JOBS: i64 = 100;
/// Where the process says its address.
pub(crate) const ADDRESS: &str = "address";

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Web {
    pub(crate) observer: Observer,
    /// Where spans and log records go.
    pub(crate) endpoint: String,
}

impl Errand for Web {
    const KIND: &'static str = "web";
    type Found = ();

    fn run(&self, directory: &Path) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let jobs = runtime.block_on(async {
            // No job is done, so that no provider is asked.
            let nobody = "http://127.0.0.1:1".to_owned();
            let jobs = Jobs::open(&directory.join("jobs.sqlite"), nobody).await?;
            for number in 0..JOBS {
                jobs.put_aside(&format!("research number {number}")).await?;
            }
            anyhow::Ok(jobs)
        });
        let routes = job_service::routes(jobs.context("the jobs")?);
        // The exporters of the SDK want no runtime around their start.
        let (app, _observer) = self.observer.around(routes, directory, &self.endpoint)?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let unfinished = directory.join("address.new");
            fs::write(&unfinished, listener.local_addr()?.to_string())?;
            fs::rename(unfinished, directory.join(ADDRESS))?;
            axum::serve(listener, app).await.context("serving")
        })
    }
}
