//! What the toolkit itself adds to a bundle, in this order.
mod artifacts;
mod documents;
mod folder;
mod lines;

use crate::collect::Collector;
use crate::error::{BundleError, BundleErrorKind};
use crate::options::Options;
use crate::run::Run;
use std::fmt;

/// The toolkit's own collectors.
pub(crate) fn all<'a>(run: &'a Run, options: &'a Options) -> Vec<Box<dyn Collector + 'a>> {
    let mut all: Vec<Box<dyn Collector + 'a>> = vec![
        Box::new(documents::Summary { run }),
        Box::new(documents::Environment { run }),
        Box::new(lines::Rotated::new(run, "log")),
        Box::new(lines::Rotated::new(run, "spans")),
        Box::new(lines::Rotated::new(run, "telemetry")),
        Box::new(folder::Folder::metrics(run)),
        Box::new(folder::Folder::profile(run)),
        Box::new(lines::Diagnostics { run }),
        Box::new(artifacts::Artifacts { run, options }),
    ];
    if options.include_journal {
        all.push(Box::new(folder::Folder::journal(run)));
        all.push(Box::new(folder::Folder::cursors(run)));
    }
    all
}

fn unreadable(what: &str, why: impl fmt::Display) -> BundleError {
    BundleError::new(BundleErrorKind::Source, format!("cannot read {what}: {why}"))
}
