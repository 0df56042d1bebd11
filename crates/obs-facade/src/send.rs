//! What a run that has ended did not get rid of: sent later, by whoever is there.
use crate::past;
use crate::sending::{Sending, Source};
use obs_core::io::Disk;
use obs_core::{Settings, Sink};
use obs_recorder::journal::WriterLimits;
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::{Patience, RecoverError, Recovered, Recovery, run_id_of};
use obs_recorder::{RunLock, Summary};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How long a receiver that fails is tried in the background.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The settings name no receiver, or one that cannot be used.
    #[error("{0}")]
    Settings(String),
    /// The run cannot be read, or is alive.
    #[error(transparent)]
    Run(#[from] RecoverError),
}

/// Sends what receivers and the database have not got of the run in the directory `path`, to where the settings say. A
/// run that died is recovered first. What they have not got when `patience` ends is pending, and stays in the run's
/// journal.
///
/// # Errors
///
/// [`SendError`]; the run is then as it was.
pub fn send(path: &Path, settings: &Settings, patience: Patience) -> Result<Recovered, SendError> {
    let recovered = past::recover(path, settings)?;
    let sending = sending(path, settings)?;
    if let Some(problem) = sending.problem() {
        return Err(SendError::Settings(problem));
    }
    if sending.sinks.is_empty() {
        let why =
            "no receiver is set: OTEL_EXPORTER_OTLP_ENDPOINT names one, OBS_SQL_URL a database";
        return Err(SendError::Settings(why.to_owned()));
    }
    obs_core::own::mark_thread();
    let mut sent = send_by(path, settings, sending.sinks, patience)?;
    sent.records = recovered.records;
    Ok(sent)
}

/// The sinks for a run's records, as if they were its own.
fn sending(path: &Path, settings: &Settings) -> Result<Sending, RecoverError> {
    let run_id = run_id_of(&Disk::new(), &RunDirectory::new(path))
        .ok_or_else(|| RecoverError::NoRun(path.display().to_string()))?;
    let resource = Summary::load(&Disk::new(), path).map(|run| run.source()).unwrap_or_default();
    Ok(Sending::new(settings, &Source { run_id, resource: &resource, directory: Some(path) }))
}

fn send_by(
    path: &Path,
    settings: &Settings,
    sinks: Vec<Box<dyn Sink>>,
    patience: Patience,
) -> Result<Recovered, RecoverError> {
    let directory = RunDirectory::new(path);
    let limits = WriterLimits::new(settings.journal_bytes_max);
    let (io, rules) = (Arc::new(Disk::new()), settings.redact.clone());
    obs_recorder::recover::recover(Recovery { directory, sinks, io, rules, limits, patience })
}

/// Whether a run that has ended left something for the receivers that the settings name now.
pub(crate) fn is_wanted(path: &Path, settings: &Settings) -> bool {
    let names = Sending::names(settings);
    let is_free = || RunLock::is_taken(&RunDirectory::new(path)).is_ok_and(|is_taken| !is_taken);
    !names.is_empty()
        && Summary::load(&Disk::new(), path).is_ok_and(|run| {
            let mut sinks = run.delivery.sinks.iter();
            run.end.is_some()
                && sinks.any(|sink| sink.pending > 0 && names.contains(&sink.name.as_str()))
        })
        && is_free()
}

/// Sends what an earlier run of the service left. False if a receiver does not take it now.
pub(crate) fn send_rest(path: &Path, settings: &Settings, stop: &Arc<AtomicBool>) -> bool {
    let mut names = Vec::new();
    let patience = Patience::new(PATIENCE).ended_by(Arc::clone(stop));
    let sent = sending(path, settings).and_then(|sending| {
        names.extend(sending.sinks.iter().map(|sink| sink.name().to_owned()));
        send_by(path, settings, sending.sinks, patience)
    });
    match sent {
        Ok(sent) => {
            let mut ours = sent.delivery.sinks.iter().filter(|sink| names.contains(&sink.name));
            ours.all(|sink| sink.pending == 0)
        }
        // Somebody else does.
        Err(RecoverError::Busy) => true,
        Err(error) => {
            crate::announce::warn(&format!("cannot send the rest of {}: {error}", path.display()));
            true
        }
    }
}
