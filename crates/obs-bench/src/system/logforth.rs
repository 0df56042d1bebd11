//! logforth behind the `log` crate, with lines of JSON in a file that its asynchronous appender's thread makes and
//! writes: a full queue lets the caller wait. It has no spans of its own.
use super::{PATH, QUEUE_RECORDS, System, TEXT};
use crate::work::Work;
use log::{info, trace};
use logforth::append::asynchronous::AsyncBuilder;
use logforth::append::file::FileBuilder;
use logforth::layout::JsonLayout;
use logforth::record::{Level, LevelFilter};
use std::ops::Range;
use std::path::Path;

pub(crate) struct Logforth;

impl Logforth {
    pub(crate) fn start(directory: &Path) -> anyhow::Result<Self> {
        let failed = |error: logforth::Error| anyhow::anyhow!("logforth: {error}");
        let file = FileBuilder::new(directory, "log")
            .filename_suffix("jsonl")
            .layout(JsonLayout::default())
            .build()
            .map_err(failed)?;
        let queued = AsyncBuilder::new("logforth")
            .buffered_lines_limit(Some(QUEUE_RECORDS))
            .overflow_block()
            .append(file)
            .build();
        let level = LevelFilter::MoreSevereEqual(Level::Info);
        let logger = logforth::core::builder()
            .dispatch(|dispatch| dispatch.filter(level).append(queued))
            .build();
        log::set_boxed_logger(Box::new(logforth::bridge::log::LogBridge::new(logger)))?;
        log::set_max_level(log::LevelFilter::Info);
        Ok(Self)
    }
}

impl System for Logforth {
    fn within_spans(&self, inside: &mut dyn FnMut()) {
        inside();
    }

    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        match work {
            Work::Event => numbers.for_each(|number| {
                info!(number, ratio = 0.25, path = PATH, ok = true; "file loaded");
            }),
            Work::EventStr => numbers.for_each(|number| info!(number, text = TEXT; "file loaded")),
            Work::Disabled => numbers.for_each(|number| {
                trace!(number, ratio = 0.25, path = PATH, ok = true; "file loaded");
            }),
            Work::Span | Work::SpanAsync | Work::SpanDeep => return false,
        }
        true
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        log::logger().flush();
        Ok(None)
    }
}
