//! What a recovery does for sinks: it lets them go on, and says of the others how far they came.
use super::{Journal, RecoverError, cannot};
use crate::clock::ns;
use crate::control::now_ns;
use crate::cursor::Cursor;
use crate::journal::Reader;
use crate::layout::RunDirectory;
use crate::runner::{Limits, Runner, Step};
use obs_core::wire::notes::total;
use obs_core::{Delivery, Sink, SinkDelivery};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

impl Journal {
    /// Lets the sinks take what they have not got.
    pub(super) fn deliver(
        &mut self,
        sinks: Vec<Box<dyn Sink>>,
        directory: &RunDirectory,
        (patience, stop): (Duration, &AtomicBool),
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
        for sink in sinks {
            let reader =
                Reader::new(Arc::clone(&self.io), Some(directory.journal()), self.run_id, None);
            let cursors = Some(directory.cursors());
            let mut runner = Runner::new(sink, reader, Arc::clone(&self.io), cursors, self.run_id);
            runner.never_pause();
            let mut deadline_ns = now_ns().saturating_add(ns(patience));
            while !stop.load(Ordering::Relaxed) {
                let is_done = match runner.step(limits, now_ns()) {
                    Step::Progress => {
                        deadline_ns = now_ns().saturating_add(ns(patience));
                        continue;
                    }
                    Step::Idle => runner.finish(limits),
                    Step::WaitUntil(_) => false,
                };
                // What is left is for the next recovery: the delivery says so.
                if is_done || now_ns() >= deadline_ns {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            delivery.sinks.push(runner.state().delivery(last_seq, lost));
        }
        Ok(delivery)
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
