//! What the program does, by its command line.
use crate::options::{Command, Options};
use crate::{check, provider, service, summary};
use clap::Parser;
use std::process::ExitCode;

/// Does what the command line says.
///
/// # Errors
///
/// When a process cannot be started, or something else that it needs is not there.
pub fn run() -> anyhow::Result<ExitCode> {
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
