//! spdlog-rs with lines of JSON in a file that its pool's thread makes and writes: a full queue lets the caller wait.
//! It stands here rather than ftlog, which knows no fields besides the text and has no lines of JSON. It has no spans.
use super::{PATH, QUEUE_RECORDS, System, TEXT};
use crate::work::Work;
use spdlog::formatter::JsonFormatter;
use spdlog::sink::{AsyncPoolSink, FileSink, OverflowPolicy};
use spdlog::{Level, LevelFilter, Logger, ThreadPool, info, trace};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Spdlog {
    logger: Arc<Logger>,
    pool: Arc<ThreadPool>,
}

impl Spdlog {
    pub(crate) fn start(directory: &Path) -> anyhow::Result<Self> {
        let file = FileSink::builder()
            .path(directory.join("log.jsonl"))
            .formatter(JsonFormatter::new())
            .build_arc()?;
        let capacity = NonZeroUsize::new(QUEUE_RECORDS).unwrap_or(NonZeroUsize::MIN);
        let pool = ThreadPool::builder().capacity(capacity).build_arc()?;
        let queued = AsyncPoolSink::builder()
            .sink(file)
            .thread_pool(Arc::clone(&pool))
            .overflow_policy(OverflowPolicy::Block)
            .build_arc()?;
        let level = LevelFilter::MoreSevereEqual(Level::Info);
        let logger = Logger::builder().sink(queued).level_filter(level).build_arc()?;
        Ok(Self { logger, pool })
    }
}

impl System for Spdlog {
    fn within_spans(&self, inside: &mut dyn FnMut()) {
        inside();
    }

    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        let log = &self.logger;
        match work {
            Work::Event => numbers.for_each(|number| {
                info!(logger: log, "file loaded", kv: { number, ratio = 0.25, path = PATH, ok = true });
            }),
            Work::EventStr => numbers.for_each(|number| {
                info!(logger: log, "file loaded", kv: { number, text = TEXT });
            }),
            Work::Disabled => numbers.for_each(|number| {
                trace!(logger: log, "file loaded", kv: { number, ratio = 0.25, path = PATH, ok = true });
            }),
            Work::Span | Work::SpanAsync | Work::SpanDeep => return false,
        }
        true
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        self.logger.flush();
        drop(self.logger);
        // The last to hold the pool waits for its thread.
        drop(self.pool);
        Ok(None)
    }
}
