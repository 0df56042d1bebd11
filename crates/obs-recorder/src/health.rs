//! Whether a sink does its work, said once when that changes.
use crate::announce;
use crate::control::now_ns;
use crate::runner::SinkState;

/// A sink that fails for so long is spoken of.
const PATIENCE_NS: u64 = 500_000_000;
/// Losses are told no more often than this.
const LOSSES_NS: u64 = 10_000_000_000;

/// What was said of a sink so far.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// Since when it fails.
    failing_since: Option<u64>,
    is_told: bool,
    told_refused: u64,
    refused_told_ns: u64,
}

impl Health {
    /// Says it if the sink began to fail or works again.
    pub(crate) fn tell(&mut self, state: &SinkState, is_failing: bool) {
        let now_ns = now_ns();
        if is_failing {
            let since = *self.failing_since.get_or_insert(now_ns);
            if !self.is_told && now_ns.saturating_sub(since) >= PATIENCE_NS {
                self.is_told = true;
                let (sink, error) = (state.name(), state.error());
                let error = error.unwrap_or_default();
                announce::warn(&format!("sink {sink} fails, its records wait: {error}"));
            }
        } else if let Some(since) = self.failing_since.take()
            && std::mem::take(&mut self.is_told)
        {
            let seconds = now_ns.saturating_sub(since).div_ceil(1_000_000_000);
            announce::info(&format!("sink {} works again after {seconds} s", state.name()));
        }
    }

    /// Says it if records were refused: at once, and then from time to time.
    pub(crate) fn tell_refused(&mut self, state: &SinkState) {
        let now_ns = now_ns();
        let refused = state.refused();
        let new = refused - self.told_refused;
        let waited = now_ns.saturating_sub(self.refused_told_ns);
        if new > 0 && (self.told_refused == 0 || waited >= LOSSES_NS) {
            (self.told_refused, self.refused_told_ns) = (refused, now_ns);
            let why = state.error().unwrap_or_default();
            announce::warn(&format!("sink {} lost {new} records: {why}", state.name()));
        }
    }
}
