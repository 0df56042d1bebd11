//! The threads that read files.
use crate::crash::Crash;
use crate::file;
use crate::language;
use crate::progress::Progress;
use crate::promise::{Keeper, Promise, promise};
use crate::queue::{self, Queue};
use crate::totals::Totals;
use std::io;
use std::path::Path;
use std::thread::{Builder, Scope};
use tracing::{Span, info_span};

/// What all workers share.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(crate) root: &'a Path,
    pub(crate) progress: Progress,
    pub(crate) crash: Option<Crash>,
}

/// Starts worker number `number`, who promises what it will have found.
pub(crate) fn start<'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: &'scope Work<'_>,
    queue: Queue,
    number: usize,
) -> io::Result<Promise<Totals>> {
    let (promise, keeper) = promise();
    let around = Span::current();
    let run = move || {
        let _worker = info_span!(parent: &around, "worker", worker = number).entered();
        work.run(&queue, keeper);
    };
    Builder::new().name(format!("worker-{number}")).spawn_scoped(scope, run)?;
    Ok(promise)
}

impl Work<'_> {
    fn run(&self, queue: &Queue, found: Keeper<Totals>) {
        let mut totals = Totals::default();
        while let Some(file) = queue::next(queue) {
            let _package = file.package.enter();
            self.index(&file.path, &mut totals);
        }
        found.keep(totals);
    }

    fn index(&self, path: &Path, totals: &mut Totals) {
        let language = language::of(path);
        let relative = path.strip_prefix(self.root).unwrap_or(path).display();
        let _file = info_span!("file", path = %relative, language).entered();
        let measured = file::measure(path);
        file::tell(&measured);
        match &measured {
            Ok(file) => totals.add(language, file),
            Err(error) => totals.add_error(error),
        }
        let done = self.progress.step(measured.is_err());
        if let Some(crash) = &self.crash {
            crash.strike(done);
        }
    }
}
