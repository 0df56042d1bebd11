//! The provider: somebody else's service, which is slow and sometimes fails.
use crate::processes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tracing::{info, instrument, warn};

/// One request in so many fails, and one in so many is slow.
const FAILS_EACH: u64 = 7;
const SLOW_EACH: u64 = 10;
const SLOW: Duration = Duration::from_millis(40);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) text: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) text: String,
}

pub(crate) async fn serve() -> anyhow::Result<ExitCode> {
    let run = obs::init("provider")?;
    let app = Router::new().route("/v1/{kind}", post(answer)).layer(obs::http::ServerLayer::new());
    processes::serve(app).await?;
    Ok(processes::finish(run))
}

async fn answer(
    Path(kind): Path<String>,
    Json(question): Json<Question>,
) -> Result<Json<Answer>, StatusCode> {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    if number.is_multiple_of(FAILS_EACH) {
        warn!(number, "overloaded");
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    Ok(Json(Answer { text: think(&kind, &question.text, number).await }))
}

#[instrument(skip_all, fields(kind))]
async fn think(kind: &str, text: &str, number: u64) -> String {
    if number.is_multiple_of(SLOW_EACH) {
        tokio::time::sleep(SLOW).await;
    }
    info!(words = text.split_whitespace().count(), "thought about it");
    format!("{kind}: {text}, thoroughly")
}
