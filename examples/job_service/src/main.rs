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

use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    job_service::run()
}
