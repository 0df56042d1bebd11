//! Time: the clocks as a seam, and ticks as wall time.
use obs_ring::clock::{Anchor, TickSource};
use std::fmt;
use std::time::Duration;

/// Where time comes from. A test turns it by hand.
pub trait Clock: Send + Sync + fmt::Debug {
    /// All clocks at one instant.
    fn anchor(&self) -> Anchor;

    /// The cheapest clock alone.
    fn ticks(&self) -> u64 {
        self.anchor().ticks
    }
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SystemClock {
    /// The counter that ticks are read from.
    pub source: TickSource,
}

impl SystemClock {
    /// The machine's clocks, with its best counter.
    #[must_use]
    pub fn new() -> Self {
        Self { source: crate::local::source() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn anchor(&self) -> Anchor {
        self.source.anchor()
    }

    fn ticks(&self) -> u64 {
        self.source.now()
    }
}

/// How often the relation of ticks to time is measured again.
const ANCHOR_INTERVAL_NS: u64 = 1_000_000_000;
/// The first anchors are this far apart.
const BASELINE_NS_MIN: u64 = 10_000;
/// A wall clock that moved by more than this against the steady one was set.
const JUMP_NS: u64 = 1_000_000;
/// Nanoseconds a tick as a fixed-point number with 32 bits behind the point.
const ONE: u64 = 1 << 32;

/// Turns ticks into wall time. Between anchors it interpolates; a wall clock that is set shifts what comes after, never
/// what came before, and a duration is never negative.
#[derive(Debug, Clone)]
pub struct Timeline {
    first: Anchor,
    /// The anchor that times are counted from.
    base: Anchor,
    /// The one before, for ticks before `base`.
    before: Anchor,
    rate: u64,
}

/// What a new anchor showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Anchored {
    /// Nothing unusual, or it was not time yet.
    Steady,
    /// The wall clock was set: by so many nanoseconds forward.
    Jumped(i64),
}

impl Timeline {
    /// Starts from one anchor. `rate` is how many 2^-32 nanoseconds a tick takes, where that is known already.
    #[must_use]
    pub fn new(anchor: Anchor, rate: Option<u64>) -> Self {
        Self { first: anchor, base: anchor, before: anchor, rate: rate.unwrap_or(ONE) }
    }

    /// The rate: 2^-32 nanoseconds a tick.
    #[must_use]
    pub fn rate(&self) -> u64 {
        self.rate
    }

    /// The anchor that times are counted from.
    #[must_use]
    pub fn base(&self) -> Anchor {
        self.base
    }

    /// Takes a new anchor into account, unless the last is so new that it says enough: at first they come thick, each
    /// doubling what the rate is measured over, later once a second.
    pub fn anchor(&mut self, now: Anchor) -> Anchored {
        let since = now.boot_ns.saturating_sub(self.base.boot_ns);
        let measured = self.base.boot_ns.saturating_sub(self.first.boot_ns);
        if since < measured.clamp(BASELINE_NS_MIN, ANCHOR_INTERVAL_NS) {
            return Anchored::Steady;
        }
        if let Some(rate) = rate_between(&self.first, &now) {
            self.rate = rate;
        }
        let wall = now.unix_ns.wrapping_sub(self.base.unix_ns) as i64;
        let jump = wall.saturating_sub_unsigned(since);
        self.before = std::mem::replace(&mut self.base, now);
        if jump.unsigned_abs() > JUMP_NS { Anchored::Jumped(jump) } else { Anchored::Steady }
    }

    /// The wall time, in nanoseconds since 1970, of an instant in ticks.
    #[must_use]
    pub fn unix_ns(&self, ticks: u64) -> u64 {
        let anchor = if ticks >= self.base.ticks { &self.base } else { &self.before };
        let span = self.duration_ns(anchor.ticks.min(ticks), anchor.ticks.max(ticks));
        if ticks >= anchor.ticks {
            anchor.unix_ns.saturating_add(span)
        } else {
            anchor.unix_ns.saturating_sub(span)
        }
    }

    /// Nanoseconds from one instant to a later one; 0 if it is not later.
    #[must_use]
    pub fn duration_ns(&self, from: u64, to: u64) -> u64 {
        let ns = (u128::from(to.saturating_sub(from)) * u128::from(self.rate)) >> 32;
        u64::try_from(ns).unwrap_or(u64::MAX)
    }
}

/// The rate that two anchors show, unless they are too close to each other.
#[must_use]
pub fn rate_between(from: &Anchor, to: &Anchor) -> Option<u64> {
    let ns = to.boot_ns.checked_sub(from.boot_ns).filter(|ns| *ns > 0)?;
    let ticks = to.ticks.checked_sub(from.ticks).filter(|ticks| *ticks > 0)?;
    u64::try_from((u128::from(ns) << 32) / u128::from(ticks)).ok()
}

/// Nanoseconds of a duration, as far as 64 bits go.
#[must_use]
pub(crate) fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
