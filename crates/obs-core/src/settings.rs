//! What a program and its operator can set, and where each value came from.
//!
//! Code beats environment beats file beats default. [`Settings::from_env`] is the only reader of
//! the environment in the whole toolkit; the file is the one that `OBS_CONFIG` names, a flat TOML
//! table whose keys are the names of the fields. A wrong value never stops a program: what would
//! hold without it stays, and a [`Problem`] says what was wrong, for the start-up line.
//!
//! One table drives all of it: reading, the names in problems, `docs/settings.md`.
//!
//! ```
//! use obs_core::settings::{Origin, Settings};
//!
//! let mut settings = Settings::from_vars([("OBS_LOG_LEVEL", "debug"), ("OBS_CONSOLE", "maybe")]);
//! settings.console = false;
//!
//! assert_eq!(settings.log_level, obs_core::Level::Debug);
//! assert_eq!(settings.origin("log_level"), Some(Origin::Env("OBS_LOG_LEVEL".into())));
//! assert_eq!(settings.origin("console"), Some(Origin::Code));
//! assert_eq!(
//!     settings.problems[0].to_string(),
//!     "OBS_CONSOLE=maybe is ignored: not understood, expected true or false",
//! );
//! ```

mod choice;
mod docs;
mod error;
mod file;
mod load;
mod origin;
pub mod otel;
mod paths;
mod problem;
mod sql;
mod table;
mod value;

use std::path::PathBuf;
use std::time::Duration;

pub use choice::{
    BundleOn, ColorChoice, Compression, DiagnosticLevel, FilterSignal, LogFormat, OtlpProtocol,
    Overflow, RingPlace, Sampler, SqlPartition,
};
pub use docs::{otel_tables_markdown, table_markdown};
pub use error::{SettingsError, SettingsErrorKind};
pub use origin::{Origin, Setting};
pub use otel::Otel;
pub use problem::{Problem, ProblemKind};
pub use sql::{SqlColumns, SqlKind, SqlUrl, SqlUrlError};

use crate::filter::Filter;
use crate::level::Level;
use crate::redact::Rules;
use origin::Loaded;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const DAY: Duration = Duration::from_secs(86_400);

/// Everything that can be set; assign fields after [`Settings::default`] or [`Settings::from_env`].
///
/// Texts are checked when they are read, fields that code assigned by
/// [`keep_bounds`](Self::keep_bounds).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The name of the service; runs are kept by it. Default `unknown`, see
    /// [`name_after`](Self::name_after).
    pub service: String,
    /// The directory of the run directories; `None` is below the state directory of the service.
    pub run_root: Option<PathBuf>,
    /// What is recorded; `None` is [`Filter::default_for`] the program's own crates.
    pub capture: Option<Filter>,
    /// What is secret, and what is not, beside what the built-in rules know.
    pub redact: Rules,
    /// The lowest level on the console and in `log.jsonl`.
    pub log_level: Level,
    /// The form of the lines on the console.
    pub log_format: LogFormat,
    /// Whether the console shows log lines.
    pub console: bool,
    /// Whether the console uses colours.
    pub color: ColorChoice,
    /// Whether `log.jsonl` and `spans.jsonl` are written.
    pub log_file: bool,
    /// What a thread does whose ring is full.
    pub overflow: Overflow,
    /// The size of a thread's ring: a power of two from 64 KiB to 16 MiB.
    pub ring_bytes: u64,
    /// The number of rings; 0 is the larger of 64 and four per core.
    pub rings_max: u32,
    /// Where rings are kept.
    pub ring_place: RingPlace,
    /// The size of the stage, the newest part of the journal: a power of two from 1 MiB to 1 GiB.
    pub stage_bytes: u64,
    /// The size at which a new segment of the journal begins: 1 MiB to 1 GiB.
    pub segment_bytes: u64,
    /// The size up to which the journal waits for sinks that fall behind; at least 4 MiB.
    pub journal_bytes_max: u64,
    /// How often the journal is synced to the disk: 10 ms to 1 h.
    pub sync_interval: Duration,
    /// The size at which `log.jsonl` is rotated; 0 is never.
    pub log_rotate_bytes: u64,
    /// The age at which `log.jsonl` is rotated; zero is never.
    pub log_rotate_interval: Duration,
    /// The number of rotated log files that are kept; 0 is all.
    pub log_files_max: u32,
    /// Whether rotated log files are compressed.
    pub log_gzip: bool,
    /// The number of runs of the service that are kept; 0 is all.
    pub runs_count_max: u32,
    /// The age up to which runs of the service are kept; zero is for ever.
    pub runs_age_max: Duration,
    /// The size of all runs of the service together; 0 is without bound.
    pub runs_bytes_max: u64,
    /// How long the end of a run may take.
    pub finish_timeout: Duration,
    /// Whether fatal signals are noted down before they take their course.
    pub crash_signals: bool,
    /// Whether a start recovers earlier runs of the service in the background.
    pub recover: bool,
    /// When a bundle is made without being asked for.
    pub bundle_on: BundleOn,
    /// The number of such bundles that are kept, and made within a day; 0 is none.
    pub bundle_count_max: u32,
    /// The size of all such bundles together; at least 1 MiB.
    pub bundle_bytes_max: u64,
    /// Whether the run becomes the `tracing` subscriber and the logger of the process.
    pub subscriber: bool,
    /// The database that gets the records, too.
    pub sql: Option<SqlUrl>,
    /// The attributes that have a column of their own there.
    pub sql_columns: SqlColumns,
    /// How long the times are that one partition of its tables holds.
    pub sql_partition: SqlPartition,
    /// The age up to which records are kept there; zero is for ever.
    pub sql_age_max: Duration,
    /// How many of the traces that begin here are sampled in a second; 0 is all.
    pub traces_per_second_max: u32,
    /// Whether traces that are not sampled are sent for an error.
    pub traces_keep_errors: bool,
    /// Whether traces that are not sampled are sent for a span that took longer; 0 is never.
    pub traces_keep_slower_than: Duration,
    /// Traces that are not sampled are sent for a span with one of these attributes.
    pub traces_keep_matching: otel::NamedValues,
    /// How long a trace is kept for that after its last open span has ended.
    pub traces_wait: Duration,
    /// The memory for spans that wait so.
    pub traces_wait_bytes_max: u64,
    /// The signal that switches the capture filter.
    pub filter_signal: FilterSignal,
    /// What is recorded after the signal.
    pub capture_on_signal: Filter,
    /// How long that is recorded, if no further signal comes: up to a year.
    pub capture_on_signal_for: Duration,
    /// What OpenTelemetry's own variables say.
    pub otel: Otel,

    /// `XDG_STATE_HOME`, else `.local/state` below `HOME`; absolute.
    pub state_dir: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`; absolute.
    pub runtime_dir: Option<PathBuf>,
    /// `TMPDIR`, else `/tmp`; absolute.
    pub temp_dir: PathBuf,
    /// What was wrong with the environment and the file, in the order it was found.
    pub problems: Vec<Problem>,

    loaded: Loaded,
}

impl Default for Settings {
    /// The defaults, without a look at environment or file.
    fn default() -> Self {
        let mut settings = Self {
            service: "unknown".to_owned(),
            run_root: None,
            capture: None,
            redact: Rules::default(),
            log_level: Level::Info,
            log_format: LogFormat::Text,
            console: true,
            color: ColorChoice::Auto,
            log_file: true,
            overflow: Overflow::Wait,
            ring_bytes: 256 * KIB,
            rings_max: 0,
            ring_place: RingPlace::Auto,
            stage_bytes: 8 * MIB,
            segment_bytes: 16 * MIB,
            journal_bytes_max: 256 * MIB,
            sync_interval: Duration::from_secs(1),
            log_rotate_bytes: 100 * MIB,
            log_rotate_interval: Duration::ZERO,
            log_files_max: 10,
            log_gzip: true,
            runs_count_max: 50,
            runs_age_max: 30 * DAY,
            runs_bytes_max: 5 * GIB,
            finish_timeout: Duration::from_secs(5),
            crash_signals: true,
            recover: true,
            bundle_on: BundleOn::Never,
            bundle_count_max: 8,
            bundle_bytes_max: 256 * MIB,
            subscriber: true,
            sql: None,
            sql_columns: SqlColumns::default(),
            sql_partition: SqlPartition::None,
            sql_age_max: Duration::ZERO,
            traces_per_second_max: 0,
            traces_keep_errors: false,
            traces_keep_slower_than: Duration::ZERO,
            traces_keep_matching: otel::NamedValues::default(),
            traces_wait: Duration::from_secs(10),
            traces_wait_bytes_max: 32 * MIB,
            filter_signal: FilterSignal::Off,
            capture_on_signal: Filter::everything_from(Level::Debug),
            capture_on_signal_for: Duration::from_secs(600),
            otel: Otel::default(),
            state_dir: None,
            runtime_dir: None,
            temp_dir: PathBuf::from("/tmp"),
            problems: Vec::new(),
            loaded: Loaded::default(),
        };
        settings.loaded = Loaded::defaults(&settings);
        settings
    }
}
