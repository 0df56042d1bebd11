//! The only place that reads the clock: how long an answer took, and what a date in it means, is nothing to simulate.
use std::time::{Duration, Instant, SystemTime};

/// A moment, to measure from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(Instant);

impl Moment {
    #[expect(clippy::disallowed_methods, reason = "measures a receiver's answers")]
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[expect(clippy::disallowed_methods, reason = "a receiver may name a date to wait for")]
pub(crate) fn wall() -> SystemTime {
    SystemTime::now()
}
