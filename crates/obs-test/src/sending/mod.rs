//! Programs that send what they record, to receivers that behave and to others that do not.
//!
//! Each way to a receiver must deliver the same, equal in number and content. With each fault of a receiver or a
//! network, the program must feel nothing of it, and everything must arrive in the end, or be counted where it was
//! refused for good.
mod child;
mod content;
mod faults;
mod judge;
mod ways;

pub use child::{Load, live, make};
pub use faults::{FAULTS, Fault, Faulty, endure};
pub use ways::{WAYS, Way, Went, go};

use serde::{Deserialize, Serialize};

/// What a child says at its end.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Said {
    /// The spans, and as many log records, that it made.
    pub(crate) made: u64,
    /// What became of them in the sinks that send: names, and how many were lost.
    pub(crate) lost: Vec<(String, u64)>,
    /// What was still pending.
    pub(crate) pending: u64,
    /// How long events took, phase by phase.
    pub(crate) events: Vec<crate::spread::Spread>,
    /// The process's memory when the first phase ended, and the most that it ever was, in KiB.
    pub(crate) memory_kib: [u64; 2],
}
