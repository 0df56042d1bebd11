//! The table of all settings: the one list of what there is.

use std::ffi::OsStr;
use std::time::Duration;

use super::choice::{
    BundleOn, ColorChoice, FilterSignal, LogFormat, Overflow, RingPlace, SqlPartition,
};
use super::value::{self, Kind, Value};
use super::{GIB, KIB, MIB, Settings, otel};

/// One setting. Its name is the field's, and the key in a file.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) var: Var,
    pub(super) kind: Kind,
    /// What the manual says of the default, if it is more than the value.
    pub(super) default: &'static str,
    pub(super) doc: &'static str,
    /// The variable that counts where the row's own is not set or wrong.
    pub(super) fallback: Option<Fallback>,
    /// Assigns the value of a text, or says why not.
    pub(super) assign: fn(&mut Settings, &OsStr, Kind) -> Result<(), &'static str>,
    pub(super) show: fn(&Settings) -> String,
    /// The number that bounds apply to.
    pub(super) number: fn(&Settings) -> u128,
}

/// The environment variable of a setting.
#[derive(Clone, Copy)]
pub(super) enum Var {
    /// This one behind the prefix: `LOG_LEVEL` for `OBS_LOG_LEVEL`.
    Prefixed(&'static str),
    /// The setting's name in capitals, without a prefix: a variable known beyond this toolkit.
    Name,
}

impl Var {
    /// What stands behind the prefix, if there is one.
    pub(super) fn prefixed(self) -> Option<&'static str> {
        match self {
            Self::Prefixed(var) => Some(var),
            Self::Name => None,
        }
    }
}

impl Row {
    /// The whole name of the variable.
    pub(super) fn variable(&self, prefix: &str) -> String {
        match self.var {
            Var::Prefixed(var) => format!("{prefix}_{var}"),
            Var::Name => self.name.to_ascii_uppercase(),
        }
    }
}

/// A variable known beyond this toolkit, without a prefix.
#[derive(Clone, Copy)]
pub(super) struct Fallback {
    pub(super) var: &'static str,
    /// The text that it stands for once it is set and not empty; `None` is its own value.
    pub(super) text: Option<&'static str>,
}

macro_rules! row {
    ($field:ident, $env:literal, $kind:expr, $doc:literal) => {
        Row {
            name: stringify!($field),
            var: Var::Prefixed($env),
            kind: $kind,
            default: "",
            doc: $doc,
            fallback: None,
            assign: |settings, text, kind| value::assign(&mut settings.$field, text, kind),
            show: |settings| settings.$field.show(),
            number: |settings| settings.$field.number(),
        }
    };
}

const YEARS: Duration = Duration::from_secs(100 * 365 * 86_400);
const HOUR: Duration = Duration::from_secs(3_600);

const LEVEL: Kind = Kind::Word(&["trace", "debug", "info", "warn", "error", "fatal"]);
const COUNT: Kind = Kind::Count { max: u32::MAX as u64 };
const BYTES: Kind = Kind::Bytes { min: 0, max: u64::MAX };
const AGE: Kind = Kind::Interval { min: Duration::ZERO, max: YEARS };

/// Every setting, in the order of the manuals.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    OWN.iter().chain(otel::rows())
}

/// The toolkit's own settings.
pub(super) const OWN: &[Row] = &[
    Row {
        default: "the name of the program's file, else `unknown`",
        fallback: Some(Fallback { var: "OTEL_SERVICE_NAME", text: None }),
        ..row!(
            service,
            "SERVICE",
            Kind::Text,
            "The name of the service; runs are kept by it. `OTEL_SERVICE_NAME` counts where this is \
             not set."
        )
    },
    Row {
        default: "`runs` in the state directory of the service",
        ..row!(run_root, "RUN_ROOT", Kind::Path, "The directory of the run directories.")
    },
    Row {
        default: "`info`, and `debug` for the program's own crates",
        fallback: Some(Fallback { var: "RUST_LOG", text: None }),
        ..row!(
            capture,
            "CAPTURE",
            Kind::Filter,
            "What is recorded, in the syntax of `RUST_LOG`; `RUST_LOG` itself counts where this \
             is not set."
        )
    },
    Row {
        default: "no rules beside the built-in ones",
        ..row!(
            redact,
            "REDACT",
            Kind::Rules,
            "What is secret beside what is known as such: names, with `!` before those that are \
             not, and patterns between slashes that begin with three plain characters."
        )
    },
    row!(
        log_level,
        "LOG_LEVEL",
        LEVEL,
        "The lowest level on the console and in `log.jsonl`; the journal keeps all that is \
         recorded."
    ),
    row!(
        log_format,
        "LOG_FORMAT",
        Kind::Word(LogFormat::WORDS),
        "The form of the console: lines for people on stderr, or JSON lines on stdout."
    ),
    row!(console, "CONSOLE", Kind::Flag, "Whether the console shows log lines."),
    Row {
        fallback: Some(Fallback { var: "NO_COLOR", text: Some("never") }),
        ..row!(
            color,
            "COLOR",
            Kind::Word(ColorChoice::WORDS),
            "Whether the console uses colours; `NO_COLOR` set to anything means `never` where \
             this is not set."
        )
    },
    row!(log_file, "LOG_FILE", Kind::Flag, "Whether `log.jsonl` and `spans.jsonl` are written."),
    row!(
        overflow,
        "OVERFLOW",
        Kind::Word(Overflow::WORDS),
        "What a thread does whose ring is full: wait at most 10 ms and then refuse, refuse at \
         once, or wait as long as it takes, also for a file of the run that is behind."
    ),
    row!(
        ring_bytes,
        "RING_BYTES",
        Kind::BytesPowerOfTwo { min: 64 * KIB, max: 16 * MIB },
        "The size of a thread's ring. Small rings stay in the processor's cache."
    ),
    row!(
        rings_max,
        "RINGS_MAX",
        Kind::Count { max: 65_536 },
        "The number of rings; 0 is the larger of 64 and four per core. Threads beyond it share \
         four."
    ),
    row!(
        ring_place,
        "RING_PLACE",
        Kind::Word(RingPlace::WORDS),
        "Where rings are kept; `auto` is the first that works of the others. What is in `heap` \
         dies with the process."
    ),
    row!(
        stage_bytes,
        "STAGE_BYTES",
        Kind::BytesPowerOfTwo { min: MIB, max: GIB },
        "The size of the stage, which holds what is not yet on the disk."
    ),
    row!(
        segment_bytes,
        "SEGMENT_BYTES",
        Kind::Bytes { min: MIB, max: GIB },
        "The size at which a new segment of the journal begins."
    ),
    row!(
        journal_bytes_max,
        "JOURNAL_BYTES_MAX",
        Kind::Bytes { min: 4 * MIB, max: u64::MAX },
        "The size up to which the journal waits for sinks that fall behind; past it the oldest \
         segments go, counted."
    ),
    row!(
        sync_interval,
        "SYNC_INTERVAL",
        Kind::Interval { min: Duration::from_millis(10), max: HOUR },
        "How often the journal is synced to the disk: what a power cut can cost. Errors are \
         synced within 100 ms."
    ),
    row!(
        log_rotate_bytes,
        "LOG_ROTATE_BYTES",
        BYTES,
        "The size at which `log.jsonl` is rotated; 0 is never."
    ),
    row!(
        log_rotate_interval,
        "LOG_ROTATE_INTERVAL",
        AGE,
        "The age at which `log.jsonl` is rotated; 0 is never."
    ),
    row!(
        log_files_max,
        "LOG_FILES_MAX",
        COUNT,
        "The number of rotated log files that are kept; 0 is all."
    ),
    row!(log_gzip, "LOG_GZIP", Kind::Flag, "Whether rotated log files are compressed."),
    row!(
        runs_count_max,
        "RUNS_COUNT_MAX",
        COUNT,
        "The number of runs of the service that are kept; 0 is all."
    ),
    row!(
        runs_age_max,
        "RUNS_AGE_MAX",
        AGE,
        "The age up to which runs of the service are kept; 0 is for ever."
    ),
    row!(
        runs_bytes_max,
        "RUNS_BYTES_MAX",
        BYTES,
        "The size of all runs of the service together; 0 is without bound."
    ),
    row!(
        finish_timeout,
        "FINISH_TIMEOUT",
        Kind::Interval { min: Duration::ZERO, max: HOUR },
        "How long the end of a run may take; what is not delivered by then is delivered at the \
         next start."
    ),
    row!(
        crash_signals,
        "CRASH_SIGNALS",
        Kind::Flag,
        "Whether fatal signals are noted down before they take their course."
    ),
    row!(
        recover,
        "RECOVER",
        Kind::Flag,
        "Whether a start recovers earlier runs of the service in the background."
    ),
    row!(
        bundle_on,
        "BUNDLE_ON",
        Kind::Word(BundleOn::WORDS),
        "When a support bundle is made without being asked for, in `bundles` beside the runs: \
         after a `failure`, when a run was not finished by its program. A panic's own process \
         makes it, which takes three seconds more at most, else the next start in the \
         background, or `obs recover`. Runs that fail in the same way have one at once, then \
         one a day, and the first and the latest stay."
    ),
    row!(
        bundle_count_max,
        "BUNDLE_COUNT_MAX",
        Kind::Count { max: 1_000 },
        "The number of such bundles that are kept, and made within a day; 0 is none."
    ),
    row!(
        bundle_bytes_max,
        "BUNDLE_BYTES_MAX",
        Kind::Bytes { min: MIB, max: u64::MAX },
        "The size of all such bundles together. Each has a quarter of it, and holds what is \
         newest if that is too little."
    ),
    row!(
        subscriber,
        "SUBSCRIBER",
        Kind::Flag,
        "Whether the run becomes the `tracing` subscriber and the logger of the process; `false` \
         is for programs whose own registry holds `obs::layer`."
    ),
    Row {
        default: "none",
        ..row!(
            sql,
            "SQL_URL",
            Kind::Database,
            "The database that gets the records, too: `sqlite://logs.db`, \
             `postgres://user:password@host/name`, `mysql://…`. See [sql.md](sql.md)."
        )
    },
    row!(
        sql_columns,
        "SQL_COLUMNS",
        Kind::Columns,
        "The attributes that have an indexed column of their own there."
    ),
    row!(
        sql_partition,
        "SQL_PARTITION",
        Kind::Word(SqlPartition::WORDS),
        "How long the times are that one partition of its tables holds; PostgreSQL alone, and \
         only when the tables are made."
    ),
    row!(
        sql_age_max,
        "SQL_AGE_MAX",
        AGE,
        "The age up to which records are kept there, whoever wrote them; 0 is for ever."
    ),
    row!(
        traces_per_second_max,
        "TRACES_PER_SECOND_MAX",
        COUNT,
        "How many of the traces that begin here are sampled in a second, beside what \
         `OTEL_TRACES_SAMPLER` says; 0 is all. Those that come in are not counted."
    ),
    row!(
        traces_keep_errors,
        "TRACES_KEEP_ERRORS",
        Kind::Flag,
        "Whether a trace that is not sampled is sent all the same, as far as it is this \
         process's, once one of its spans here has ended with an error."
    ),
    row!(
        traces_keep_slower_than,
        "TRACES_KEEP_SLOWER_THAN",
        AGE,
        "The same, once one of its spans here took longer; 0 is never."
    ),
    Row {
        default: "none",
        ..row!(
            traces_keep_matching,
            "TRACES_KEEP_MATCHING",
            Kind::Pairs,
            "The same, once a span here has one of these attributes."
        )
    },
    row!(
        traces_wait,
        "TRACES_WAIT",
        Kind::Interval { min: Duration::ZERO, max: HOUR },
        "How long such a trace is kept for that after its last open span here has ended."
    ),
    row!(
        traces_wait_bytes_max,
        "TRACES_WAIT_BYTES_MAX",
        Kind::Bytes { min: MIB, max: 64 * GIB },
        "The memory for spans that wait so; past it the oldest trace is let go."
    ),
    row!(
        filter_signal,
        "FILTER_SIGNAL",
        Kind::Word(FilterSignal::WORDS),
        "The signal that makes `capture_on_signal` the capture filter, and when it comes again \
         takes it back."
    ),
    row!(
        capture_on_signal,
        "CAPTURE_ON_SIGNAL",
        Kind::Filter,
        "What is recorded after the signal."
    ),
    row!(
        capture_on_signal_for,
        "CAPTURE_ON_SIGNAL_FOR",
        Kind::Interval { min: Duration::from_secs(1), max: Duration::from_secs(365 * 86_400) },
        "How long that is recorded, if the signal does not come again."
    ),
];

/// The row of a name, and its place among all [`rows`].
pub(super) fn find(name: &str) -> Option<(usize, &'static Row)> {
    rows().enumerate().find(|(_, row)| row.name == name)
}
