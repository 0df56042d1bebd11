//! Systems that are measured, each at its best fair configuration: nothing is lost, lines of JSON go to a file, and
//! whatever can be done off the calling thread is.
mod fastrace;
mod ours;
mod slog_async;
mod tracing_json;
mod tracing_opentelemetry;

use crate::work::Work;
use std::fmt;
use std::ops::Range;
use std::path::Path;

/// A system under test, of which a process has one.
pub(crate) trait System {
    /// Calls `inside` two spans deep, or with what is nearest to that.
    fn within_spans(&self, inside: &mut dyn FnMut());

    /// Does the work once for every number. False if it has no such thing.
    #[must_use]
    fn run(&self, work: Work, numbers: Range<u64>) -> bool;

    /// Writes out what it holds; returns how many records it lost, if it knows.
    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>>;
}

/// The systems by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Ours,
    TracingJson,
    SlogAsync,
    Fastrace,
    TracingOpentelemetry,
}

const NAMES: [(&str, Name); 5] = [
    ("obs", Name::Ours),
    ("tracing-subscriber-json", Name::TracingJson),
    ("slog-async", Name::SlogAsync),
    ("fastrace", Name::Fastrace),
    ("tracing-opentelemetry", Name::TracingOpentelemetry),
];

impl Name {
    /// Starts the system; its files go to `directory`.
    pub(crate) fn start(self, directory: &Path) -> anyhow::Result<Box<dyn System>> {
        Ok(match self {
            Self::Ours => Box::new(ours::Ours::start(directory)?),
            Self::TracingJson => Box::new(tracing_json::TracingJson::start(directory)?),
            Self::SlogAsync => Box::new(slog_async::SlogAsync::start(directory)?),
            Self::Fastrace => Box::new(fastrace::Fastrace::start(directory)?),
            Self::TracingOpentelemetry => {
                Box::new(tracing_opentelemetry::TracingOpentelemetry::start(directory)?)
            }
        })
    }
}

impl std::str::FromStr for Name {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, it)| *it).ok_or_else(|| anyhow::anyhow!("there is no system `{name}`"))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, it)| it == self).map_or("", |(name, _)| name);
        f.pad(name)
    }
}

/// The text of 256 bytes.
pub(crate) const TEXT: &str = "It is a truth universally acknowledged, that a single man in possession of a good \
fortune, must be in want of a wife. However little known the feelings or views of such a man may be on his first \
entering a neighbourhood, this truth is so well fixed in mind";

/// The text of a path.
pub(crate) const PATH: &str = "/var/lib/service/input/batch-0001.csv";
