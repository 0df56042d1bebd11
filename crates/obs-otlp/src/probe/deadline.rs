//! How much time is left.
use crate::clock::Moment;
use std::time::Duration;

/// No wait is shorter: the system takes a wait of nothing for one without end.
const LEAST: Duration = Duration::from_millis(1);

/// The time that several steps may take together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    begun: Moment,
    limit: Duration,
}

impl Deadline {
    pub(super) fn after(limit: Duration) -> Self {
        Self { begun: Moment::now(), limit }
    }

    /// What has passed.
    pub(super) fn passed(self) -> Duration {
        self.begun.elapsed()
    }

    /// What is left; a millisecond at the end.
    pub(super) fn left(self) -> Duration {
        self.limit.saturating_sub(self.passed()).max(LEAST)
    }

    /// What is left, but for a part by which to find out why nothing came.
    pub(super) fn most_left(self) -> Duration {
        (self.left() / 4 * 3).max(LEAST)
    }

    pub(super) fn is_over(self) -> bool {
        self.passed() >= self.limit
    }
}
