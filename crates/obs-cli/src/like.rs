//! Runs that failed in the same way: from a word to them, and what is said of them.
use crate::catalog::{Catalog, Listed};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::select;
use crate::state::State;
use obs_core::Settings;
use obs_core::io::Disk;
use obs_recorder::failures::{self, Failures};
use obs_recorder::{End, Fingerprint, Recurrence, Summary};
use std::collections::BTreeSet;
use std::path::Path;

/// The failures that were counted in a root. What cannot be read is noted.
pub(crate) fn counted_in(root: &Path, output: &mut Output) -> Result<Failures> {
    match failures::load(&Disk::new(), root) {
        Ok(failures) => Ok(failures),
        Err(error) => {
            let file = failures::path(root);
            output.note(&format!("cannot read \"{}\": {error}", file.display()))?;
            Ok(Failures::default())
        }
    }
}

/// The fingerprint that `word` stands for: eight of its digits or more, or a run that failed.
pub(crate) fn fingerprint(
    word: &str,
    catalog: &Catalog,
    settings: &Settings,
    output: &mut Output,
) -> Result<Fingerprint> {
    let mut known: BTreeSet<Fingerprint> = catalog.runs.iter().filter_map(of_run).collect();
    for root in &catalog.roots {
        known.extend(counted_in(root, output)?.groups.iter().map(|group| group.fingerprint));
    }
    if let Some(found) = known.into_iter().find(|fingerprint| fingerprint.begins_with(word)) {
        return Ok(found);
    }
    let path = select::run(Some(word), settings, output)?;
    let state = State::of(&path);
    let end = state.summary().and_then(|summary| summary.end.as_ref());
    if let Some(found) = end.and_then(|end| end.fingerprint) {
        return Ok(found);
    }
    let why = match (end, &state) {
        (_, State::Alive(_)) => "it is alive",
        (None, _) => "nobody knows how it ended: `obs recover` finds out",
        (Some(end), _) if end.kind.is_failure() => "it was recovered by an older version",
        _ => "it was finished",
    };
    let message = format!("cannot find runs that failed like \"{}\": {why}", path.display());
    Err(Failure::new(Exit::NoRun, message))
}

/// The fingerprint of a run that failed.
pub(crate) fn of_run(run: &Listed) -> Option<Fingerprint> {
    Summary::load(&Disk::new(), &run.path).ok()?.end?.fingerprint
}

/// What is said of a run that failed: like which others, and which of them it is.
pub(crate) fn text(
    run_id: &str,
    end: Option<&End>,
    recurrence: Option<&Recurrence>,
) -> Option<String> {
    let short = end?.fingerprint?.short();
    let Some(Recurrence { number, first_at, first_run_id, .. }) = recurrence else {
        return Some(short);
    };
    Some(match number {
        1 => format!("{short}: the first that ended like this"),
        _ => format!(
            "{short}: ended like this {number} times since {first_at}; first in run {first_run_id}, \
             last in run {run_id}"
        ),
    })
}
