//! The work from end to end: find the files, share them out to threads, add up.
use crate::crash::Crash;
use crate::executor::block_on;
use crate::options::Options;
use crate::progress::Progress;
use crate::totals::Totals;
use crate::tree::{self, File};
use crate::workers::{self, Work};
use crate::{queue, summary};
use obs::Run;
use std::io;
use std::sync::{Arc, mpsc};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};
use tracing::{Span, warn};

#[derive(Debug)]
pub(crate) struct Indexed {
    pub(crate) totals: Totals,
    pub(crate) unreadable_directories: usize,
    pub(crate) took: Duration,
}

/// Indexes the tree that `options` name. The index becomes an artefact of `run`.
#[obs::traced(fields(root = %options.root.display()))]
pub(crate) fn index(run: &Run, options: &Options) -> anyhow::Result<Indexed> {
    let begun = now();
    let root = options.root.as_path();
    let tree = tree::walk(root, options.files_max)?;
    let (files, unreadable) = (tree.files.len(), tree.unreadable);
    log::info!(files, directories = tree.directories, unreadable; "tree walked");
    anyhow::ensure!(files > 0, "no files are in {}", root.display());
    let crash = options.crash.then(|| Crash::half_way(files, run.dir())).transpose()?;
    let work = Work { root, progress: Progress::new(files), crash };
    let totals = share_out(tree.files, &work, options)?;
    match run.dir() {
        None => warn!("the index is not written: the run has no directory"),
        Some(directory) => {
            let path = directory.join("index.json");
            summary::write(&path, root, &totals)?;
            run.artifact(&path, "output");
        }
    }
    Ok(Indexed { totals, unreadable_directories: unreadable, took: begun.elapsed() })
}

/// Runs the workers, and the async stage that waits for them.
fn share_out(files: Vec<File>, work: &Work<'_>, options: &Options) -> anyhow::Result<Totals> {
    let (to_workers, queue) = queue::new();
    thread::scope(|scope| {
        let start = |number| workers::start(scope, work, Arc::clone(&queue), number);
        let promises = (0..options.threads).map(start).collect::<io::Result<Vec<_>>>()?;
        drop(queue);
        let span = Span::current();
        let feed = move || span.in_scope(|| queue::feed(files, &to_workers));
        Builder::new().name("feed".into()).spawn_scoped(scope, feed)?;
        let (working, end) = mpsc::channel::<()>();
        if options.shows_progress {
            let show = move || work.progress.show(&end);
            Builder::new().name("progress".into()).spawn_scoped(scope, show)?;
        }
        let totals = block_on(summary::summarise(promises));
        drop(working);
        Ok(totals?)
    })
}

#[expect(clippy::disallowed_methods, reason = "the program times itself for its last lines")]
fn now() -> Instant {
    Instant::now()
}
