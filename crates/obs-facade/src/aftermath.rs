//! What is done about a run that failed, once it is known how it ended: it is counted, and bundled if that is due.
use crate::bundles::Bundles;
use obs_bundle::{BundleError, BundleErrorKind, Cancel, Options};
use obs_core::io::Disk;
use obs_core::settings::BundleOn;
use obs_core::{Settings, UnixNanos};
use obs_recorder::failures::{self, Failures};
use obs_recorder::layout::RunDirectory;
use obs_recorder::{Clock, RunLock, Summary, SystemClock};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, TrySendError};
use std::thread;
use std::time::Duration;

/// How long a program that ends by a panic may take for its bundle.
const OWN_END: Duration = Duration::from_secs(3);
/// How long a bundle that was given up may take to remove what is there of it.
const GIVING_UP: Duration = Duration::from_millis(100);
/// How long each collector of an automatic bundle is waited for.
const COLLECTOR: Duration = Duration::from_secs(10);
/// One bundle takes no more than this part of what all may take.
const PART: u64 = 4;

/// What was done about a run that failed.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Aftermath {
    /// The bundle that was made of it.
    pub bundle: Option<PathBuf>,
    /// What could not be done, and why: a line each.
    pub notes: Vec<String>,
}

/// Counts the run in the directory `path` in the `failures.json` beside it, if it failed and was not counted yet; then
/// makes a bundle of it in the directory `bundles` beside it, if the settings `bundle_on`, `bundle_count_max` and
/// `bundle_bytes_max` want it. A start of the service does this in the background for every run that needs it.
///
/// Nothing is done while the run is alive, is being recovered or was not recovered, nor while another process makes a
/// bundle of any run in the same place. `cancel` ends a bundle that is being made; it is due again then. What cannot
/// be done is a note. Takes as long as a bundle takes to write, see [`obs_bundle::write`]; without one a few
/// milliseconds, as it waits for the disk.
pub fn aftermath(path: &Path, settings: &Settings, cancel: &Cancel) -> Aftermath {
    let mut after = Aftermath::default();
    let said = |what: &str, error: &dyn std::fmt::Display| {
        format!("cannot {what} the failure of {}: {error}", path.display())
    };
    let counted = Case::open(path, settings).and_then(|case| {
        let Some(mut case) = case else { return Ok(None) };
        case.count(&mut after).map(|()| Some(case))
    });
    match counted {
        Ok(Some(case)) if settings.bundle_on == BundleOn::Failure => {
            if let Err(error) = case.bundle(cancel, &mut after) {
                after.notes.push(said("bundle", &error));
            }
        }
        Ok(_) => {}
        Err(error) => after.notes.push(said("count", &error)),
    }
    after
}

/// Whether there is something to be done about a run, as far as `failures` tell.
pub(crate) fn is_wanted(run: &Summary, failures: &Failures, settings: &Settings) -> bool {
    let has_failed = run.end.as_ref().is_some_and(|end| end.fingerprint.is_some());
    let wants_bundle = settings.bundle_on == BundleOn::Failure
        && failures.wants_bundle(run, now(), settings.bundle_count_max);
    has_failed && (run.recurrence.is_none() || wants_bundle)
}

/// Does it for the run that has just ended by a panic, for three seconds at most. What is not done by then, or goes
/// wrong, is left to the service's next start.
pub(crate) fn at_own_end(path: PathBuf, settings: Settings) {
    let cancel = Cancel::default();
    let of_thread = cancel.clone();
    let (tell, done) = mpsc::sync_channel(1);
    let started = thread::Builder::new().name("obs-aftermath".into()).spawn(move || {
        // What came to nothing stands in failures.json.
        aftermath(&path, &settings, &of_thread);
        let told = tell.try_send(());
        debug_assert!(told != Err(TrySendError::Full(())), "it is told once");
    });
    let is_over = |patience| done.recv_timeout(patience) != Err(RecvTimeoutError::Timeout);
    if started.is_ok() && !is_over(OWN_END) {
        give_up(&cancel);
        is_over(GIVING_UP);
    }
}

/// Ends a bundle so that nothing of it stays.
pub(crate) fn give_up(cancel: &Cancel) {
    cancel.ask();
    cancel.ask();
}

fn now() -> UnixNanos {
    UnixNanos(SystemClock::new().anchor().unix_ns)
}

/// A run that failed, and its lock.
struct Case<'a> {
    root: &'a Path,
    path: &'a Path,
    settings: &'a Settings,
    run: Summary,
    _lock: RunLock,
}

impl<'a> Case<'a> {
    /// `None` where there is nothing to be done, now or ever.
    fn open(path: &'a Path, settings: &'a Settings) -> io::Result<Option<Self>> {
        let failed = || {
            let run = Summary::load(&Disk::new(), path)?;
            let is_failure = run.end.as_ref().is_some_and(|end| end.kind.is_failure());
            io::Result::Ok(is_failure.then_some(run))
        };
        let Some(root) = path.parent().filter(|_| failed().is_ok_and(|run| run.is_some())) else {
            return Ok(None);
        };
        let Some(lock) = RunLock::take(&RunDirectory::new(path))? else { return Ok(None) };
        // Somebody may have counted it between the two looks.
        Ok(failed()?.map(|run| Self { root, path, settings, run, _lock: lock }))
    }

    fn change<T>(
        &self,
        after: &mut Aftermath,
        change: impl FnOnce(&mut Failures, &Summary) -> T,
    ) -> io::Result<T> {
        let updated =
            failures::update(&Disk::new(), self.root, |failures| change(failures, &self.run))?;
        if let Some(damage) = updated.damage {
            let file = failures::path(self.root);
            after.notes.push(format!("{} begins anew: {damage}", file.display()));
        }
        Ok(updated.value)
    }

    fn count(&mut self, after: &mut Aftermath) -> io::Result<()> {
        if self.run.recurrence.is_some() {
            return Ok(());
        }
        self.run.recurrence = self.change(after, Failures::count)?;
        if self.run.recurrence.is_some() {
            self.run.save(&Disk::new(), self.path)?;
        }
        Ok(())
    }

    fn bundle(&self, cancel: &Cancel, after: &mut Aftermath) -> io::Result<()> {
        let (now, count_max) = (now(), self.settings.bundle_count_max);
        if !failures::load(&Disk::new(), self.root)?.wants_bundle(&self.run, now, count_max) {
            return Ok(());
        }
        let Some(bundles) = Bundles::take(self.root)? else { return Ok(()) };
        let name = bundles.name_of(&self.run)?;
        let is_wanted = self.change(after, |failures, run| {
            let is_wanted = failures.wants_bundle(run, now, count_max);
            if is_wanted {
                failures.try_bundle(run, now);
            }
            is_wanted
        })?;
        if !is_wanted {
            return Ok(());
        }
        let written = obs_bundle::write(self.path, &self.options(bundles.path(&name), cancel));
        match written {
            Ok(bundle) => {
                after.notes.extend(bundle.notes);
                after.bundle = Some(bundle.path);
                let add = |failures: &mut Failures, run: &_| failures.add_bundle(run, &name, now);
                let older = self.change(after, add)?;
                let gone = bundles.keep_within(self.settings, &name, older)?;
                self.change(after, |failures, _| failures.forget_bundles(&gone))
            }
            Err(error) => self.give_back(after, &error),
        }
    }

    /// An attempt came to nothing.
    fn give_back(&self, after: &mut Aftermath, error: &BundleError) -> io::Result<()> {
        let why = error.to_string();
        self.change(after, |failures, run| failures.fail_bundle(run, &why))?;
        match error.kind() {
            BundleErrorKind::Canceled => Ok(()),
            _ => Err(io::Error::other(why)),
        }
    }

    fn options(&self, output: PathBuf, cancel: &Cancel) -> Options {
        let mut options = Options::default();
        options.output = Some(output);
        options.rules.clone_from(&self.settings.redact);
        options.bytes_max = Some(self.settings.bundle_bytes_max / PART);
        options.collector_timeout = COLLECTOR;
        options.cancel = cancel.clone();
        options
    }
}
