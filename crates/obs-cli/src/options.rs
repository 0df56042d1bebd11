//! The command line.
use crate::exit::CODES;
use crate::failure::{Failure, Result};
use crate::filter::Filter;
use crate::sql::options::SqlCommandOptions;
use crate::state;
use clap::{Args, Parser, Subcommand};
use obs_bundle::Glob;
use obs_core::redact::Rules;
use obs_core::settings::{ColorChoice, OtlpProtocol};
use obs_core::time::parse_when;
use obs_core::{Level, UnixNanos};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

/// Lists, reads, recovers and bundles what runs left behind.
#[derive(Debug, Parser)]
#[command(name = "obs", version, after_help = CODES)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The directory of the run directories [default: OBS_RUN_ROOT, else those of all services]
    #[arg(long, global = true, value_name = "DIR", display_order = 100)]
    pub(crate) root: Option<PathBuf>,
    /// Colours: auto, always or never [default: OBS_COLOR or NO_COLOR, else on a terminal]
    #[arg(long, global = true, value_name = "WHEN", display_order = 101)]
    pub(crate) color: Option<ColorChoice>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists runs, newest first
    Runs(RunsOptions),
    /// Shows a run's records, also while it is alive
    Logs(LogsOptions),
    /// Completes what a dead run left, and says how it ended
    Recover(RecoverOptions),
    /// Puts a run into one file for support, or checks such a file
    Bundle(Box<BundleOptions>),
    /// Takes secrets out of a text: from standard input to standard output
    Redact(RedactOptions),
    /// Sends what receivers have not got of a run that has ended, by OTLP
    Send(SendOptions),
    /// Writes a run's records as files for other tools
    Export(ExportOptions),
    /// Looks after the database that records are kept in, and asks it
    Sql(SqlCommandOptions),
    /// Says what is wrong with the set-up of a program, and what to do
    Doctor(DoctorOptions),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Reads run.json of each run, and whether its lock is taken. The counts of a run that is alive, or died and was not
recovered, are not known there and shown as `-`.

Runs that failed in the same way have the same LIKE: the beginning of a fingerprint, which is made of how a run ended,
and where, without what differs from run to run. --failures also counts the runs that were removed since.")]
pub(crate) struct RunsOptions {
    /// Only runs of this service
    pub(crate) service: Option<String>,
    /// The ways in which runs failed, and how often
    #[arg(long, conflicts_with = "like")]
    pub(crate) failures: bool,
    /// Only runs that failed in the same way as this run, or that have this LIKE
    #[arg(long, value_name = "RUN")]
    pub(crate) like: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// At most so many
    #[arg(short = 'n', long = "count", value_name = "N")]
    pub(crate) count: Option<usize>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A FILTER is a field of the JSON line, an operator and a value:
  field=value  field!=value         equal or not; a line without the field passes `!=`
  field>value  >=  <  <=            as numbers where both are, else as texts; levels by severity
  field~text   field!~text          contains the text or not
Fields are those of the record, its spans, its context and its run, and event, logger, level, thread, trace_id,
span_id, seq. All filters must hold. Quote those with `<` or `>` against the shell: 'elapsed_ms>100'.

WHEN is 2026-11-22T10:00, 2026-11-22, 10:05 (UTC), today, yesterday, or an age such as 3h or -3h.

Lines that tell of lost or withheld records are always shown within the time asked for.")]
pub(crate) struct LogsOptions {
    /// The run [default: the newest], then filters
    #[arg(value_name = "RUN] [FILTER")]
    pub(crate) words: Vec<String>,
    /// A filter, wherever it stands
    #[arg(short, long = "filter", value_name = "FILTER")]
    pub(crate) filters: Vec<Filter>,
    /// Only records of this level and above
    #[arg(short, long, value_name = "LEVEL")]
    pub(crate) level: Option<Level>,
    /// Only records whose logger begins like this
    #[arg(short, long, value_name = "PREFIX")]
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) time: TimeOptions,
    /// Only the last N lines
    #[arg(long, value_name = "N")]
    pub(crate) tail: Option<usize>,
    /// Spans, too, where they ended
    #[arg(long)]
    pub(crate) spans: bool,
    /// The lines of log.jsonl
    #[arg(long)]
    pub(crate) json: bool,
}

/// Forms that other tools read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ExportFormat {
    /// otlp/traces-NNNN.json and otlp/logs-NNNN.json
    OtlpJson,
}

#[derive(Debug, Args)]
#[command(after_help = "\
otlp-json writes otlp/traces-0001.json, otlp/logs-0001.json and so on below DIR: each one JSON object on one line, of
900 kB at most unless a single record is larger. `curl -H 'content-type: application/json' -d @FILE` sends one to
/v1/traces or /v1/logs of a receiver; the collector's otlp_json_file receiver and Jaeger's upload read them as they are.

All spans that have ended are in them, sampled or not. Secrets are taken out once more.")]
pub(crate) struct ExportOptions {
    /// The run [default: the newest]
    pub(crate) run: Option<String>,
    /// The form
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
    /// The directory that `otlp` is made in [default: the current one]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Only log records of this level and above [default: all]
    #[arg(short, long, value_name = "LEVEL")]
    pub(crate) level: Option<Level>,
    #[command(flatten)]
    pub(crate) time: TimeOptions,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// A part of a run's time.
#[derive(Debug, Args)]
pub(crate) struct TimeOptions {
    /// Only records from this time on
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    since: Option<String>,
    /// Only records before this time
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    until: Option<String>,
}

impl TimeOptions {
    /// The first instant of it, and the first behind it, where they are given.
    pub(crate) fn bounds(&self) -> Result<(Option<UnixNanos>, Option<UnixNanos>)> {
        let now = state::now();
        let read = |text: &String| parse_when(text, now).map_err(Failure::usage);
        let (since, until) = (self.since.as_ref().map(read), self.until.as_ref().map(read));
        Ok((since.transpose()?, until.transpose()?))
    }

    /// All of it.
    pub(crate) fn range(&self) -> Result<Range<UnixNanos>> {
        let (since, until) = self.bounds()?;
        Ok(since.unwrap_or(UnixNanos::EPOCH)..until.unwrap_or(UnixNanos::MAX))
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
What the run's memory and journal hold goes to its log and span files; spans that were open are written as unfinished.
Nothing is removed before that is safe; a recovery that is interrupted is simply begun again.")]
pub(crate) struct RecoverOptions {
    /// The run [default: the newest that died and was not recovered]
    pub(crate) run: Option<String>,
    /// Every dead run of all services
    #[arg(long, conflicts_with = "run")]
    pub(crate) all: bool,
    /// One JSON object a run
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Where to, and how, the OTEL_* variables say as they do for a program; docs/otel.md lists them. A run that died is
recovered first. What was sent before is not sent again. Records keep their times.")]
pub(crate) struct SendOptions {
    /// The run [default: the newest]
    pub(crate) run: Option<String>,
    /// Where to, such as http://localhost:4318 [default: OTEL_EXPORTER_OTLP_ENDPOINT]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// `http/protobuf` or `grpc` [default: OTEL_EXPORTER_OTLP_PROTOCOL, else http/protobuf]
    #[arg(long)]
    pub(crate) protocol: Option<OtlpProtocol>,
    /// Everything, also what was sent or refused before
    #[arg(long)]
    pub(crate) again: bool,
    /// How long a receiver that fails is tried
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = obs_core::time::parse_duration)]
    pub(crate) patience: Duration,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Run it with the environment and as the user of the program: settings are read as a program reads them. Nothing is
changed; every receiver that is set gets a request that holds nothing. docs/doctor.md lists all findings.

Exit code 0: all is well, notes apart. 7: there is a warning or a problem.")]
pub(crate) struct DoctorOptions {
    /// The service whose set-up it is [default: OBS_SERVICE or OTEL_SERVICE_NAME]
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// How long a receiver is tried, and a file system is waited for
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = obs_core::time::parse_duration)]
    pub(crate) timeout: Duration,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
WHEN is 2026-11-22T10:00, 2026-11-22, 10:05 (UTC), today, yesterday, or an age such as 3h or -3h. It chooses lines of
logs, spans and actions, and leaves out segments of the journal that are outside as a whole.

A GLOB has * for any characters, slashes too, ? for one and [a-z] for one of several; quote it against the shell.

Ctrl-C or SIGTERM ends a bundle early: what is there by then is kept, and is a bundle in part. A second one removes it.

It gives way to other processes, as `nice` makes it."
)]
pub(crate) struct BundleOptions {
    #[command(subcommand)]
    pub(crate) command: Option<BundleCommand>,
    #[command(flatten)]
    pub(crate) bundle: WriteOptions,
}

#[derive(Debug, Args)]
pub(crate) struct WriteOptions {
    /// The run [default: the newest]
    pub(crate) run: Option<String>,
    /// The file to write, or the directory for it [default: the run directory]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) time: TimeOptions,
    /// Only files whose paths in the bundle fit, such as 'run/log*'; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<Glob>,
    /// No files whose paths in the bundle fit; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<Glob>,
    /// Without the journal, which is what reports and replays are made from
    #[arg(long)]
    pub(crate) no_journal: bool,
    /// With artefacts that are no text, as they are: secrets in them cannot be seen
    #[arg(long)]
    pub(crate) include_binary: bool,
    /// What the bundle may take, such as 50MiB: the oldest lines are left out first
    #[arg(long, value_name = "SIZE", value_parser = crate::size::parse)]
    pub(crate) max_size: Option<u64>,
    /// What artefacts may take together, such as 64MiB [default: 128MiB, and 64MiB each]
    #[arg(long, value_name = "SIZE", value_parser = crate::size::parse)]
    pub(crate) artifacts_max: Option<u64>,
    #[command(flatten)]
    pub(crate) seal: SealOptions,
    /// How long each collector is waited for, such as 10s [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = obs_core::time::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Who is to know who made a bundle, and who is to read it.
#[derive(Debug, Args)]
pub(crate) struct SealOptions {
    /// Sign it with this secret key of minisign
    #[arg(long, value_name = "FILE")]
    pub(crate) sign_key: Option<PathBuf>,
    /// The variable that holds the key's password, if it has one
    #[arg(long, value_name = "VAR", requires = "sign_key")]
    pub(crate) sign_password_env: Option<String>,
    /// Encrypt it to this recipient of age, age1…; may be repeated
    #[arg(long, value_name = "RECIPIENT")]
    pub(crate) encrypt_to: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Tells what a bundle of a run would hold, and writes nothing
    List(WriteOptions),
    /// Checks that a bundle is whole, without unpacking it
    Verify(VerifyOptions),
    /// Makes a bundle of a bundle: redacts it once more, and leaves files out
    Redact(Box<TightenOptions>),
    /// Shows what a bundle is about, or one of its files, without unpacking it
    View(ViewOptions),
    /// Tells on a page what somebody should know who is handed a bundle
    Summary(SummaryOptions),
}

#[derive(Debug, Args)]
#[command(after_help = "\
That a bundle is whole says that nothing in it was changed, not who made it: that is for a signature to say, and takes
the public key of who is to have made it.")]
pub(crate) struct VerifyOptions {
    /// The bundle
    pub(crate) zip: PathBuf,
    /// The public key of minisign, or the file of it, that must have signed it
    #[arg(long, value_name = "KEY")]
    pub(crate) public_key: Option<String>,
    /// The file of an identity of age that can decrypt it
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
RULES are those of the setting `redact`: names with commas between, `!` before those that are plain, and patterns such
as badge=/ACME-[0-9]{8}/.

The bundle is checked first, and stays as it is; what is made of it says so. Marks of redaction stay as they are, new
ones have digits only where --run names the run that the bundle is of, and its directory still has its key.")]
pub(crate) struct TightenOptions {
    /// The bundle
    pub(crate) zip: PathBuf,
    /// The file to write, or the directory for it; none is replaced [default: <ZIP>-redacted.zip beside it]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// What is secret, too, beside the setting `redact`; may be repeated
    #[arg(long, value_name = "RULES")]
    pub(crate) redact: Vec<Rules>,
    /// Only files whose paths in the bundle fit, such as 'run/log*'; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<Glob>,
    /// No files whose paths in the bundle fit; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<Glob>,
    /// With files that are no text, as they are: secrets in them cannot be seen
    #[arg(long)]
    pub(crate) include_binary: bool,
    /// The run that the bundle is of, whose key makes the digits of new marks
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,
    /// The file of an identity of age that can decrypt the bundle
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) seal: SealOptions,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ViewOptions {
    /// The bundle
    pub(crate) zip: PathBuf,
    /// A file in it, such as run/log.jsonl; its bytes are shown once they are found to be those that were put in
    pub(crate) path: Option<String>,
    /// The file of an identity of age that can decrypt it
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SummaryOptions {
    /// The bundle
    pub(crate) zip: PathBuf,
    /// Markdown, as issue trackers and assistants take it: the default
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// The file of an identity of age that can decrypt it
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
In the place of a secret stands [REDACTED:rule#digits]. Equal secrets have equal digits, which say nothing without the
key; there is a new key each time, unless one is given. Redacting twice is redacting once.")]
pub(crate) struct RedactOptions {
    /// Each line is one JSON value: its strings are redacted, everything else stays as it is written
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// The key of the digits: a file of random bytes, 16 or more
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// At the end, says on standard error how many secrets each rule took out
    #[arg(long)]
    pub(crate) report: bool,
}
