//! obs with a number of sinks: lines of JSON, then a console to a file, then sinks that decode and format every record
//! and keep nothing. The facade takes no sinks from outside, so the run is started as the facade starts it.
use super::System;
use super::ours::lost_of;
use anyhow::ensure;
use obs_core::io::Disk;
use obs_core::{Batch, Filter, Level, RunId, Settings, Sink, SinkError};
use obs_log::{ConsoleSink, JsonlOptions, JsonlSink, TextLines};
use obs_recorder::layout::RunDirectory;
use obs_recorder::{Run, SinkBox, Start};
use obs_trace::Capture;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub(crate) struct ObsSinks {
    run: Mutex<Run>,
    capture: Capture,
}

/// Formats every record as a line for people, and forgets it.
struct Formatting {
    name: String,
    lines: TextLines,
    line: Vec<u8>,
}

impl Sink for Formatting {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        while let Some(record) = batch.next() {
            self.line.clear();
            self.lines.line(&record, &mut self.line);
            std::hint::black_box(&self.line);
        }
        Ok(())
    }
}

impl ObsSinks {
    pub(crate) fn start(directory: &Path, count: u32) -> anyhow::Result<Self> {
        Self::start_with(directory, count, |_| None)
    }

    /// With so many sinks, and perhaps one more.
    pub(crate) fn start_with(
        directory: &Path,
        count: u32,
        more: impl FnOnce(RunId) -> Option<Box<dyn Sink>>,
    ) -> anyhow::Result<Self> {
        let mut settings = Settings::default();
        settings.service = "bench".to_owned();
        let random = RandomState::new();
        let halves = [random.hash_one(0), random.hash_one(1)].map(u128::from);
        let run_id = RunId::new(0, halves[0] << 64 | halves[1]);
        let path = directory.join("run");
        std::fs::create_dir(&path)?;
        let capture = obs_trace::install()?;
        let mut sinks = sinks(&path, run_id, &settings, count)?;
        sinks.extend(more(run_id).map(SinkBox));
        let run = Run::start(Start {
            settings: &settings,
            run_id,
            parent: None,
            sinks,
            directory: Some(RunDirectory::new(path)),
            lock: None,
            io: Arc::new(Disk::new()),
            words: Vec::new(),
            resource: Default::default(),
        })?;
        capture.set(Some(Filter::default_for(&[])));
        Ok(Self { run: Mutex::new(run), capture })
    }
}

fn sinks(
    path: &Path,
    run_id: RunId,
    settings: &Settings,
    count: u32,
) -> anyhow::Result<Vec<SinkBox>> {
    ensure!(count > 0, "a run with sinks has at least one");
    let io = Arc::new(Disk::new());
    let jsonl = JsonlSink::log(io, path, run_id, JsonlOptions::from(settings));
    let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(jsonl)];
    if count > 1 {
        let file = File::create(path.join("console.log"))?;
        sinks.push(Box::new(ConsoleSink::new(file, TextLines::plain(), Level::Info)));
    }
    for number in 2..count {
        let (name, lines) = (format!("formatting-{number}"), TextLines::plain());
        sinks.push(Box::new(Formatting { name, lines, line: Vec::new() }));
    }
    Ok(sinks.into_iter().map(SinkBox).collect())
}

impl System for ObsSinks {
    fn stall(&self, stalled: bool) -> bool {
        self.run.lock().unwrap_or_else(PoisonError::into_inner).stall_drain(stalled);
        true
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        self.capture.set(None);
        let mut run = self.run.into_inner().unwrap_or_else(PoisonError::into_inner);
        lost_of(&run.finish(Duration::from_secs(120)))
    }
}
