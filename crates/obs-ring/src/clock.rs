//! Ticks: the cheapest steady counter of the machine, and the readings that turn ticks into time.

/// The counter that [`TickSource::now`] reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TickSource {
    /// Nanoseconds of the system's monotonic clock: about 25 ns a reading.
    Monotonic,
    /// The processor's time stamp counter, where the kernel itself trusts it as its clock: about 10 ns a reading.
    Counter,
}

/// One instant on all clocks, read back to back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Anchor {
    /// Ticks of the source in use.
    pub ticks: u64,
    /// Nanoseconds since the machine started, suspended time included.
    pub boot_ns: u64,
    /// Nanoseconds since 1970 UTC by the wall clock.
    pub unix_ns: u64,
}

impl Anchor {
    /// An anchor of three given readings.
    #[must_use]
    pub const fn new(ticks: u64, boot_ns: u64, unix_ns: u64) -> Self {
        Self { ticks, boot_ns, unix_ns }
    }
}

impl TickSource {
    /// The best source of this machine: the counter if the kernel's own clock runs on it, else the system clock.
    #[must_use]
    pub fn best() -> Self {
        if counter_is_trusted() { Self::Counter } else { Self::Monotonic }
    }

    /// The number by which a file header names the source.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::Monotonic => 0,
            Self::Counter => 1,
        }
    }

    /// Reads the counter. The reading is taken after every load that the program made before it, so that of two events,
    /// one of which has seen the other, the later one has no smaller reading.
    #[inline]
    #[must_use]
    pub fn now(self) -> u64 {
        match self {
            Self::Monotonic => system_ns(SystemClock::Monotonic),
            Self::Counter => read_counter(),
        }
    }

    /// Reads all clocks at one instant: the tightest of three tries.
    #[must_use]
    pub fn anchor(self) -> Anchor {
        let once = || {
            let before = self.now();
            let boot_ns = system_ns(SystemClock::Boot);
            let unix_ns = system_ns(SystemClock::Wall);
            let after = self.now();
            (after.wrapping_sub(before), Anchor { ticks: before / 2 + after / 2, boot_ns, unix_ns })
        };
        let tries = [once(), once(), once()];
        tries.iter().min_by_key(|(spread, _)| *spread).map_or(tries[0].1, |(_, anchor)| *anchor)
    }
}

#[derive(Clone, Copy)]
enum SystemClock {
    Monotonic,
    Boot,
    Wall,
}

/// The C library's call, and not rustix's: that looks for the kernel's own at an address where Valgrind leaves nothing
/// (<https://github.com/bytecodealliance/rustix/issues/1559>), and takes every program down that runs under it. Safe to
/// be called in a signal handler.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a call of the C library")]
fn system_ns(clock: SystemClock) -> u64 {
    let clock = match clock {
        SystemClock::Monotonic => libc::CLOCK_MONOTONIC,
        SystemClock::Boot => libc::CLOCK_BOOTTIME,
        SystemClock::Wall => libc::CLOCK_REALTIME,
    };
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a `timespec` of this function's own.
    let code = unsafe { libc::clock_gettime(clock, &raw mut time) };
    debug_assert_eq!(code, 0, "the three clocks are there since Linux 2.6.39");
    (time.tv_sec.max(0) as u64).saturating_mul(1_000_000_000).saturating_add(time.tv_nsec as u64)
}

/// Nanoseconds since the machine started. Safe to be called in a signal handler.
#[cfg(all(unix, not(loom)))]
pub(crate) fn boot_ns() -> u64 {
    system_ns(SystemClock::Boot)
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "this is where the Clock comes from")]
fn system_ns(clock: SystemClock) -> u64 {
    use std::sync::OnceLock;
    use std::time::{Instant, SystemTime};
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = match clock {
        SystemClock::Wall => {
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
        }
        _ => START.get_or_init(Instant::now).elapsed(),
    };
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn counter_is_trusted() -> bool {
    std::fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        .is_ok_and(|name| name.trim() == "tsc")
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn counter_is_trusted() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[expect(unsafe_code, reason = "reading the time stamp counter")]
fn read_counter() -> u64 {
    // SAFETY: LFENCE is part of SSE2, which every x86-64 processor has; it touches no memory.
    unsafe { std::arch::x86_64::_mm_lfence() };
    // SAFETY: RDTSC is part of x86-64 and touches no memory; `best` chose it because the kernel uses it too.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
fn read_counter() -> u64 {
    system_ns(SystemClock::Monotonic)
}
