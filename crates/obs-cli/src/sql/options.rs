//! The command line of `obs sql`.
use crate::options::TimeOptions;
use clap::{Args, Subcommand, ValueEnum};
use obs_core::time::parse_duration as duration;
use obs_core::{RunId, TraceId};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
#[command(after_help = "\
URL is sqlite://logs.db, postgres://user:password@host/name or mysql://user:password@host/name. Others of this machine
can see the command line: a password is better off in OBS_SQL_URL. docs/sql.md describes the tables.")]
pub(crate) struct SqlCommandOptions {
    #[command(subcommand)]
    pub(crate) command: SqlCommand,
    /// The database [default: OBS_SQL_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SqlCommand {
    /// Makes the tables, or brings them up to date, as a program does that begins to write
    Migrate(MigrateOptions),
    /// Removes old records, in steps that nobody waits long for
    Cleanup(CleanupOptions),
    /// Brings runs and bundles into the database, as far as they are not there
    Import(ImportOptions),
    /// Answers a question
    Query(QueryOptions),
}

#[derive(Debug, Args)]
pub(crate) struct MigrateOptions {
    /// Only shows the statements
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Records of all services go, and runs that ended before that time and have none left. Partitions that hold nothing newer
go as a whole. Ctrl-C ends it where it is; what is removed is removed.")]
pub(crate) struct CleanupOptions {
    /// The age from which on records go, such as 30d
    #[arg(long, value_name = "AGE", value_parser = duration)]
    pub(crate) older_than: Duration,
    /// Only counts what would go
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A record that is there already is passed over, so an import can be repeated, and goes on where an earlier one or the
program itself stopped. A run that died is recovered first. Of a bundle its journal is read, so it has to have one.

What the database refuses goes to rejected.jsonl in the run directory, or to BUNDLE.rejected.jsonl beside BUNDLE.")]
pub(crate) struct ImportOptions {
    /// Runs, and files of bundles
    #[arg(required = true, value_name = "RUN|BUNDLE")]
    pub(crate) what: Vec<String>,
    /// How long a database that fails is tried
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub(crate) patience: Duration,
    /// The file of an identity of age that can decrypt the bundles
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is wanted to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum About {
    /// The runs, the newest first
    Runs,
    /// Events of level error and above, the newest first
    Errors,
    /// The spans that took longest
    SlowSpans,
    /// How often each action was taken and failed, and how long it took; the slowest first
    Actions,
    /// The spans and log records of a trace, in the order of their times
    Trace,
}

/// Forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// For people
    Table,
    /// One JSON object a line
    Json,
    /// With commas between values; what a spreadsheet would take for a formula has a quote in front
    Csv,
}

#[derive(Debug, Args)]
#[command(after_help = "\
WHEN is 2026-11-22T10:00, 2026-11-22, 10:05 (UTC), today, yesterday, or an age such as 3h or -3h.")]
pub(crate) struct QueryOptions {
    /// The question
    pub(crate) about: About,
    /// The trace, for `trace`
    #[arg(required_if_eq("about", "trace"), value_name = "TRACE_ID")]
    pub(crate) trace: Option<TraceId>,
    /// Only of the run with this id
    #[arg(long, value_name = "RUN_ID")]
    pub(crate) run: Option<RunId>,
    /// Only of runs of this service
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    #[command(flatten)]
    pub(crate) time: TimeOptions,
    /// At most so many rows
    #[arg(short = 'n', long = "count", value_name = "N", default_value = "100")]
    pub(crate) count: u32,
    /// The form of the answer [default: a table on a terminal, else JSON]
    #[arg(long, value_name = "FORM")]
    pub(crate) format: Option<AnswerFormat>,
}
