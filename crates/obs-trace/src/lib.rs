//! `tracing` and `log` as front ends of the recorder: their events and spans become records of the run that is alive.
//!
//! [`install`] makes this the process's global subscriber and logger, once; [`Capture`] then says what is recorded,
//! run by run. Without a run nothing is, at the price of a disabled callsite.
#![forbid(unsafe_code)]

mod entropy;
mod log_bridge;
mod panics;
mod slab;
mod stack;
mod subscriber;
mod visit;

use log_bridge::Bridge;
use obs_core::{Filter, Level};
use std::sync::{Mutex, OnceLock, PoisonError};
use subscriber::Recording;

static INSTALLED: OnceLock<Capture> = OnceLock::new();
static INSTALLING: Mutex<()> = Mutex::new(());

/// What is captured from now on.
#[derive(Debug, Clone)]
pub struct Capture {
    recording: Recording,
    /// Whether `log` records come here.
    log: bool,
}

/// Why the front ends could not be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// Another subscriber is the process's global one.
    #[error("another tracing subscriber is installed for the whole process")]
    Tracing,
}

/// Makes this the process's subscriber for `tracing`, its logger for `log`, and its witness of panics; or returns
/// what was installed before. A logger that somebody else has installed stays: [`Capture::has_log`] tells.
///
/// # Errors
///
/// [`InstallError::Tracing`] when another global subscriber is there.
pub fn install() -> Result<Capture, InstallError> {
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(capture) = INSTALLED.get() {
        return Ok(capture.clone());
    }
    let recording = Recording::new();
    let dispatch = tracing_core::Dispatch::new(recording.clone());
    tracing_core::dispatcher::set_global_default(dispatch).map_err(|_| InstallError::Tracing)?;
    let log = log::set_boxed_logger(Box::new(Bridge { recording: recording.clone() })).is_ok();
    panics::install();
    Ok(INSTALLED.get_or_init(|| Capture { recording, log }).clone())
}

impl Capture {
    /// Captures what `filter` lets through from now on; `None` captures nothing. Every callsite is asked anew, once.
    pub fn set(&self, filter: Option<Filter>) {
        self.recording.set_filter(filter);
        if self.log {
            log::set_max_level(level_filter(self.recording.max_level()));
        }
        tracing_core::callsite::rebuild_interest_cache();
    }

    /// Whether `log` records come here; not when another logger was there first.
    #[must_use]
    pub fn has_log(&self) -> bool {
        self.log
    }
}

fn level_filter(level: Option<Level>) -> log::LevelFilter {
    match level {
        None => log::LevelFilter::Off,
        Some(Level::Trace) => log::LevelFilter::Trace,
        Some(Level::Debug) => log::LevelFilter::Debug,
        Some(Level::Info) => log::LevelFilter::Info,
        Some(Level::Warn) => log::LevelFilter::Warn,
        Some(_) => log::LevelFilter::Error,
    }
}
