//! What arrives, counted; and what a file of lines tells.
use obs_core::record::Fact;
use obs_core::{Batch, LostReason, Sink, SinkError, Value};
use obs_test::lines;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What arrived at a place.
#[derive(Debug, Default, Clone)]
pub(crate) struct Arrived {
    /// The numbers of the events.
    pub(crate) events: BTreeSet<u64>,
    /// Events that were refused before they had a number in the journal.
    pub(crate) refused: u64,
    /// Records that the journal does not hold.
    pub(crate) overwritten: u64,
}

impl Arrived {
    /// Events that arrived, and records that are counted as lost.
    pub(crate) fn accounted(&self) -> u64 {
        self.events.len() as u64 + self.refused + self.overwritten
    }

    /// Each of so many events arrived or is counted; of other records a few may be counted besides.
    pub(crate) fn accounts_for(&self, events: u64) {
        let accounted = self.accounted();
        let most = if self.overwritten > 0 { events + 16 } else { events };
        assert!((events..=most).contains(&accounted), "{accounted} of {events}: {self}");
    }

    fn lose(&mut self, reason: &str, records: u64) {
        if reason == LostReason::RingFull.as_str() {
            self.refused += records;
        } else {
            self.overwritten += records;
        }
    }
}

impl std::fmt::Display for Arrived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { events, refused, overwritten } = self;
        write!(f, "{} events, {refused} refused, {overwritten} overwritten", events.len())
    }
}

/// A sink that notes what it is given, in memory.
#[derive(Debug)]
pub(crate) struct Tally {
    counted: Counted,
}

/// What a [`Tally`] has noted so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counted {
    state: Arc<(Mutex<Arrived>, Condvar)>,
}

impl Tally {
    pub(crate) fn new() -> (Self, Counted) {
        let counted = Counted::default();
        (Self { counted: counted.clone() }, counted)
    }
}

impl Counted {
    /// Waits until the event with this number has arrived.
    pub(crate) fn wait_for(&self, number: u64) {
        self.wait_until(|arrived| arrived.events.contains(&number));
    }

    pub(crate) fn wait_until(&self, enough: impl Fn(&Arrived) -> bool) {
        let (arrived, changed) = &*self.state;
        let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_while(arrived, |arrived| !enough(arrived)));
    }

    pub(crate) fn arrived(&self) -> Arrived {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sink for Tally {
    fn name(&self) -> &str {
        "tally"
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        let (arrived, changed) = &*self.counted.state;
        let mut arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(record) = batch.next() {
            match record.fact {
                Fact::Event(event) => {
                    if let Some(Value::U64(number)) = event.fields.value("number") {
                        assert!(arrived.events.insert(number), "{number} came twice");
                    }
                }
                Fact::Lost(lost) => arrived.lose(lost.reason.as_str(), lost.records),
                _ => {}
            }
        }
        changed.notify_all();
        Ok(())
    }
}

/// What `log.jsonl` in the run directory tells: each line an object, no event twice, all in order.
pub(crate) fn log_file(directory: &Path) -> Arrived {
    let mut arrived = Arrived::default();
    for line in lines::read(&directory.join("log.jsonl")) {
        if let Some(number) = line.get("number").and_then(serde_json::Value::as_u64) {
            assert!(arrived.events.insert(number), "{number} stands there twice");
        } else if let Some((reason, records)) = lines::lost(&line) {
            arrived.lose(reason, records);
        }
    }
    arrived
}
