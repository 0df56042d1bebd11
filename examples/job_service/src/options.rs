//! The command line.
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A service with background jobs, observed by obs.
#[derive(Debug, Parser)]
#[command(name = "job_service")]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) load: LoadOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts service and provider, sends commands, and tells what became of them
    Run(LoadOptions),
    /// The same, with a receiver of its own, and looks whether each request is one trace
    Check(CheckOptions),
    /// The service alone, until standard input ends
    Serve(ServeOptions),
    /// The provider alone, until standard input ends
    Provide,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct LoadOptions {
    /// Commands that are sent
    #[arg(long, default_value_t = 200)]
    pub(crate) requests: usize,
    /// How many are on their way at once
    #[arg(long, default_value_t = 8)]
    pub(crate) at_once: usize,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CheckOptions {
    #[command(flatten)]
    pub(crate) load: LoadOptions,
    /// A collector to send through, as a command of the shell: `{in}` stands for the address where it is to listen,
    /// `{out}` for the endpoint to send on to
    #[arg(long, value_name = "COMMAND")]
    pub(crate) collector: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ServeOptions {
    /// Where the provider is
    #[arg(long)]
    pub(crate) provider: String,
    /// The database of the jobs
    #[arg(long)]
    pub(crate) database: PathBuf,
}
