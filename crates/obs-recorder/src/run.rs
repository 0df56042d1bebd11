//! A run from its start to its end.
mod first_words;

use crate::backlog::Backlog;
use crate::clock::{Clock, SystemClock, ns};
use crate::closing::Closing;
use crate::control::{Control, Phase, now_ns};
use crate::drain::Drain;
use crate::drain_thread::DrainThread;
use crate::journal::{Reader, Writer, WriterLimits};
use crate::key;
use crate::last_words;
use crate::layout::RunDirectory;
use crate::lock::RunLock;
use crate::place::{Chosen, Place};
use crate::prepare::{choose_place, make_pool, rfc3339, summarise};
use crate::recorder::Recorder;
use crate::redaction::Redaction;
use crate::runner::Runner;
use crate::summary::{End, Summary};
use crate::system;
use crate::threads::{SinkThread, WriterThread};
use first_words::FirstWords;
use obs_core::io::Io;
use obs_core::join::Join;
use obs_core::resource::Resource;
use obs_core::{Delivery, RunId, Settings, Sink};
use obs_ring::stage::Stage;
use obs_ring::{Identity, crash, fork};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What a run is started with.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "made by the facade and by tests")]
pub struct Start<'a> {
    /// How it shall be.
    pub settings: &'a Settings,
    /// Its id.
    pub run_id: RunId,
    /// The run that started it.
    pub parent: Option<RunId>,
    /// Its directory, which is there and can be written to; `None` for a run that leaves nothing behind.
    pub directory: Option<RunDirectory>,
    /// The lock of the directory, for who has taken it already.
    pub lock: Option<RunLock>,
    /// Where records go.
    pub sinks: Vec<SinkBox>,
    /// The file system.
    pub io: Arc<dyn Io>,
    /// What the record of its start says besides.
    pub words: Vec<(String, String)>,
    /// What describes the source of its records.
    pub resource: Resource,
}

/// A sink on its way to its thread.
pub struct SinkBox(pub Box<dyn Sink>);

impl std::fmt::Debug for SinkBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SinkBox").field(&self.0.name()).finish()
    }
}

/// Why a run could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another run of this process is alive.
    #[error("a run is alive in this process already: finish it first")]
    Occupied,
    /// The run directory belongs to another process.
    #[error("the run directory is in use by another process")]
    Locked,
    /// Something could not be made.
    #[error("cannot {what}: {source}")]
    Io {
        /// What.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

/// What may be spent beyond the deadline of [`Run::finish`]: on threads that are about to end, and on `run.json`.
const JOIN_NS: u64 = 30_000_000;
const CLOSE_PATIENCE: Duration = Duration::from_millis(40);

pub(crate) fn cannot(what: &'static str) -> impl FnOnce(std::io::Error) -> StartError {
    move |source| StartError::Io { what, source }
}

/// The run that is alive in this process.
#[derive(Debug)]
pub struct Run {
    recorder: Arc<Recorder>,
    control: Arc<Control>,
    io: Arc<dyn Io>,
    directory: Option<RunDirectory>,
    chosen: Chosen,
    summary: Summary,
    lock: Option<Arc<RunLock>>,
    threads: Vec<JoinHandle<()>>,
    pid: u32,
    delivery: Option<Delivery>,
    finish_timeout: Duration,
}

impl Run {
    /// Starts a run: its threads, and the recording of what all threads do.
    ///
    /// # Errors
    ///
    /// [`StartError`]. Nothing of the run stays then but its directory.
    pub fn start(mut start: Start<'_>) -> Result<Self, StartError> {
        let settings = start.settings;
        if Recorder::is_occupied() {
            return Err(StartError::Occupied);
        }
        let lock = match (start.lock.take(), &start.directory) {
            (Some(lock), _) => Some(Arc::new(lock)),
            (None, None) => None,
            (None, Some(directory)) => {
                let lock = RunLock::take(directory).map_err(cannot("lock the run directory"))?;
                Some(Arc::new(lock.ok_or(StartError::Locked)?))
            }
        };
        let boot_id = system::boot_id();
        let identity = Identity {
            run_id: start.run_id.to_bytes(),
            boot_id: boot_id.to_bytes(),
            pid: std::process::id(),
            number: 0,
        };
        let clock = SystemClock::new();
        let (chosen, stage) = choose_place(&start, identity)?;
        let recorder = Arc::new(Recorder::new(
            start.run_id,
            clock.source,
            settings.overflow,
            make_pool(settings, &chosen, identity, clock.source),
        ));
        if let Some(directory) = chosen.place.directory() {
            recorder
                .callsites()
                .keep_in(start.io.as_ref(), &directory.dictionary())
                .map_err(cannot("make the dictionary"))?;
        }
        let summary = summarise(&start, &chosen, &boot_id, &clock.anchor());
        if let Some(directory) = &start.directory {
            // The writer has it synced.
            summary
                .save_unsynced(start.io.as_ref(), directory.path())
                .map_err(cannot("write run.json"))?;
        }
        let mut run = Self {
            control: Arc::new(Control::new(
                stage.clone(),
                settings.overflow,
                start.directory.is_some(),
                Vec::new(),
            )),
            recorder,
            io: Arc::clone(&start.io),
            directory: start.directory.clone(),
            chosen,
            summary,
            lock,
            threads: Vec::new(),
            pid: identity.pid,
            delivery: None,
            finish_timeout: settings.finish_timeout,
        };
        match run.launch(start, &stage, &clock) {
            Ok(()) => Ok(run),
            Err(error) => {
                run.undo(&error);
                Err(error)
            }
        }
    }

    /// A run that could not be launched leaves the process as it was.
    fn undo(&mut self, error: &StartError) {
        if !matches!(error, StartError::Occupied) {
            self.recorder.close();
            self.control.set_phase(Phase::Over);
            self.recorder.wake_drain();
            self.join_threads();
            crash::set_page(None);
            self.recorder.uninstall();
            fork::keep_from_children(None);
        }
        if let Some(error) = self.chosen.place.remove() {
            self.control.set_writer_error(Some(error));
        }
        self.delivery = Some(Delivery::default());
    }

    /// Makes the machines, installs the recorder, and gives every machine its thread.
    fn launch(
        &mut self,
        start: Start<'_>,
        stage: &Stage,
        clock: &SystemClock,
    ) -> Result<(), StartError> {
        let settings = start.settings;
        let journal = self.directory.as_ref().map(RunDirectory::journal);
        let cursors = self.directory.as_ref().map(RunDirectory::cursors);
        if let Some(cursors) = &cursors {
            self.io.make_directory(cursors).map_err(cannot("make the directory of cursors"))?;
        }
        let runners: Vec<Runner> = start
            .sinks
            .into_iter()
            .map(|SinkBox(sink)| {
                let stage = Some(stage.clone());
                let reader =
                    Reader::new(Arc::clone(&self.io), journal.clone(), start.run_id, stage);
                Runner::new(sink, reader, Arc::clone(&self.io), cursors.clone(), start.run_id)
            })
            .collect();
        let states = runners.iter().map(Runner::state).collect();
        self.control =
            Arc::new(Control::new(stage.clone(), settings.overflow, journal.is_some(), states));
        if journal.is_some() {
            let ours = runners.iter().filter(|runner| runner.is_in_run_directory());
            self.control.set_backlog(Backlog::new(settings, ours.map(Runner::state).collect()));
        }
        let writer = match &journal {
            None => None,
            Some(journal) => {
                let limits = WriterLimits::new(settings.journal_bytes_max);
                let writer = Writer::new(
                    Arc::clone(&self.io),
                    journal.clone(),
                    stage.clone(),
                    limits,
                    Join::new(),
                );
                Some(writer.map_err(cannot("open the journal"))?)
            }
        };
        let key = key::make(self.io.as_ref(), self.directory.as_ref());
        let key = key.map_err(cannot("make run.key"))?;
        let words = FirstWords {
            segment_bytes: settings.segment_bytes,
            words: &start.words,
            redaction: Redaction::new(settings.redact.clone(), key).of_process(),
        };
        let drain = self.first_words(stage, clock, words);
        self.recorder.install().map_err(|_| StartError::Occupied)?;
        self.recorder.set_control(Arc::clone(&self.control));
        if let Some(lock) = &self.lock {
            fork::keep_from_children(Some(lock.file().as_fd()));
        }
        self.note_crashes(settings.crash_signals);
        last_words::watch_exit();
        self.spawn(drain, writer, runners, ns(settings.sync_interval))
            .map_err(cannot("start a thread"))
    }

    fn note_crashes(&self, wanted: bool) {
        let page = match (wanted, self.chosen.place.directory()) {
            (true, Some(_)) => {
                self.chosen.place.memory(|directory| directory.crash(), crash::PAGE_BYTES).ok()
            }
            _ => None,
        };
        if wanted {
            crash::set_page(page);
        }
    }

    fn spawn(
        &mut self,
        drain: Drain,
        writer: Option<Writer>,
        mut runners: Vec<Runner>,
        sync_interval_ns: u64,
    ) -> std::io::Result<()> {
        let drain = DrainThread {
            drain,
            recorder: Arc::clone(&self.recorder),
            control: Arc::clone(&self.control),
            outlives: self.directory.is_some() && self.chosen.place.directory().is_some(),
        };
        let mut spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
            let thread = thread::Builder::new().name(format!("obs-{name}")).spawn(run)?;
            self.threads.push(thread);
            Ok::<(), std::io::Error>(())
        };
        spawn("drain", Box::new(move || drain.run()))?;
        if let Some(writer) = writer {
            let cursors = runners.iter_mut().map(Runner::begin).collect();
            let writer = WriterThread {
                writer,
                control: Arc::clone(&self.control),
                unsynced: self.directory.clone(),
                io: Arc::clone(&self.io),
                sync_interval_ns,
                cursors,
                cursors_saved_ns: 0,
                _lock: self.lock.clone(),
            };
            spawn("writer", Box::new(move || writer.run()))?;
        }
        for runner in runners {
            let name = runner.state().name().to_owned();
            let _lock = self.lock.clone().filter(|_| runner.is_in_run_directory());
            let sink = SinkThread {
                is_local: runner.is_local(),
                runner,
                control: Arc::clone(&self.control),
                gives_up_ns: None,
                told_ns: 0,
                _lock,
            };
            spawn(&name, Box::new(move || sink.run()))?;
        }
        Ok(())
    }

    /// Lets the drain stand still, or go on, as if it got no processor: to find out what that costs the threads that
    /// write. It goes on by itself at the end of the run.
    pub fn stall_drain(&self, stalled: bool) {
        self.control.stall(stalled);
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> RunId {
        self.recorder.run_id()
    }

    /// The run's directory.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_ref().map(RunDirectory::path)
    }

    /// How long [`Run::finish`] may take when the run is dropped.
    #[must_use]
    pub fn finish_timeout(&self) -> Duration {
        self.finish_timeout
    }

    /// Where rings and stage live.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.chosen.place
    }

    /// The places that would have been better, and why they were not taken.
    #[must_use]
    pub fn passed_over(&self) -> &[String] {
        &self.chosen.passed_over
    }

    /// What has become of the records so far.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.delivery.clone().unwrap_or_else(|| self.count())
    }

    fn count(&self) -> Delivery {
        let (last_seq, refused) = (self.control.last_seq(), self.control.refused());
        let last_seq = last_seq + self.control.left();
        let mut delivery = Delivery::default();
        delivery.emitted = last_seq + refused;
        delivery.lost = refused;
        delivery.error = self.control.writer_error().or_else(|| self.control.shortage());
        delivery.sinks =
            self.control.sinks.iter().map(|sink| sink.delivery(last_seq, refused)).collect();
        delivery
    }

    /// Ends the run: takes no more records, moves those that are there to the journal and to every sink, and returns
    /// what became of them, at most a tenth of a second after `timeout`. What a sink has not taken by then stays in
    /// the journal for the service's next start. A second call returns the same again.
    ///
    /// Called while its thread panics, as by a guard that is dropped, it is the panic that ends the run.
    pub fn finish(&mut self, timeout: Duration) -> Delivery {
        if let Some(delivery) = &self.delivery {
            return delivery.clone();
        }
        if std::process::id() != self.pid {
            return self.abandon();
        }
        let deadline_ns = now_ns().saturating_add(ns(timeout));
        if thread::panicking() {
            self.control.end_by_panic();
        }
        self.recorder.close();
        self.control.set_phase(Phase::Closing);
        self.recorder.wake_drain();
        let (has_journal, sinks) = (self.control.has_journal, self.control.sinks.len());
        self.control.wait(deadline_ns, |done| {
            done.drained && (done.written || !has_journal) && done.sinks == sinks
        });
        let done = self.control.done();
        self.control.set_phase(Phase::Over);
        self.recorder.wake_drain();
        self.join_threads();
        crash::set_page(None);
        let is_whole = done.drained && (done.written || !has_journal);
        let delivery = self.close(is_whole, deadline_ns);
        self.recorder.uninstall();
        fork::keep_from_children(None);
        self.delivery = Some(delivery.clone());
        delivery
    }

    /// Says how it ended, and removes what has served.
    fn close(&mut self, is_whole: bool, deadline_ns: u64) -> Delivery {
        let mut delivery = self.count();
        self.note_end(&delivery, is_whole);
        let closing = Closing {
            io: Arc::clone(&self.io),
            directory: self.directory.clone(),
            place: self.chosen.place.clone(),
            summary: self.summary.clone(),
            is_whole,
            lock: self.lock.take(),
        };
        let left_ns = deadline_ns.saturating_sub(now_ns());
        let closed = closing.run_within(CLOSE_PATIENCE + Duration::from_nanos(left_ns));
        let error = self.control.writer_error().or(closed.error);
        self.control.set_writer_error(error);
        if closed.is_rest_gone && !is_whole {
            delivery.give_up_pending(self.control.left());
        }
        delivery.error = self.control.writer_error();
        delivery
    }

    /// In a forked child the run is its parent's: nothing is ended, and nothing of it can be dropped.
    fn abandon(&mut self) -> Delivery {
        std::mem::forget(self.lock.take());
        let delivery = Delivery::default();
        self.delivery = Some(delivery.clone());
        delivery
    }

    /// Waits for the threads that are about to end. One that hangs in its sink is left behind: it holds nothing that
    /// the run needs.
    fn join_threads(&mut self) {
        let deadline_ns = now_ns() + JOIN_NS;
        for handle in self.threads.drain(..) {
            while !handle.is_finished() && now_ns() < deadline_ns {
                thread::yield_now();
            }
            if handle.is_finished() && handle.join().is_err() {
                self.control.set_writer_error(Some("a thread of the toolkit panicked".to_owned()));
            }
        }
    }

    fn note_end(&mut self, delivery: &Delivery, is_whole: bool) {
        self.summary.delivery = delivery.clone();
        self.summary.records = delivery.emitted;
        self.summary.errors = self.control.errors();
        let now = rfc3339(self.recorder.source().anchor().unix_ns);
        if is_whole {
            self.summary.ended_at = Some(now);
            self.summary.end = Some(self.control.end().unwrap_or_else(End::finished));
        } else {
            self.summary.finished_at = Some(now);
            self.summary.panicked = self.control.is_by_panic();
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.finish(self.finish_timeout);
    }
}
