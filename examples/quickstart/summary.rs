//! The async stage: waits for all workers at once, adds up, and writes `index.json`.
use crate::executor::join_all;
use crate::promise::{Broken, Promise};
use crate::totals::Totals;
use obs::{Context, InContext};
use serde_json::json;
use std::fs;
use std::io;
use std::path::Path;
use tracing::info;

/// Adds up what the workers will have found.
#[obs::traced(fields(workers = workers.len()))]
pub(crate) async fn summarise(workers: Vec<Promise<Totals>>) -> Result<Totals, Broken> {
    let stage = Context::current().with("stage", "summary");
    let waiting = workers.into_iter().enumerate();
    let waiting = waiting.map(|(number, found)| collect(number, found).in_context(stage.clone()));
    let mut totals = Totals::default();
    for found in join_all(waiting).await {
        totals.merge(&found?);
    }
    for (language, share) in &totals.languages {
        info!(language, files = share.files, lines = share.lines, "language added up");
    }
    Ok(totals)
}

#[obs::traced(fields(worker))]
async fn collect(worker: usize, found: Promise<Totals>) -> Result<Totals, Broken> {
    let totals = found.await?;
    info!(files = totals.whole().files, copies = totals.copies(), "worker done");
    Ok(totals)
}

/// Writes the index of `root` to `path`.
#[obs::traced(fields(path = %path.display(), languages = totals.languages.len()))]
pub(crate) fn write(path: &Path, root: &Path, totals: &Totals) -> io::Result<()> {
    let index = json!({
        "root": root.to_string_lossy(),
        "whole": totals.whole(),
        "languages": totals.languages,
        "distinct_contents": totals.contents.len(),
        "files_with_copies": totals.copies(),
        "left_out": {
            "not_text": totals.not_text,
            "unreadable": totals.unreadable,
            "too_large": totals.too_large,
        },
    });
    fs::write(path, serde_json::to_vec_pretty(&index)?)
}
