//! emit with emit_file, which makes lines of JSON in the calling thread and writes them in one of its own. Its queue
//! of 10,000 lines cannot be made longer and nobody waits for it: where it is full, all that is in it is dropped.
use super::polls::{TenPolls, complete};
use super::{PATH, System, TEXT};
use crate::work::{DEPTH, Work};
use anyhow::ensure;
use emit::metric::Source as _;
use emit::{Emitter as _, debug, info, span_guard};
use std::cell::Cell;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

/// What a full queue holds, and loses.
const QUEUE_LINES: u64 = 10_000;

pub(crate) struct EmitFile {
    metrics: emit_file::FileSetMetrics,
}

impl EmitFile {
    pub(crate) fn start(directory: &Path) -> anyhow::Result<Self> {
        let files =
            emit_file::set(directory.join("log.jsonl")).max_file_size_bytes(4 << 30).spawn();
        let metrics = files.metric_source();
        let level = emit::level::min_filter(emit::Level::Info);
        let started = emit::setup().emit_to(files).emit_when(level).try_init();
        ensure!(started.is_some(), "emit runs in this process already");
        Ok(Self { metrics })
    }

    fn lost(&self) -> u64 {
        let lost = Cell::new(0);
        let sampler = emit::metric::sampler::from_fn(|metric| {
            if metric.name().is_some_and(|name| name.get() == "queue_full_truncated") {
                let times = metric.value().and_then(|value| value.cast::<u64>());
                lost.set(lost.get() + times.unwrap_or(0) * QUEUE_LINES);
            }
        });
        self.metrics.sample_metrics(sampler);
        lost.get()
    }
}

impl System for EmitFile {
    fn within_spans(&self, inside: &mut dyn FnMut()) {
        let (mut job, frame) = span_guard!("job", id: 7_u64);
        frame.call(|| {
            job.start();
            let (mut file, frame) = span_guard!("file", path: PATH);
            frame.call(|| {
                file.start();
                inside();
                drop(file);
            });
            drop(job);
        });
    }

    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        match work {
            Work::Event => numbers.for_each(|number| {
                info!("file loaded", number, ratio: 0.25, path: PATH, ok: true);
            }),
            Work::EventStr => numbers.for_each(|number| info!("file loaded", number, text: TEXT)),
            Work::Disabled => numbers.for_each(|number| {
                debug!("file loaded", number, ratio: 0.25, path: PATH, ok: true);
            }),
            Work::Span => numbers.for_each(|number| descend(number, 1)),
            Work::SpanAsync => numbers.for_each(|number| {
                let (mut step, frame) = span_guard!("step", number, ok: true);
                complete(frame.in_future(async move {
                    step.start();
                    TenPolls::default().await;
                }));
            }),
            Work::SpanDeep => numbers.for_each(|number| descend(number, DEPTH)),
        }
        true
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        let is_flushed = emit::runtime::shared().emitter().blocking_flush(Duration::from_secs(60));
        ensure!(is_flushed, "emit_file was not flushed within a minute");
        Ok(Some(self.lost()))
    }
}

fn descend(number: u64, depth: u32) {
    let (mut step, frame) = span_guard!("step", number, ok: true);
    frame.call(move || {
        step.start();
        if depth > 1 {
            descend(number, depth - 1);
        }
    });
}
