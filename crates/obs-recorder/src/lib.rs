//! The recorder: records from rings to a journal, and from there to sinks.
#![forbid(unsafe_code)]

pub mod announce;
mod backlog;
mod callsites;
mod clock;
mod closing;
mod control;
mod cursor;
pub mod drain;
mod drain_thread;
pub mod emit;
pub mod failures;
mod fingerprint;
mod health;
pub mod journal;
mod key;
mod last_panic;
mod last_words;
pub mod layout;
mod local;
mod lock;
mod orphans;
mod place;
mod pool;
mod prepare;
mod recorder;
pub mod recover;
mod redaction;
mod run;
mod runner;
mod summary;
mod survey;
mod system;
mod thread_ring;
mod threads;
mod waiters;

pub use callsites::{Callsites, Key, Known};
pub use clock::{Anchored, Clock, SystemClock, Timeline, rate_between};
pub use cursor::Cursor;
pub use fingerprint::{Fingerprint, FingerprintError};
pub use key::{key_bytes_of, key_of};
pub use last_words::show;
pub use local::refused_here;
pub use lock::{FileLock, RunLock};
pub use orphans::Orphans;
pub use place::{Candidates, Place};
pub use redaction::Redaction;
pub use run::{Run, SinkBox, Start, StartError};
pub use runner::{Limits, Runner, SinkState, Step};
pub use summary::{End, EndKind, Recurrence, Summary};
pub use survey::{Survey, survey};

/// A steady clock in nanoseconds since some instant in the past.
#[must_use]
pub fn steady_ns() -> u64 {
    control::now_ns()
}

/// Whether a run is alive in this process, or is not yet taken down: none can start then.
#[must_use]
pub fn is_occupied() -> bool {
    recorder::Recorder::is_occupied()
}

/// The run of the process that this one was forked from, as long as it has not started one of its own.
#[must_use]
pub fn inherited_run() -> Option<obs_core::RunId> {
    recorder::Recorder::inherited()
}

/// The boot of the machine, as [`Summary::boot_id`] names it.
#[must_use]
pub fn boot_id() -> String {
    system::boot_id().to_string()
}
