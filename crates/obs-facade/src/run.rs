//! The run that is alive, as a program holds it.
use crate::aftermath;
use crate::announce;
use crate::changes::{Changes, Passing};
use crate::environment::EnvironmentFile;
use crate::past::Past;
use crate::watch::{self, Watch};
use obs_bundle::{Bundle, BundleError, BundleErrorKind, Options};
use obs_core::settings::BundleOn;
use obs_core::{Context, Delivery, Filter, RunId, Settings};
use obs_recorder::emit;
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The run that is alive in this process. Dropping it finishes it, with the time limit of the settings.
#[derive(Debug)]
#[must_use = "the run is finished when this is dropped"]
pub struct Run {
    inner: obs_recorder::Run,
    changes: Arc<Changes>,
    watch: Option<Watch>,
    environment: Option<EnvironmentFile>,
    past: Option<Past>,
    context: Mutex<Context>,
    settings: Settings,
    pid: u32,
    is_finished: bool,
}

/// What a run is made of.
pub(crate) struct Parts {
    pub(crate) inner: obs_recorder::Run,
    pub(crate) changes: Arc<Changes>,
    pub(crate) watch: Option<Watch>,
    pub(crate) environment: Option<EnvironmentFile>,
    pub(crate) past: Option<Past>,
    pub(crate) settings: Settings,
}

impl Run {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { inner, changes, watch, environment, past, settings } = parts;
        let (context, pid) = (Mutex::default(), std::process::id());
        let is_finished = false;
        Self { inner, changes, watch, environment, past, context, settings, pid, is_finished }
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> RunId {
        self.inner.id()
    }

    /// The run's directory; `None` when none could be made.
    #[must_use]
    pub fn dir(&self) -> Option<&Path> {
        self.inner.directory()
    }

    /// Adds attributes to everything that is recorded from now on, in all threads: equipment, batch, version. An
    /// attribute that is there already gets the new value.
    ///
    /// ```
    /// # let root = tempfile::tempdir().unwrap();
    /// # let mut settings = obs::Settings::default();
    /// # settings.run_root = Some(root.path().into());
    /// let run = obs::init_with(settings)?;
    /// run.set_context(&obs::Context::new().with("equip_id", "FD_FAN").with("batch_num", 3));
    /// # run.finish(std::time::Duration::from_secs(5));
    /// # Ok::<(), obs::InitError>(())
    /// ```
    pub fn set_context(&self, attributes: &Context) {
        let mut context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        *context = context.with_all(attributes.attributes().iter().cloned());
        emit::run_context(&context);
    }

    /// The capture filter that is in force.
    #[must_use]
    pub fn filter(&self) -> Filter {
        self.changes.filter()
    }

    /// Makes this the capture filter from now on, for `tracing` and `log`, in all threads; one that held for a time
    /// only ends. The change is itself recorded, as an event of target `obs`.
    ///
    /// ```
    /// # let root = tempfile::tempdir().unwrap();
    /// # let mut settings = obs::Settings::default();
    /// # settings.run_root = Some(root.path().into());
    /// let run = obs::init_with(settings)?;
    /// run.set_filter(run.filter().with("app::db=debug").unwrap());
    /// # run.finish(std::time::Duration::from_secs(5));
    /// # Ok::<(), obs::InitError>(())
    /// ```
    ///
    /// When this returns, every event that the filter lets through is recorded, whichever thread it is of and whether
    /// its line was met before. Lines that are captured cost what they did; those that are not cost a little more for
    /// a twentieth of a second after they were met for the first time. Each change asks once for every line of
    /// instrumentation in the process, some 50 ns each, and every subscriber and layer is asked.
    ///
    /// `log_level` says which of the captured lines are shown and written to `log.jsonl`; `obs logs` shows all.
    pub fn set_filter(&self, filter: Filter) {
        self.changes.set(filter);
    }

    /// As [`set_filter`](Self::set_filter), for so long; then the filter that was set without an end is in force again.
    /// Every later change takes this one's place.
    pub fn set_filter_for(&self, filter: Filter, length: Duration) {
        self.changes.set_for(&Passing { filter, length }, watch::now());
        match &self.watch {
            Some(watch) => watch.wake(),
            None => announce::warn("no thread could be started: the filter stays"),
        }
    }

    #[cfg(feature = "layer")]
    pub(crate) fn capture(&self) -> &obs_trace::Capture {
        self.changes.capture()
    }

    /// Declares that a file belongs to the run, as `input`, `output` or whatever `role` says. Bundles hold it; it
    /// stays where it is. It need not be there yet.
    pub fn artifact(&self, path: impl AsRef<Path>, role: &str) {
        let path = path.as_ref();
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let mut attributes =
            Context::new().with("path", whole.to_string_lossy()).with("role", role);
        if let Ok(metadata) = std::fs::metadata(&whole) {
            attributes = attributes.with("bytes", metadata.len());
        }
        emit::artifact(&attributes);
    }

    /// Adds a section to `env.json`, or replaces it. Values whose names mark them as secret are redacted.
    pub fn env_section(&self, name: &str, section: Value) {
        if let Some(environment) = &self.environment
            && let Err(error) = environment.set_section(name, section)
        {
            announce::warn(&format!("cannot write env.json: {error}"));
        }
    }

    /// What has become of the records so far. One that was just made is not counted before it has left its thread's
    /// ring, a few milliseconds later.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.inner.delivery()
    }

    /// Writes a support bundle of the run as it is now. What is secret in it says the setting `redact`, unless the
    /// options have rules of their own.
    ///
    /// # Errors
    ///
    /// [`BundleError`]; no file stays then. A run without a directory has nothing to bundle.
    pub fn bundle(&self, options: &Options) -> Result<Bundle, BundleError> {
        let Some(directory) = self.dir() else {
            return Err(BundleError::new(BundleErrorKind::Run, "the run has no directory"));
        };
        let mut options = options.clone();
        if options.rules.is_empty() {
            options.rules.clone_from(&self.settings.redact);
        }
        obs_bundle::write(directory, &options)
    }

    /// Ends the run: takes no more records, brings those that are there to the journal and to every sink, and tells
    /// what became of them. Returns at most a tenth of a second after `timeout`; what a sink has not taken by then is
    /// pending and is delivered at the next start of the service. Afterwards another run may start.
    ///
    /// A run that is dropped while its thread panics has failed; with `bundle_on = failure` its bundle takes up to
    /// three seconds more.
    pub fn finish(mut self, timeout: Duration) -> Delivery {
        self.end(Some(timeout))
    }

    fn end(&mut self, timeout: Option<Duration>) -> Delivery {
        if std::mem::replace(&mut self.is_finished, true) {
            return self.inner.delivery();
        }
        let timeout = timeout.unwrap_or_else(|| self.inner.finish_timeout());
        let started_ns = obs_recorder::steady_ns();
        let left = || {
            let spent_ns = obs_recorder::steady_ns().saturating_sub(started_ns);
            timeout.saturating_sub(Duration::from_nanos(spent_ns))
        };
        if std::process::id() == self.pid {
            self.changes.end();
            self.end_side_work(left);
        }
        let delivery = self.inner.finish(left());
        self.bundle_a_panic();
        delivery
    }

    /// A panic that ends the run is bundled by its own process, if the settings want that.
    fn bundle_a_panic(&self) {
        let is_own_panic = std::thread::panicking() && std::process::id() == self.pid;
        if let (true, BundleOn::Failure, Some(path)) =
            (is_own_panic, self.settings.bundle_on, self.dir())
        {
            aftermath::at_own_end(path.to_owned(), self.settings.clone());
        }
    }

    /// Changes of the filter, earlier runs and the environment may take half each of the time that is left: the records
    /// need the rest.
    fn end_side_work(&self, left: impl Fn() -> Duration) {
        if let Some(watch) = &self.watch {
            watch.finish(left() / 2);
        }
        if let Some(past) = &self.past {
            past.finish(left() / 2);
        }
        if let Some(environment) = &self.environment
            && let Some(error) = environment.finish(left() / 2)
        {
            announce::warn(&format!("cannot write env.json: {error}"));
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.end(None);
    }
}
