//! Where records go. A sink knows records, and nothing of rings, journal or other sinks.
use crate::record::Record;
use crate::wire::Kind;
use std::time::Duration;

/// A destination for records. One thread drives it, so it may block; it never slows the program or another sink.
pub trait Sink: Send {
    /// Its name, unique within a run: it names the cursor, the counts and the thread.
    fn name(&self) -> &str;

    /// Takes the records of `batch`, all of them, in order. `Ok` means that they are delivered: they are not offered
    /// again. A batch is never empty.
    ///
    /// # Errors
    ///
    /// [`SinkError`]: after a transient one the same records are offered again, perhaps cut into other batches; after a
    /// permanent one they are counted as lost.
    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError>;

    /// Makes what was written durable, or visible, as far as the destination can. Called when there is nothing more to
    /// write, at most every second, and at the end.
    ///
    /// # Errors
    ///
    /// [`SinkError`], treated as by [`Sink::write`] but that nothing is offered again.
    fn flush(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// The number of the last record that the destination itself holds, if it can tell: it then counts more than the
    /// cursor that was saved. Called before the first write, and again after a flush has
    /// failed: what was written since the last good one may be gone.
    ///
    /// # Errors
    ///
    /// [`SinkError`] when the destination cannot be read; a transient one is tried again.
    fn resume(&mut self) -> Result<Option<u64>, SinkError> {
        Ok(None)
    }

    /// Takes note of a record that an earlier process of the run's dealt with, and of which it said that it is still
    /// needed: see [`Batch::keep_from`]. Nothing is to be delivered. Called before the first write.
    fn recall(&mut self, record: &Record<'_>) {
        let _ = record;
    }

    /// The least time between two writes, unless more than 1 MiB of records waits or the run ends. Asked once. Zero
    /// unless overridden.
    fn pause(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether the sink writes to the run directory. The run's lock is then held until its thread has ended, however
    /// long that hangs, so that no recovery writes there at the same time. No unless overridden.
    fn is_in_run_directory(&self) -> bool {
        false
    }

    /// Which records may be offered.
    fn appetite(&self) -> Appetite {
        Appetite::Staged
    }

    /// Whether another process can go on with it when the run's own is dead: it writes to the run directory, or to a
    /// place that does not depend on the process.
    fn outlives_process(&self) -> bool {
        self.is_in_run_directory() || self.appetite() == Appetite::Synced
    }

    /// Whether records of this kind are offered at all; the others count as delivered, and cost next to nothing. Asked
    /// once. What is missing is always told. Every kind unless overridden.
    fn wants(&self, kind: Kind) -> bool {
        let _ = kind;
        true
    }
}

/// Which records may be offered to a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Appetite {
    /// All that are staged: they survive the process. For outputs that can be cut back after a power cut.
    Staged,
    /// Only those that are synced to disk: they survive the machine. For outputs that cannot be cut back.
    Synced,
}

/// Records on their way into a sink.
pub trait Batch {
    /// The next record, or `None` at the end.
    fn next(&mut self) -> Option<Record<'_>>;

    /// Says that the records up to the number `seq` are dealt with, whatever becomes of the others: after a transient
    /// error only those behind it are offered again. For sinks that deliver a batch in several parts.
    fn settle(&mut self, seq: u64) {
        let _ = seq;
    }

    /// Says that the records from the number `seq` on are still needed when all of the batch is dealt with; `None` for
    /// none of them. Should the process die, whoever goes on is told them once more by [`Sink::recall`], as far as the
    /// journal has them. Holds until it is said again.
    fn keep_from(&mut self, seq: Option<u64>) {
        let _ = seq;
    }

    /// Says that so many of the records were refused for good, and why: they are counted as lost. The others may be
    /// delivered all the same.
    fn lose(&mut self, records: u64, why: &str) {
        let _ = (records, why);
    }
}

/// What a sink could not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SinkError {
    kind: SinkErrorKind,
    message: String,
}

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SinkErrorKind {
    /// The same may work later; not before this time has passed, if the destination said so.
    Transient(Option<Duration>),
    /// The same will never work.
    Permanent,
}

impl SinkError {
    /// An error that may pass: the records are offered again.
    #[must_use]
    pub fn transient(message: impl Into<String>) -> Self {
        Self { kind: SinkErrorKind::Transient(None), message: message.into() }
    }

    /// An error that may pass, not before `after`.
    #[must_use]
    pub fn retry_after(message: impl Into<String>, after: Duration) -> Self {
        Self { kind: SinkErrorKind::Transient(Some(after)), message: message.into() }
    }

    /// An error that will not pass: the records are counted as lost.
    #[must_use]
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { kind: SinkErrorKind::Permanent, message: message.into() }
    }

    /// What follows from it.
    #[must_use]
    pub fn kind(&self) -> SinkErrorKind {
        self.kind
    }
}
