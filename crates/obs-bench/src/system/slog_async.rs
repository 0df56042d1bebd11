//! slog with lines of JSON, and slog-async's thread that makes and writes them.
use super::{PATH, System, TEXT};
use crate::work::Work;
use slog::{Drain, Level, Logger, info, o, trace};
use std::cell::RefCell;
use std::fs::File;
use std::io::BufWriter;
use std::ops::Range;
use std::path::Path;

pub(crate) struct SlogAsync {
    root: Logger,
    /// What stands for the spans around: slog has loggers that know more than others.
    current: RefCell<Logger>,
    guard: slog_async::AsyncGuard,
}

impl SlogAsync {
    pub(crate) fn start(directory: &Path) -> anyhow::Result<Self> {
        let file = BufWriter::with_capacity(256 << 10, File::create(directory.join("log.jsonl"))?);
        let json = slog_json::Json::default(file).fuse();
        let (drain, guard) = slog_async::Async::new(json)
            .chan_size(128_000)
            .overflow_strategy(slog_async::OverflowStrategy::Block)
            .build_with_guard();
        let root = Logger::root(drain.filter_level(Level::Info).fuse(), o!());
        Ok(Self { current: RefCell::new(root.clone()), root, guard })
    }
}

impl System for SlogAsync {
    fn within_spans(&self, inside: &mut dyn FnMut()) {
        let job = self.root.new(o!("job" => 7_u64));
        *self.current.borrow_mut() = job.new(o!("file" => PATH));
        inside();
        *self.current.borrow_mut() = self.root.clone();
    }

    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        let log = &*self.current.borrow();
        match work {
            Work::Event => numbers.for_each(|number| {
                info!(log, "file loaded"; "number" => number, "ratio" => 0.25, "path" => PATH, "ok" => true);
            }),
            Work::EventStr => numbers
                .for_each(|number| info!(log, "file loaded"; "number" => number, "text" => TEXT)),
            Work::Disabled => numbers.for_each(|number| {
                trace!(log, "file loaded"; "number" => number, "ratio" => 0.25, "path" => PATH, "ok" => true);
            }),
            Work::Span => return false,
        }
        true
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        drop((self.root, self.current));
        drop(self.guard);
        Ok(None)
    }
}
