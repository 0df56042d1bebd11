//! How a sink is doing, for others to see.
use crate::cursor::Cursor;
use obs_core::SinkDelivery;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How a sink is doing, for others to see.
#[derive(Debug)]
pub struct SinkState {
    name: String,
    position: AtomicU64,
    seq: AtomicU64,
    lost: AtomicU64,
    /// Records that the destination refused, in this process.
    refused: AtomicU64,
    error: Mutex<Option<String>>,
    ends_with_process: bool,
}

impl SinkState {
    pub(super) fn new(name: String, ends_with_process: bool) -> Self {
        Self {
            name,
            position: AtomicU64::new(0),
            seq: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            error: Mutex::default(),
            ends_with_process,
        }
    }

    /// Whether the end of the process is that of the sink.
    pub(super) fn ends_with_process(&self) -> bool {
        self.ends_with_process
    }

    pub(super) fn publish(&self, cursor: &Cursor) {
        self.lost.store(cursor.lost, Ordering::Relaxed);
        self.seq.store(cursor.seq, Ordering::Relaxed);
        self.position.store(cursor.position, Ordering::Release);
    }

    pub(crate) fn set_error(&self, error: Option<String>) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    /// Takes note of records that were refused for good.
    pub(super) fn refuse(&self, records: u64, why: &str) {
        self.refused.fetch_add(records, Ordering::Relaxed);
        self.set_error(Some(why.to_owned()));
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Why the sink failed, or refused records.
    pub(crate) fn error(&self) -> Option<String> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The sink's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the sink failed when it was tried last.
    pub(crate) fn is_failing(&self) -> bool {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Everything below this journal position has been dealt with.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// What became of the run's records in this sink. `last_seq` is the number of the last record, `lost_before` how
    /// many were lost before they had a number.
    #[must_use]
    pub fn delivery(&self, last_seq: u64, lost_before: u64) -> SinkDelivery {
        let seq = self.seq.load(Ordering::Relaxed).min(last_seq);
        let lost = self.lost.load(Ordering::Relaxed).min(seq);
        let mut delivery = SinkDelivery::new(&self.name);
        delivery.delivered = seq - lost;
        delivery.lost = lost.saturating_add(lost_before);
        delivery.pending = last_seq - seq;
        delivery.error = self.error();
        delivery.ends_with_process = self.ends_with_process;
        delivery
    }
}
