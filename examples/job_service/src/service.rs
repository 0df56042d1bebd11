//! The service.
use crate::intent::Kind;
use crate::jobs::Jobs;
use crate::options::ServeOptions;
use crate::processes;
use crate::store::{Job, Status};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use std::process::ExitCode;
use tracing::{error, info, warn};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewCommand {
    pub(crate) text: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Accepted {
    pub(crate) job_id: i64,
}

type Outcome<T> = Result<T, StatusCode>;

pub(crate) async fn serve(options: &ServeOptions) -> anyhow::Result<ExitCode> {
    let run = obs::init("job-service")?;
    run.artifact(&options.database, "database");
    let jobs = Jobs::open(&options.database, options.provider.clone()).await?;
    let app = routes(jobs.clone()).layer(obs::http::ServerLayer::new());
    processes::serve(app).await?;
    jobs.finish().await;
    Ok(processes::finish(run))
}

/// The service, without anything that observes it.
pub fn routes(jobs: Jobs) -> Router {
    Router::new()
        .route("/commands", post(command))
        .route("/jobs", get(list))
        .route("/jobs/{id}", get(show).delete(cancel))
        .route("/health", get(|| async { "well" }))
        .with_state(jobs)
}

async fn command(
    State(jobs): State<Jobs>,
    Json(command): Json<NewCommand>,
) -> Outcome<(StatusCode, Json<Accepted>)> {
    info!(characters = command.text.chars().count(), "command received");
    let Some(kind) = Kind::of(&command.text) else {
        warn!("nobody knows what the command wants");
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    };
    let job_id = jobs.begin(kind, command.text).await.map_err(failed)?;
    Ok((StatusCode::ACCEPTED, Json(Accepted { job_id })))
}

async fn list(State(jobs): State<Jobs>) -> Outcome<Json<Vec<Job>>> {
    jobs.store.jobs().await.map(Json).map_err(failed)
}

async fn show(State(jobs): State<Jobs>, Path(id): Path<i64>) -> Outcome<Json<Job>> {
    let job = jobs.store.job(id).await.map_err(failed)?;
    let job = job.ok_or(StatusCode::NOT_FOUND)?;
    info!(job_id = id, status = job.status.as_str(), "job shown");
    Ok(Json(job))
}

async fn cancel(State(jobs): State<Jobs>, Path(id): Path<i64>) -> Outcome<StatusCode> {
    let is_cancelled = jobs.store.advance(id, Status::Cancelled, None).await.map_err(failed)?;
    Ok(if is_cancelled { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT })
}

fn failed(error: sqlx::Error) -> StatusCode {
    error!(error = &error as &dyn std::error::Error, "the database fails");
    StatusCode::INTERNAL_SERVER_ERROR
}
