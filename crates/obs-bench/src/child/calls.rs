//! Requests to a handler that does next to nothing, without a network: what the thread itself pays.
use super::own::{ThreadTimes, look_at_threads};
use crate::clock;
use crate::process::Errand;
use crate::web::Observer;
use anyhow::ensure;
use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::Path as Matched;
use axum::http::{Request, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use std::future::poll_fn;
use std::path::Path;
use std::pin::Pin;
use tower::ServiceExt as _;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Calls {
    pub(crate) observer: Observer,
    /// Where spans and log records go.
    pub(crate) endpoint: String,
    pub(crate) requests: u32,
    /// How long the thread rests between two requests, so that nothing waits for those that take over.
    pub(crate) rest_us: u64,
}

/// What a request costs, in nanoseconds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CallCosts {
    /// The medians of what the thread pays.
    pub(crate) calls: Vec<f64>,
    /// CPU time of all threads.
    pub(crate) cpu: f64,
}

impl Errand for Calls {
    const KIND: &'static str = "calls";
    type Found = CallCosts;

    fn run(&self, directory: &Path) -> anyhow::Result<CallCosts> {
        let routes = Router::new().route("/jobs/{id}", get(show));
        let (app, _observer) = self.observer.around(routes, directory, &self.endpoint)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        runtime.block_on(async {
            let mut calls = Vec::with_capacity(self.requests as usize);
            let mut times = ThreadTimes::new();
            look_at_threads("self", &mut times)?;
            let before: u64 = times.values().map(|(_, ns)| ns).sum();
            for number in 0..self.requests {
                let request = request(number)?;
                let started = clock::now();
                let response = app.clone().oneshot(request).await?;
                read(response).await?;
                calls.push(started.elapsed().as_nanos() as f64);
                let until = clock::now() + std::time::Duration::from_micros(self.rest_us);
                while clock::now() < until {
                    std::hint::spin_loop();
                }
            }
            look_at_threads("self", &mut times)?;
            let after: u64 = times.values().map(|(_, ns)| ns).sum();
            Ok(CallCosts { calls, cpu: (after - before) as f64 / f64::from(self.requests) })
        })
    }
}

async fn show(Matched(id): Matched<u64>) -> String {
    tracing::info!(job_id = id, status = "pending", "job shown");
    format!("{{\"job_id\":{id},\"status\":\"pending\",\"text\":\"research number {id}\"}}")
}

fn request(number: u32) -> anyhow::Result<Request<Body>> {
    let request = Request::get(format!("/jobs/{}", number % 100))
        .header("host", "127.0.0.1:8080")
        .header("user-agent", "bench/1")
        .header("accept", "*/*");
    Ok(request.body(Body::empty())?)
}

async fn read(response: Response<Body>) -> anyhow::Result<()> {
    ensure!(response.status().is_success(), "{}", response.status());
    let mut body = response.into_body();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        frame?;
    }
    Ok(())
}
