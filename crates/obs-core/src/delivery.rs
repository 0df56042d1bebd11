//! What became of a run's records.
use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of a run's records: for each sink, emitted = delivered + lost + pending.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Records that the program made, those that were refused included.
    pub emitted: u64,
    /// Records that no sink could get: refused, damaged or overwritten before they reached the journal.
    pub lost: u64,
    /// Each sink's share.
    pub sinks: Vec<SinkDelivery>,
    /// Why the journal is not written, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of a run's records in one sink.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SinkDelivery {
    /// The sink's name.
    pub name: String,
    /// Records that it has taken, those included that its level or kind lets it pass over.
    pub delivered: u64,
    /// Records that it will never get.
    pub lost: u64,
    /// Records that are in the journal, or on the way there, and will be offered to it later.
    pub pending: u64,
    /// The last error, if the sink is failing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether nobody can go on with it once the process is gone: what is pending then never arrives.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_with_process: bool,
}

impl SinkDelivery {
    /// A sink that has taken nothing yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Whether the sink has everything.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.lost == 0 && self.pending == 0
    }
}

impl Delivery {
    /// Whether every sink has everything.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.lost == 0 && self.sinks.iter().all(SinkDelivery::is_complete)
    }
}

impl Delivery {
    /// Takes note that `records` which were on their way to the journal are gone.
    pub fn give_up_pending(&mut self, records: u64) {
        self.lost += records;
        for sink in &mut self.sinks {
            let gone = records.min(sink.pending);
            sink.pending -= gone;
            sink.lost += gone;
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records emitted, {} lost", self.emitted, self.lost)?;
        if let Some(error) = &self.error {
            write!(f, " ({error})")?;
        }
        for SinkDelivery { name, delivered, lost, pending, error, .. } in &self.sinks {
            write!(f, "; {name}: {delivered} delivered, {lost} lost, {pending} pending")?;
            if let Some(error) = error {
                write!(f, " ({error})")?;
            }
        }
        Ok(())
    }
}
