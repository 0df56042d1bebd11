//! What the toolkit itself adds to a bundle, in this order.
mod artifacts;
mod documents;
mod folder;
mod journal;
mod lines;

use crate::collect::Collector;
use crate::error::{BundleError, BundleErrorKind};
use crate::options::Options;
use crate::remote::{Remote, Source};
use crate::run::Run;
use crate::window::Times;
use std::fmt;
use std::sync::Arc;

/// The toolkit's own collectors, then those of the options. What is small and says much comes first, so that it finds
/// room where that is bounded.
pub(crate) fn all(run: &Arc<Run>, options: &Arc<Options>) -> Vec<Arc<dyn Source>> {
    let own = || Arc::clone(run);
    let mut all: Vec<Arc<dyn Source>> = vec![
        Arc::new(documents::Summary { run: own() }),
        Arc::new(documents::Environment { run: own() }),
        Arc::new(folder::Folder::metrics(own())),
        Arc::new(lines::Diagnostics { run: own() }),
        Arc::new(lines::Rotated::new(own(), options, "log", Times::At)),
        Arc::new(lines::Rotated::new(own(), options, "spans", Times::Span)),
        Arc::new(lines::Rotated::new(own(), options, "telemetry", Times::At)),
        Arc::new(folder::Folder::profile(own())),
        Arc::new(artifacts::Artifacts { run: own(), options: Arc::clone(options) }),
    ];
    if options.include_journal {
        all.push(Arc::new(journal::Journal {
            run: own(),
            window: options.window,
            is_bounded: options.bytes_max.is_some(),
        }));
        all.push(Arc::new(folder::Folder::cursors(own())));
    }
    let added = options.collectors.iter().cloned();
    all.extend(added.map(|collector| -> Arc<dyn Source> { Arc::new(Added { collector }) }));
    all
}

/// A collector of somebody else.
#[derive(Debug)]
struct Added {
    collector: Arc<dyn Collector>,
}

impl Source for Added {
    fn name(&self) -> &str {
        self.collector.name()
    }

    fn collect(&self, files: &mut Remote) -> Result<(), BundleError> {
        self.collector.collect(files)
    }
}

fn unreadable(what: &str, why: impl fmt::Display) -> BundleError {
    BundleError::new(BundleErrorKind::Source, format!("cannot read {what}: {why}"))
}
