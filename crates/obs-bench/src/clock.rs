//! The clock by which everything is measured.
use std::time::Instant;

/// Now. What lies between two readings includes one of them.
#[inline]
#[expect(clippy::disallowed_methods, reason = "it measures")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
