//! A service that takes commands and does them as jobs in the background, with the help of a provider that is slow and
//! sometimes fails. Both are processes of this program; without arguments it starts them, sends them some commands, and
//! tells what became of those.
//!
//! ```sh
//! cargo run -p job_service                                  # two processes, some load, a summary
//! cargo run -p job_service -- check --requests 1000         # and whether each request is one trace
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run -p job_service
//! ```
#![forbid(unsafe_code)]

mod check;
mod collector;
mod intent;
mod jobs;
mod load;
mod options;
mod processes;
mod provider;
mod providers;
mod service;
mod store;
mod summary;

use clap::Parser;
use options::{Command, Options};
use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match options.command.unwrap_or(Command::Run(options.load)) {
            Command::Run(load) => summary::run(&load).await,
            Command::Check(check) => check::run(&check).await,
            Command::Serve(serve) => service::serve(&serve).await,
            Command::Provide => provider::serve().await,
        }
    })
}
