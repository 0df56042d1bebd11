//! slog with lines of JSON, and slog-async's thread that makes and writes them: a full queue lets the caller wait. The
//! file has a buffer of 8 KiB; a larger one is no faster at the caller and loses more when the process dies.
use super::{PATH, QUEUE_RECORDS, System, TEXT};
use crate::work::Work;
use slog::{Drain, Level, Logger, info, o, trace};
use std::cell::RefCell;
use std::fs::File;
use std::io::BufWriter;
use std::ops::Range;
use std::path::Path;

pub(crate) struct SlogAsync {
    root: Logger,
    guard: slog_async::AsyncGuard,
}

thread_local! {
    /// What stands for the spans around: slog has loggers that know more than others.
    static CURRENT: RefCell<Option<Logger>> = const { RefCell::new(None) };
}

impl SlogAsync {
    pub(crate) fn start(directory: &Path) -> anyhow::Result<Self> {
        let file = BufWriter::new(File::create(directory.join("log.jsonl"))?);
        let json = slog_json::Json::default(file).fuse();
        let (drain, guard) = slog_async::Async::new(json)
            .chan_size(QUEUE_RECORDS)
            .overflow_strategy(slog_async::OverflowStrategy::Block)
            .build_with_guard();
        let root = Logger::root(drain.filter_level(Level::Info).fuse(), o!());
        Ok(Self { root, guard })
    }
}

impl System for SlogAsync {
    fn within_spans(&self, inside: &mut dyn FnMut()) {
        let job = self.root.new(o!("job" => 7_u64));
        CURRENT.set(Some(job.new(o!("file" => PATH))));
        inside();
        CURRENT.set(None);
    }

    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        CURRENT.with_borrow(|current| {
            self::work(current.as_ref().unwrap_or(&self.root), work, numbers)
        })
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        drop(self.root);
        drop(self.guard);
        Ok(None)
    }
}

fn work(log: &Logger, work: Work, numbers: Range<u64>) -> bool {
    match work {
        Work::Event => numbers.for_each(|number| {
            info!(log, "file loaded"; "number" => number, "ratio" => 0.25, "path" => PATH, "ok" => true);
        }),
        Work::EventStr => numbers
            .for_each(|number| info!(log, "file loaded"; "number" => number, "text" => TEXT)),
        Work::Disabled => numbers.for_each(|number| {
            trace!(log, "file loaded"; "number" => number, "ratio" => 0.25, "path" => PATH, "ok" => true);
        }),
        Work::Span | Work::SpanAsync | Work::SpanDeep => return false,
    }
    true
}
