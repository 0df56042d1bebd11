//! Runs of these tests: one at a time in a process.
use crate::tally::{Counted, Tally};
use obs_core::io::{Disk, Io};
use obs_core::{Delivery, Level, RunId, Settings, Sink};
use obs_log::{JsonlOptions, JsonlSink};
use obs_recorder::journal::WriterLimits;
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::{Patience, RecoverError, Recovery, recover, run_id_of};
use obs_recorder::{Run, SinkBox, Start};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) const LONG: Duration = Duration::from_secs(20);

/// A new run directory in `parent`. Each run has rings of its own, also when these tests run twice at once.
pub(crate) fn make_directory(parent: &Path) -> PathBuf {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let run_id = RunId::new(std::process::id().into(), LAST.fetch_add(1, Ordering::Relaxed).into());
    let path = parent.join(format!("2026-11-22T09-58-03Z_{run_id}"));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// The run directory in `parent`.
pub(crate) fn directory(parent: &Path) -> PathBuf {
    std::fs::read_dir(parent).unwrap().next().unwrap().unwrap().path()
}

/// A run over `io` that writes to files in `parent`, and counts what it says.
pub(crate) fn start(parent: &Path, io: &Arc<dyn Io>, settings: &Settings) -> (Run, Counted) {
    start_in(make_directory(parent), io, settings)
}

/// The same, in a run directory that is there.
pub(crate) fn start_in(path: PathBuf, io: &Arc<dyn Io>, settings: &Settings) -> (Run, Counted) {
    let run_id = run_id_of(io.as_ref(), &RunDirectory::new(&path)).unwrap();
    let (tally, counted) = Tally::new();
    let sinks: Vec<Box<dyn Sink>> = vec![Box::new(tally), log(&path, run_id, io)];
    let run = Run::start(Start {
        settings,
        run_id,
        parent: None,
        directory: Some(RunDirectory::new(path)),
        sinks: sinks.into_iter().map(SinkBox).collect(),
        io: Arc::clone(io),
        lock: None,
        words: Vec::new(),
        resource: Default::default(),
    });
    (run.unwrap(), counted)
}

fn log(path: &Path, run_id: RunId, io: &Arc<dyn Io>) -> Box<dyn Sink> {
    let mut options = JsonlOptions::default();
    options.level = Level::Trace;
    Box::new(JsonlSink::log(Arc::clone(io), path, run_id, options))
}

/// Does what the service's next start does for the run in `parent`.
pub(crate) fn recover_in(parent: &Path) -> Delivery {
    let io: Arc<dyn Io> = Arc::new(Disk::new());
    let path = directory(parent);
    let run_id = run_id_of(io.as_ref(), &RunDirectory::new(&path)).unwrap();
    loop {
        let recovery = Recovery {
            directory: RunDirectory::new(&path),
            sinks: vec![log(&path, run_id, &io)],
            io: Arc::clone(&io),
            rules: obs_core::redact::Rules::default(),
            limits: WriterLimits::new(1 << 30),
            patience: Patience::new(LONG),
        };
        match recover(recovery) {
            // What the run left behind in a disk that hung has yet to notice that it does no more.
            Err(RecoverError::Busy) => std::thread::yield_now(),
            recovered => return recovered.unwrap().delivery,
        }
    }
}
