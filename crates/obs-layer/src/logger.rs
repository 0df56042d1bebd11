//! Records of `log` in a program with a registry of its own.
use log::Log;
use obs_trace::{Capture, log_records};
use std::cell::Cell;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use tracing_core::field::{Field, Visit};
use tracing_core::{Event, LevelFilter, Metadata};
use tracing_log::{AsLog, AsTrace, NormalizeEvent};

static INSTALLING: Mutex<()> = Mutex::new(());

thread_local! {
    /// Whether this thread passes on a record that was recorded already.
    static PASSES_ON: Cell<bool> = const { Cell::new(false) };
}

/// Another logger is the process's: its records come as events, if it makes such, and without key-values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot take the records of `log`: another logger is installed for the whole process")]
#[non_exhaustive]
pub struct LoggerError;

/// Makes this the process's logger: records reach the run with their key-values, and the subscriber of the process as
/// the events that `tracing-log` makes of them, so that other layers have them, too. Once it is, it stays.
///
/// # Errors
///
/// [`LoggerError`] if another logger is there.
pub fn install_logger(capture: &Capture) -> Result<(), LoggerError> {
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if capture.has_log() {
        return Ok(());
    }
    let logger = Logger { capture: capture.clone() };
    log::set_boxed_logger(Box::new(logger)).map_err(|_| LoggerError)?;
    capture.take_log_for_layers();
    Ok(())
}

/// Records, and passes on.
#[derive(Debug)]
struct Logger {
    capture: Capture,
}

impl Log for Logger {
    /// Other layers are asked by level alone: their filters would keep the answer for an event that never comes.
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level().as_trace() <= LevelFilter::current() || self.wants(metadata)
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.wants(record.metadata()) {
            log_records::emit(record);
        }
        if record.level().as_trace() <= LevelFilter::current() {
            let _passes_on = PassesOn::begin();
            let passed_on = tracing_log::format_trace(record);
            debug_assert!(passed_on.is_ok(), "nothing is written");
        }
    }

    fn flush(&self) {}
}

impl Logger {
    fn wants(&self, metadata: &log::Metadata<'_>) -> bool {
        self.capture.wants(metadata.target(), log_records::level_of(metadata.level()))
    }
}

/// While it lives, the thread passes on.
struct PassesOn {
    before: bool,
}

impl PassesOn {
    fn begin() -> Self {
        Self { before: PASSES_ON.replace(true) }
    }
}

impl Drop for PassesOn {
    fn drop(&mut self) {
        PASSES_ON.set(self.before);
    }
}

/// Records an event that `tracing-log` has made of a record of `log`, as that record, if nobody else has.
pub(crate) fn record_event(event: &Event<'_>, capture: &Capture) {
    let is_recorded = PASSES_ON.try_with(Cell::get).unwrap_or(false);
    let Some(metadata) = event.normalized_metadata().filter(|_| !is_recorded) else { return };
    let level = metadata.level().as_log();
    if !capture.wants(metadata.target(), log_records::level_of(level)) {
        return;
    }
    event.record(&mut Message { metadata, level });
}

/// Takes the message, and emits a record with it.
struct Message<'a> {
    metadata: Metadata<'a>,
    level: log::Level,
}

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() != "message" {
            return;
        }
        let Self { metadata, level } = self;
        log_records::emit(
            &log::Record::builder()
                .target(metadata.target())
                .level(*level)
                .module_path(metadata.module_path())
                .file(metadata.file())
                .line(metadata.line())
                .args(format_args!("{value:?}"))
                .build(),
        );
    }
}
