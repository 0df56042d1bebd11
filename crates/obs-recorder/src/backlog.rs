//! How far sinks may fall behind before threads wait for them.
use crate::runner::SinkState;
use obs_core::Settings;
use obs_core::settings::Overflow;
use std::sync::Arc;

/// The sinks that threads wait for. Where they block rather than lose records, the journal must not go past its size
/// while a file of the run is behind: its oldest segments would go unread.
#[derive(Debug)]
pub(crate) struct Backlog {
    sinks: Vec<Arc<SinkState>>,
    bytes_max: u64,
}

impl Backlog {
    /// Waits for these sinks, as the settings have it.
    pub(crate) fn new(settings: &Settings, sinks: Vec<Arc<SinkState>>) -> Self {
        let sinks = if settings.overflow == Overflow::Block { sinks } else { Vec::new() };
        // What is staged or in an open segment comes on top.
        let reserve = 2 * settings.segment_bytes + settings.stage_bytes;
        let journal = settings.journal_bytes_max;
        Self { sinks, bytes_max: journal.saturating_sub(reserve).max(journal / 4) }
    }

    /// Whether a sink is as far behind the position `head` as it may be. One that fails is not waited for: it may do so
    /// for ever.
    pub(crate) fn is_full(&self, head: u64) -> bool {
        let is_behind =
            |sink: &&Arc<SinkState>| head.saturating_sub(sink.position()) > self.bytes_max;
        self.sinks.iter().filter(is_behind).any(|sink| !sink.is_failing())
    }
}
