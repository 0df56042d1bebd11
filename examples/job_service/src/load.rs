//! Somebody who sends commands, and knows nothing of obs.
use crate::service::NewCommand;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const TEXTS: [&str; 5] = [
    "research quantum computing",
    "draw a cat in the rain",
    "explain tides to a child",
    "write a haiku on rust",
    "dance with me",
];

/// A response, as far as it matters.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) request_id: String,
    pub(crate) took: Duration,
}

/// Sends so many commands to `address`, so many at once.
pub(crate) async fn send(
    address: &str,
    requests: usize,
    at_once: usize,
) -> anyhow::Result<Vec<Answered>> {
    let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build_http();
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for _ in 0..at_once.max(1) {
        let (client, next, uri) =
            (client.clone(), Arc::clone(&next), format!("{address}/commands"));
        senders.spawn(async move {
            let mut answered = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return anyhow::Ok(answered);
                }
                answered.push(send_one(&client, &uri, number).await?);
            }
        });
    }
    let mut all = Vec::new();
    while let Some(answered) = senders.join_next().await {
        all.extend(answered??);
    }
    Ok(all)
}

#[expect(clippy::disallowed_methods, reason = "the time that a client waits is its own")]
async fn send_one(
    client: &Client<HttpConnector, Body>,
    uri: &str,
    number: usize,
) -> anyhow::Result<Answered> {
    let command = NewCommand { text: TEXTS[number % TEXTS.len()].to_owned() };
    let mut request = Request::post(uri).header(header::CONTENT_TYPE, "application/json");
    // Some clients have ids for their requests, others leave that to the service.
    if number.is_multiple_of(2) {
        request = request.header("x-request-id", format!("client-{number}"));
    }
    let request = request.body(Body::from(serde_json::to_vec(&command)?))?;
    let begun = Instant::now();
    let response = client.request(request).await?;
    let took = begun.elapsed();
    let id = response.headers().get("x-request-id");
    let request_id = id.and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    Ok(Answered { status: response.status(), request_id, took })
}
