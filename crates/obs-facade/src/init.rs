//! From settings to a run.
use crate::changes::{Changes, Passing};
use crate::environment::EnvironmentFile;
use crate::past::{self, Past};
use crate::run::{Parts, Run};
use crate::sending::{Sending, Source};
use crate::watch::Watch;
use crate::{announce, directory, resource, standard};
use obs_core::io::Disk;
use obs_core::settings::{ColorChoice, LogFormat};
use obs_core::{Filter, Level, RunId, Settings, Sink, UnixNanos};
use obs_log::{ConsoleSink, JsonLines, SpanTrees, TextLines};
use obs_recorder::layout::RunDirectory;
use obs_recorder::{Clock, SinkBox, Start, StartError, SystemClock};
use obs_trace::Capture;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Held while a run starts: of several threads that try at once one succeeds, and the others leave nothing behind.
static STARTING: Mutex<()> = Mutex::new(());

/// Why no run could be started. The program goes on as it was.
#[derive(Debug, thiserror::Error)]
#[error("cannot start a run: {message}")]
pub struct InitError {
    kind: InitErrorKind,
    message: String,
}

/// Why no run could be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InitErrorKind {
    /// A run of this process is alive: finish it first.
    Occupied,
    /// Another `tracing` subscriber is the process's global one.
    Subscriber,
    /// The system refused something: a thread, a file.
    System,
}

impl InitError {
    /// Why, for code.
    #[must_use]
    pub fn kind(&self) -> InitErrorKind {
        self.kind
    }

    fn new(kind: InitErrorKind, message: impl ToString) -> Self {
        Self { kind, message: message.to_string() }
    }
}

impl From<StartError> for InitError {
    fn from(error: StartError) -> Self {
        let kind = match error {
            StartError::Occupied => InitErrorKind::Occupied,
            _ => InitErrorKind::System,
        };
        Self::new(kind, error)
    }
}

/// Starts a run of `service`, with settings from the environment and the file that it names.
///
/// Settings that make no sense never stop a program: the default holds, and a warning says so. With no writable
/// directory the run is shown on standard error alone, and says that, too. A forked child records into its parent's run
/// until it starts one of its own, which names that as its parent.
///
/// # Errors
///
/// [`InitError`]: a run is alive already, or another global `tracing` subscriber is there.
pub fn init(service: &str) -> Result<Run, InitError> {
    let mut settings = Settings::from_env();
    settings.service = service.to_owned();
    init_with(settings)
}

/// As [`init`], for a program with a `tracing` registry of its own: the run does not become the process's subscriber,
/// nor its logger. [`layer`](crate::layer) in that registry brings its events and spans, and
/// [`install_logger`](crate::install_logger) the records of `log`; panics are recorded in any case. Settings say it
/// by `subscriber = false`. Where the registry has a console, the run's is a second one: `console = false` ends that.
///
/// # Errors
///
/// [`InitError`]: a run is alive already.
#[cfg(feature = "layer")]
pub fn init_beside(service: &str) -> Result<Run, InitError> {
    let mut settings = Settings::from_env();
    settings.service = service.to_owned();
    settings.subscriber = false;
    init_with(settings)
}

/// Starts a run with the given settings.
///
/// # Errors
///
/// As [`init`].
pub fn init_with(mut settings: Settings) -> Result<Run, InitError> {
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if obs_recorder::is_occupied() {
        return Err(StartError::Occupied.into());
    }
    let program = std::env::current_exe().unwrap_or_default();
    settings.name_after(&program);
    settings.keep_bounds();
    let capture = front_ends(&settings)?;
    let clock = SystemClock::new();
    let now = UnixNanos(clock.anchor().unix_ns);
    let run_id = RunId::new(now.0 / 1_000_000, random(now));
    let mut made = directory::make(&settings, run_id, now);
    let filter = settings.capture.clone().unwrap_or_else(|| default_filter(&settings, &program));
    let resource = resource::of_process(&settings, run_id, &program);
    let source = Source { run_id, resource: &resource, directory: made.path.as_deref() };
    let mut sending = Sending::new(&settings, &source);
    let mut words = words(&settings, &filter, made.path.as_deref());
    words.extend(sending.words());
    let mut sinks = sinks(&settings, run_id, made.path.as_deref());
    sinks.extend(std::mem::take(&mut sending.sinks).into_iter().map(SinkBox));
    obs_recorder::announce::set_level(settings.otel.log_level);
    let inner = obs_recorder::Run::start(Start {
        settings: &settings,
        run_id,
        parent: obs_recorder::inherited_run(),
        directory: made.path.clone().map(RunDirectory::new),
        lock: made.lock.take(),
        sinks,
        io: Arc::new(Disk::new()),
        words,
        resource,
    });
    let inner = inner.map_err(|error| left_nothing(error, made.path.as_deref()))?;
    obs_trace::set_otel(&settings.otel);
    obs_trace::set_traces_per_second(settings.traces_per_second_max);
    #[cfg(feature = "opentelemetry")]
    if settings.subscriber {
        obs_otel::install(capture.clone());
    }
    capture.set(Some(filter.clone()));
    let has_log = capture.has_log() || !settings.subscriber;
    warn_of(&settings, &made, has_log, inner.passed_over());
    sending.warn();
    let changes = Arc::new(changes(&settings, capture, filter));
    let watch = warned(Watch::start(Arc::clone(&changes), settings.filter_signal));
    let (environment, past) =
        side_threads(&settings, made.path.as_deref(), &inner.place().to_string());
    Ok(Run::new(Parts { inner, changes, watch, environment, past, settings }))
}

/// What the process's events come from.
fn front_ends(settings: &Settings) -> Result<Capture, InitError> {
    if !settings.subscriber {
        return Ok(obs_trace::beside());
    }
    obs_trace::install().map_err(|error| {
        let help = "`obs::init_beside` starts a run that leaves it there, and `obs::layer` records \
                    what it is given (feature `layer`)";
        InitError::new(InitErrorKind::Subscriber, format!("{error}; {help}"))
    })
}

fn changes(settings: &Settings, capture: Capture, filter: Filter) -> Changes {
    let on_signal = Passing {
        filter: settings.capture_on_signal.clone(),
        length: settings.capture_on_signal_for,
    };
    Changes::new(capture, filter, on_signal)
}

/// The error of a run that did not start, whose directory is removed: nothing in it is worth recovering.
fn left_nothing(error: StartError, directory: Option<&Path>) -> InitError {
    let removed = directory.map_or(Ok(()), std::fs::remove_dir_all);
    let mut error = InitError::from(error);
    if let (Err(why), Some(directory)) = (removed, directory) {
        error.message += &format!("; cannot remove {}: {why}", directory.display());
    }
    error
}

fn random(now: UnixNanos) -> u128 {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u128::from_le_bytes(bytes),
        // Without entropy, time and process still make the id differ from all others of this machine.
        Err(_) => u128::from(now.0) << 64 | u128::from(std::process::id()),
    }
}

/// Info for all, debug for the program's own crates: those that are called like the program or the service.
fn default_filter(settings: &Settings, program: &Path) -> Filter {
    let name = program.file_stem().unwrap_or_default().to_string_lossy().replace('-', "_");
    let service = settings.service.replace('-', "_");
    Filter::default_for(&[&name, &service])
}

fn sinks(settings: &Settings, run_id: RunId, directory: Option<&Path>) -> Vec<SinkBox> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    let directory_fails = directory.is_none();
    if shows_log(settings) || directory_fails {
        sinks.push(console(settings, run_id));
    }
    if settings.otel.traces_exporter.is_some_and(|to| to.console) {
        sinks.push(console_traces(settings, run_id));
    }
    if let Some(directory) = directory {
        sinks.extend(past::file_sinks(directory, run_id, settings, false));
    }
    sinks.into_iter().map(SinkBox).collect()
}

/// Whether the console shows log lines.
fn shows_log(settings: &Settings) -> bool {
    settings.console || settings.otel.logs_exporter.is_some_and(|to| to.console)
}

fn console(settings: &Settings, run_id: RunId) -> Box<dyn Sink> {
    if settings.log_format == LogFormat::Json {
        let lines = JsonLines::log(run_id);
        return Box::new(ConsoleSink::new(standard::output(), lines, settings.log_level));
    }
    let lines = text_lines(settings);
    Box::new(ConsoleSink::new(standard::error(), lines, settings.log_level))
}

/// Spans on the console: whole traces as trees for people, each as a line for programs.
fn console_traces(settings: &Settings, run_id: RunId) -> Box<dyn Sink> {
    const NAME: &str = "console-traces";
    if settings.log_format == LogFormat::Json {
        let lines = JsonLines::spans(run_id);
        return Box::new(ConsoleSink::new(standard::output(), lines, Level::Trace).named(NAME));
    }
    let trees = SpanTrees::new(text_lines(settings));
    Box::new(ConsoleSink::new(standard::error(), trees, Level::Trace).named(NAME))
}

fn text_lines(settings: &Settings) -> TextLines {
    let is_colored = match settings.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        _ => std::io::stderr().is_terminal(),
    };
    if is_colored { TextLines::colored() } else { TextLines::plain() }
}

/// What the record of the run's start says besides.
fn words(settings: &Settings, filter: &Filter, directory: Option<&Path>) -> Vec<(String, String)> {
    let files = if settings.log_file { "log.jsonl, spans.jsonl" } else { "off" };
    let files = if directory.is_some() { files } else { "off: no directory" };
    let console = match (shows_log(settings) || directory.is_none(), settings.log_format) {
        (false, _) => "off",
        (true, LogFormat::Json) => "stdout, json",
        (true, _) => "stderr, text",
    };
    let directory = directory.map_or_else(|| "none".to_owned(), |path| path.display().to_string());
    let pairs = [
        ("directory", directory),
        ("capture", filter.to_string()),
        ("console", console.to_owned()),
        ("files", files.to_owned()),
        ("log_level", settings.log_level.to_string()),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn warn_of(settings: &Settings, made: &directory::Made, has_log: bool, passed_over: &[String]) {
    if made.path.is_none() {
        let tried = made.failures.join("; ");
        announce::warn(&format!(
            "no run directory can be made, so nothing stays of this run but these lines: {tried}"
        ));
    } else {
        made.failures
            .iter()
            .for_each(|failure| announce::warn(&format!("no run directory in {failure}")));
    }
    passed_over.iter().for_each(|place| announce::warn(&format!("no rings in {place}")));
    settings.problems.iter().for_each(|problem| announce::warn(&problem.to_string()));
    if !has_log {
        announce::warn(
            "another logger is installed for the `log` crate: its records are not in this run",
        );
    }
}

/// What goes on beside the run. A thread that cannot be started is a warning.
fn side_threads(
    settings: &Settings,
    directory: Option<&Path>,
    ring_place: &str,
) -> (Option<EnvironmentFile>, Option<Past>) {
    let Some(directory) = directory else { return (None, None) };
    let path = directory.join("env.json");
    let environment = EnvironmentFile::collect(path, settings.clone(), ring_place.to_owned());
    let root = directory.parent().map_or_else(PathBuf::new, Path::to_owned);
    let past = Past::look_after(root, directory.to_owned(), settings.clone());
    (warned(environment), warned(past))
}

/// The thread, or a warning that there is none.
fn warned<T>(thread: std::io::Result<T>) -> Option<T> {
    thread.inspect_err(|error| announce::warn(&format!("cannot start a thread: {error}"))).ok()
}
