//! The last that a run does: it says in `run.json` how it ended, and removes what has served.
//!
//! On a thread of its own, for a disk that hangs must not hold up the program. The run's lock goes with it.
use crate::layout::RunDirectory;
use crate::lock::RunLock;
use crate::place::Place;
use crate::summary::Summary;
use obs_core::io::Io;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What is left to be done.
#[derive(Debug)]
pub(crate) struct Closing {
    pub(crate) io: Arc<dyn Io>,
    pub(crate) directory: Option<RunDirectory>,
    pub(crate) place: Place,
    pub(crate) summary: Summary,
    /// Whether everything is in the journal.
    pub(crate) is_whole: bool,
    pub(crate) lock: Option<Arc<RunLock>>,
}

/// How that went.
#[derive(Debug, Default)]
pub(crate) struct Closed {
    pub(crate) error: Option<String>,
    /// Whether there is nothing that a recovery could take the rest from.
    pub(crate) is_rest_gone: bool,
}

impl Closing {
    /// Does it, and waits for that as long as it may take; what hangs is left behind.
    pub(crate) fn run_within(self, patience: Duration) -> Closed {
        let work = Arc::new(Mutex::new(Some(self)));
        let Ok(closed) = start(&work) else {
            // There is no thread for it.
            let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
            return work.map(Self::run).unwrap_or_default();
        };
        let hangs = || Closed {
            error: Some("the disk did not take run.json in time".to_owned()),
            is_rest_gone: false,
        };
        closed.recv_timeout(patience).unwrap_or_else(|_| hangs())
    }

    fn run(self) -> Closed {
        let mut closed = Closed::default();
        let saved = match &self.directory {
            Some(directory) => self.summary.save(self.io.as_ref(), directory.path()),
            None => Ok(()),
        };
        let is_forgotten = self.lock.as_ref().is_some_and(|lock| lock.is_removed());
        if let Err(error) = saved {
            closed.error = Some(format!("cannot write run.json: {error}"));
        }
        // Nobody will ever look for the rings of a run whose directory was removed.
        if self.is_whole && closed.error.is_none() || is_forgotten || self.directory.is_none() {
            closed.is_rest_gone = true;
            closed.error = self.place.remove().or(closed.error);
        }
        drop(self.lock);
        closed
    }
}

fn start(work: &Arc<Mutex<Option<Closing>>>) -> std::io::Result<Receiver<Closed>> {
    let (sender, receiver) = channel();
    let work = Arc::clone(work);
    thread::Builder::new().name("obs-finish".into()).spawn(move || {
        let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(work) = work {
            // Whoever waited has gone on.
            drop(sender.send(work.run()));
        }
    })?;
    Ok(receiver)
}
