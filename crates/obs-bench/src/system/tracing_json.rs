//! tracing-subscriber with lines of JSON, and tracing-appender's thread that writes them: none is dropped, a full queue
//! lets the caller wait.
use super::polls::{TenPolls, complete};
use super::{PATH, System, TEXT};
use crate::work::{DEPTH, Work};
use std::ops::Range;
use std::path::Path;
use tracing::{Instrument as _, info, info_span, trace};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

pub(crate) struct TracingJson {
    _guard: WorkerGuard,
}

impl TracingJson {
    pub(crate) fn start(directory: &Path) -> anyhow::Result<Self> {
        let (writer, guard) = writer(directory, "log.jsonl");
        tracing_subscriber::fmt()
            .json()
            .with_env_filter(EnvFilter::new("info"))
            .with_writer(writer)
            .try_init()
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self { _guard: guard })
    }
}

/// A file and the thread that writes it.
pub(super) fn writer(directory: &Path, name: &str) -> (NonBlocking, WorkerGuard) {
    let file = tracing_appender::rolling::never(directory, name);
    NonBlockingBuilder::default().lossy(false).finish(file)
}

impl System for TracingJson {}

/// Two spans of everything that is behind `tracing`'s macros.
pub(super) fn within_spans(inside: &mut dyn FnMut()) {
    info_span!("job", id = 7_u64).in_scope(|| info_span!("file", path = PATH).in_scope(inside));
}

/// The work of everything that is behind `tracing`'s macros. Its instructions are counted by its name.
#[inline(never)]
pub(super) fn work(work: Work, numbers: Range<u64>) -> bool {
    match work {
        Work::Event => numbers.for_each(|number| {
            info!(number, ratio = 0.25, path = PATH, ok = true, "file loaded");
        }),
        Work::EventStr => numbers.for_each(|number| info!(number, text = TEXT, "file loaded")),
        Work::Disabled => numbers.for_each(|number| {
            trace!(number, ratio = 0.25, path = PATH, ok = true, "file loaded");
        }),
        Work::Span => {
            numbers.for_each(|number| drop(info_span!("step", number, ok = true).entered()))
        }
        Work::SpanAsync => numbers.for_each(|number| {
            complete(TenPolls::default().instrument(info_span!("step", number, ok = true)));
        }),
        Work::SpanDeep => numbers.for_each(|number| descend(number, DEPTH)),
    }
    true
}

fn descend(number: u64, depth: u32) {
    let _entered = info_span!("step", number, ok = true).entered();
    if depth > 1 {
        descend(number, depth - 1);
    }
}
