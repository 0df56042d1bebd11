//! Systems that are measured, each at its best fair configuration: nothing is lost, lines of JSON go to a file, and
//! whatever can be done off the calling thread is.
mod emit_file;
mod fastrace;
mod floor;
mod json_files;
mod logforth;
mod name;
mod nothing;
mod obs_sinks;
pub(crate) mod obs_sql;
mod opentelemetry_logs;
pub(crate) mod ours;
mod polls;
mod registry;
mod slog_async;
mod spdlog;
mod tracing_json;
mod tracing_opentelemetry;

use crate::work::Work;
pub(crate) use name::Name;
use std::ops::Range;

/// A system under test, of which a process has one; by itself, one that is behind `tracing`'s macros.
pub(crate) trait System: Sync {
    /// Calls `inside` two spans deep, or with what is nearest to that.
    fn within_spans(&self, inside: &mut dyn FnMut()) {
        tracing_json::within_spans(inside);
    }

    /// Does the work once for every number. False if it has no such thing.
    #[must_use]
    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        tracing_json::work(work, numbers)
    }

    /// Lets what takes records from the calling thread stand still, or go on. False if it has no way to.
    #[must_use]
    fn stall(&self, stalled: bool) -> bool {
        let _ = stalled;
        false
    }

    /// Writes out what it holds; returns how many records it lost, if it knows.
    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        drop(self);
        Ok(None)
    }
}

/// The text of 256 bytes.
pub(crate) const TEXT: &str = "It is a truth universally acknowledged, that a single man in possession of a good \
fortune, must be in want of a wife. However little known the feelings or views of such a man may be on his first \
entering a neighbourhood, this truth is so well fixed in mind";

/// The text of a path.
pub(crate) const PATH: &str = "/var/lib/service/input/batch-0001.csv";

/// How long queues are where that can be chosen: as long as tracing-appender's is by itself.
const QUEUE_RECORDS: usize = 128_000;
