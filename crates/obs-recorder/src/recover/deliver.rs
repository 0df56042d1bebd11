//! What a recovery does for sinks: it lets them go on, and says of the others how far they came.
use super::{Journal, Patience, RecoverError, cannot};
use crate::clock::ns;
use crate::control::now_ns;
use crate::cursor::Cursor;
use crate::journal::Reader;
use crate::layout::RunDirectory;
use crate::runner::{Limits, Runner, Step};
use obs_core::wire::notes::total;
use obs_core::{Delivery, Sink, SinkDelivery};
use std::sync::Arc;
use std::time::Duration;

/// A sink that takes what it has not got.
struct Attempt {
    runner: Runner,
    deadline_ns: u64,
    is_over: bool,
    is_told: bool,
}

impl Attempt {
    /// Goes one step further. Returns whether it took something.
    fn step(&mut self, limits: Limits, patience: &mut Patience) -> bool {
        let (is_done, fails) = match self.runner.step(limits, now_ns()) {
            Step::Progress => {
                self.deadline_ns = now_ns().saturating_add(ns(patience.limit));
                return true;
            }
            Step::Idle => (self.runner.finish(limits), false),
            Step::WaitUntil(_) => (false, true),
        };
        // What is left is for the next recovery: the delivery says so.
        self.is_over = is_done || now_ns() >= self.deadline_ns;
        if fails && !self.is_over && !self.is_told {
            self.is_told = true;
            let state = self.runner.state();
            patience.tell(state.name(), &state.error().unwrap_or_default());
        }
        false
    }
}

impl Journal {
    /// Lets the sinks take what they have not got.
    pub(super) fn deliver(
        &mut self,
        sinks: Vec<Box<dyn Sink>>,
        directory: &RunDirectory,
        mut patience: Patience,
    ) -> Result<Delivery, RecoverError> {
        let last_seq = self.last_seq.max(self.writer.state().last_seq());
        let lost = total(self.writer.state().refused().values().flatten());
        let mut delivery = Delivery::default();
        (delivery.emitted, delivery.lost) = (last_seq.saturating_add(lost), lost);
        self.io
            .make_directory(&directory.cursors())
            .map_err(cannot("make the directory of cursors"))?;
        let end = self.writer.synced();
        let limits = Limits { staged: end, synced: end };
        let attempt = |sink| self.attempt(sink, directory, &patience);
        let mut attempts: Vec<Attempt> = sinks.into_iter().map(attempt).collect();
        while !patience.is_ended() && attempts.iter().any(|attempt| !attempt.is_over) {
            let mut is_one_taking = false;
            for attempt in attempts.iter_mut().filter(|attempt| !attempt.is_over) {
                is_one_taking |= attempt.step(limits, &mut patience);
            }
            if !is_one_taking && attempts.iter().any(|attempt| !attempt.is_over) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        let states = attempts.iter().map(|attempt| attempt.runner.state());
        delivery.sinks.extend(states.map(|state| state.delivery(last_seq, lost)));
        Ok(delivery)
    }

    fn attempt(
        &self,
        sink: Box<dyn Sink>,
        directory: &RunDirectory,
        patience: &Patience,
    ) -> Attempt {
        let journal = Some(directory.journal());
        let reader = Reader::new(Arc::clone(&self.io), journal, self.run_id, None);
        let cursors = Some(directory.cursors());
        let mut runner = Runner::new(sink, reader, Arc::clone(&self.io), cursors, self.run_id);
        runner.never_pause();
        let deadline_ns = now_ns().saturating_add(ns(patience.limit));
        Attempt { runner, deadline_ns, is_over: false, is_told: false }
    }

    /// Adds the sinks of the run that are not here to go on: how far they came, their cursors say.
    pub(super) fn add_absent(
        &self,
        delivery: &mut Delivery,
        before: &Delivery,
        directory: &RunDirectory,
    ) -> Result<(), RecoverError> {
        let last_seq = self.last_seq.max(self.writer.state().last_seq());
        for sink in before.sinks.iter().filter(|sink| !sink.ends_with_process) {
            if delivery.sinks.iter().any(|other| other.name == sink.name) {
                continue;
            }
            let path = directory.cursors().join(format!("{}.cursor", sink.name));
            let cursor = Cursor::load(self.io.as_ref(), &path, self.run_id);
            let cursor = cursor.map_err(cannot("read a cursor"))?.unwrap_or_default();
            let seq = cursor.seq.min(last_seq);
            let mut absent = SinkDelivery::new(&sink.name);
            absent.lost = cursor.lost.min(seq);
            absent.delivered = seq - absent.lost;
            absent.lost = absent.lost.saturating_add(delivery.lost);
            absent.pending = last_seq - seq;
            delivery.sinks.push(absent);
        }
        Ok(())
    }
}
