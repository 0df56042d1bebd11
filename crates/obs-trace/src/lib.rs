//! `tracing` and `log` as front ends of the recorder: their events and spans become records of the run that is alive.
//!
//! [`install`] makes this the process's global subscriber and logger, once; [`beside`] leaves both to the program, for
//! layers that do the same in a registry of its own. [`Capture`] then says what is recorded, run by run. Without a run
//! nothing is, at the price of a disabled callsite.
#![forbid(unsafe_code)]

mod callsite;
mod capture;
mod carry;
mod entropy;
mod log_level;
pub mod log_records;
mod panics;
mod propagation;
mod rate;
mod root;
mod sampling;
mod slab;
pub mod spans;
mod stack;
mod subscriber;
mod visit;

pub use capture::{Capture, Wake};
pub use carry::{Carried, Carry, Here, carry, here};
pub use entropy::trace_id as new_trace_id;
pub use propagation::{current_trace, propagators, set_otel, trace_of};
pub use rate::set_traces_per_second;
pub use root::Place;
pub use spans::{Around, Innermost, around, own_span, set_innermost};

use log_records::Bridge;
use std::sync::{LazyLock, Mutex, PoisonError};
use subscriber::Recording;

/// The one capture of the process: whatever front ends there are, they record into the run that is alive.
static CAPTURE: LazyLock<Capture> = LazyLock::new(Capture::new);
/// Whether this is the process's subscriber.
static INSTALLED: Mutex<bool> = Mutex::new(false);

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
    let mut is_installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if *is_installed {
        return Ok(CAPTURE.clone());
    }
    let dispatch = tracing_core::Dispatch::new(Recording::new(CAPTURE.clone()));
    tracing_core::dispatcher::set_global_default(dispatch).map_err(|_| InstallError::Tracing)?;
    if log::set_boxed_logger(Box::new(Bridge { capture: CAPTURE.clone() })).is_ok() {
        CAPTURE.take_log();
    }
    panics::install();
    *is_installed = true;
    Ok(CAPTURE.clone())
}

/// Makes this the process's witness of panics alone, and leaves subscriber and logger to the program.
pub fn beside() -> Capture {
    panics::install();
    CAPTURE.clone()
}
