//! Earlier runs of the service: recovered if they died, counted and bundled if they failed, removed when they are old.
use crate::{aftermath, announce, directory, send};
use obs_bundle::Cancel;
use obs_core::io::Disk;
use obs_core::{RunId, Settings, Sink, SinkDelivery, UnixNanos};
use obs_log::{JsonlOptions, JsonlSink, retention};
use obs_recorder::failures;
use obs_recorder::journal::WriterLimits;
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::{Patience, RecoverError, Recovered, Recovery, run_id_of};
use obs_recorder::{Candidates, Clock, Orphans, RunLock, Summary, SystemClock};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a sink that fails is tried again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks after earlier runs in the background, newest first, until told to stop.
#[derive(Debug)]
pub(crate) struct Past {
    stop: Arc<AtomicBool>,
    cancel: Cancel,
    done: Mutex<Receiver<()>>,
}

impl Past {
    /// Starts to look after the runs in `root`, other than `current`.
    pub(crate) fn look_after(
        root: PathBuf,
        current: PathBuf,
        settings: Settings,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, cancel) = (Arc::clone(&stop), Cancel::default());
        let canceled = cancel.clone();
        let (tell, done) = mpsc::sync_channel(1);
        thread::Builder::new().name("obs-past".into()).spawn(move || {
            if settings.recover {
                recover_all(&root, &current, &settings, &stopped);
            }
            lower_priority();
            settle_all(&root, &current, &settings, (&stopped, &canceled));
            if !stopped.load(Ordering::Relaxed) {
                let now = UnixNanos(SystemClock::new().anchor().unix_ns);
                prune(&root, &settings, now);
                remove_orphans(&settings, now);
            }
            let told = tell.try_send(());
            debug_assert!(told != Err(TrySendError::Full(())), "it is told once");
            send_all(&root, &current, &settings, &stopped);
        })?;
        Ok(Self { stop, cancel, done: Mutex::new(done) })
    }

    /// Waits for the end of the work, `timeout` at most; then lets the run that is being looked after be the last, and
    /// gives up a bundle that is being made. If the process ends before that does, a later start begins it again.
    pub(crate) fn finish(&self, timeout: Duration) {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(timeout);
        self.stop.store(true, Ordering::Relaxed);
        aftermath::give_up(&self.cancel);
        if done == Err(RecvTimeoutError::Disconnected) {
            announce::warn("looking after earlier runs panicked");
        }
    }
}

fn recover_all(root: &Path, current: &Path, settings: &Settings, stop: &AtomicBool) {
    let runs = match directory::list(root) {
        Ok(runs) => runs,
        Err(error) => {
            return announce::warn(&format!("cannot read {}: {error}", root.display()));
        }
    };
    for path in runs.into_iter().filter(|path| path != current) {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        if !wants_recovery(&path) {
            continue;
        }
        match recover(&path, settings) {
            Ok(recovered) => announce::warn(&format!(
                "recovered {}: {}; {} records were not in its journal yet",
                path.display(),
                recovered.end.detail,
                recovered.records
            )),
            Err(RecoverError::Busy) => {}
            Err(error) => announce::warn(&format!("cannot recover {}: {error}", path.display())),
        }
    }
}

/// Sends what earlier runs did not get rid of, the oldest first, as long as this run lives. Nobody waits for it.
fn send_all(root: &Path, current: &Path, settings: &Settings, stop: &Arc<AtomicBool>) {
    const AGAIN: Duration = Duration::from_secs(30);
    obs_core::own::mark_thread();
    while !stop.load(Ordering::Relaxed) {
        let mut runs = directory::list(root).unwrap_or_default();
        runs.reverse();
        runs.retain(|path| path != current && send::is_wanted(path, settings));
        // A receiver that takes nothing of one takes nothing of the others.
        let is_taken =
            |path: &PathBuf| !stop.load(Ordering::Relaxed) && send::send_rest(path, settings, stop);
        if runs.iter().all(is_taken) {
            return;
        }
        thread::park_timeout(AGAIN);
    }
}

/// Counts the runs that failed, and bundles them as the settings want it: the oldest first, for the first of several
/// that failed in the same way is worth the most.
fn settle_all(
    root: &Path,
    current: &Path,
    settings: &Settings,
    (stop, cancel): (&AtomicBool, &Cancel),
) {
    // What cannot be read here is told by whoever counts.
    let failures = failures::load(&Disk::new(), root).unwrap_or_default();
    let runs = directory::list(root).unwrap_or_default();
    for path in runs.iter().rev().filter(|path| *path != current) {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let run = Summary::load(&Disk::new(), path);
        if !run.is_ok_and(|run| aftermath::is_wanted(&run, &failures, settings)) {
            continue;
        }
        let after = aftermath::aftermath(path, settings, cancel);
        after.notes.iter().for_each(|note| announce::warn(note));
        if let Some(bundle) = after.bundle {
            let (run, bundle) = (path.display(), bundle.display());
            announce::warn(&format!("{run} failed: {bundle} is its bundle"));
        }
    }
}

/// What follows has time. Threads that this one starts are as patient.
fn lower_priority() {
    const LOWEST: i32 = 19;
    if cfg!(target_os = "linux")
        && let Err(error) = rustix::process::setpriority_process(None, LOWEST)
    {
        announce::warn(&format!("cannot look after earlier runs at low priority: {error}"));
    }
}

/// Whether a run has not ended, or has ended with something left to deliver.
pub(crate) fn wants_recovery(path: &Path) -> bool {
    let is_free = RunLock::is_taken(&RunDirectory::new(path)).is_ok_and(|taken| !taken);
    is_free
        && Summary::load(&Disk::new(), path)
            .map_or(true, |run| run.end.is_none() || run.delivery.sinks.iter().any(is_file_behind))
}

/// Whether a file of the run lacks records. What receivers have not got is sent, not recovered.
fn is_file_behind(sink: &SinkDelivery) -> bool {
    sink.pending > 0 && obs_log::FILE_SINKS.contains(&sink.name.as_str())
}

/// Recovers the run in the directory `path`: completes its journal from what outlived it, and its files from the
/// journal. For a run that has ended, completes the files alone.
///
/// # Errors
///
/// [`RecoverError`]; what the run left is then as it was.
pub fn recover(path: &Path, settings: &Settings) -> Result<Recovered, RecoverError> {
    let directory = RunDirectory::new(path);
    let io = Arc::new(Disk::new());
    let Some(run_id) = run_id_of(io.as_ref(), &directory) else {
        return Err(RecoverError::NoRun(path.display().to_string()));
    };
    let after_power_loss = Summary::load(io.as_ref(), path)
        .is_ok_and(|run| !run.boot_id.is_empty() && run.boot_id != obs_recorder::boot_id());
    let sinks = file_sinks(path, run_id, settings, after_power_loss);
    let limits = WriterLimits::new(settings.journal_bytes_max);
    let (rules, patience) = (settings.redact.clone(), Patience::new(PATIENCE));
    obs_recorder::recover::recover(Recovery { directory, sinks, io, rules, limits, patience })
}

/// The sinks whose files are in the run directory.
pub(crate) fn file_sinks(
    path: &Path,
    run_id: RunId,
    settings: &Settings,
    is_after_power_loss: bool,
) -> Vec<Box<dyn Sink>> {
    if !settings.log_file {
        return Vec::new();
    }
    let mut options = JsonlOptions::from(settings);
    options.is_after_power_loss = is_after_power_loss;
    let io = Arc::new(Disk::new());
    let log = JsonlSink::log(io.clone(), path, run_id, options.clone());
    vec![Box::new(log), Box::new(JsonlSink::spans(io, path, run_id, options))]
}

/// Rings whose run directory was removed, by the limits above or by hand.
fn remove_orphans(settings: &Settings, now: UnixNanos) {
    let places = Candidates::new(settings.runtime_dir.as_deref(), None).tmpfs;
    let orphans = Orphans::remove(&places, now);
    orphans.failures.iter().for_each(|failure| announce::warn(failure));
}

fn prune(root: &Path, settings: &Settings, now: UnixNanos) {
    let is_alive = |path: &Path| RunLock::is_taken(&RunDirectory::new(path)).unwrap_or(true);
    match retention::prune(root, settings.into(), now, &is_alive) {
        Ok(pruned) => pruned.failures.iter().for_each(|error| announce::warn(&error.to_string())),
        Err(error) => announce::warn(&error.to_string()),
    }
}
