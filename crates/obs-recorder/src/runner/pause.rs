//! How long a sink is left alone between two offers, though there is something for it.
use std::time::Duration;

/// When so much waits, it is offered before the pause is over.
pub(crate) const BACKLOG_BYTES: u64 = 1 << 20;

/// The least time between two offers.
#[derive(Debug)]
pub(super) struct Pause {
    length_ns: u64,
    over_ns: u64,
}

impl Pause {
    pub(super) fn new(length: Duration) -> Self {
        Self { length_ns: crate::clock::ns(length), over_ns: 0 }
    }

    /// Something was offered.
    pub(super) fn begin(&mut self, now_ns: u64) {
        self.over_ns = now_ns.saturating_add(self.length_ns);
    }

    /// How long it still lasts.
    pub(super) fn left_ns(&self, now_ns: u64) -> u64 {
        self.over_ns.saturating_sub(now_ns)
    }

    /// Whether so many bytes are left waiting.
    pub(super) fn holds(&self, waiting: u64, now_ns: u64) -> bool {
        self.left_ns(now_ns) > 0 && waiting < BACKLOG_BYTES
    }
}
