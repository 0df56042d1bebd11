//! Whether a sink does its work, said once when that changes.
use crate::announce;
use crate::runner::{Runner, SinkState};

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
    /// Says it if the sink began to fail, works again, or lost records that were refused.
    pub(crate) fn tell(&mut self, runner: &Runner, now_ns: u64) {
        let state = runner.sink_state();
        if runner.is_failing() {
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
        self.tell_refused(state, now_ns);
    }

    fn tell_refused(&mut self, state: &SinkState, now_ns: u64) {
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
