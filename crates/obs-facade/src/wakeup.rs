//! What wakes a thread that waits: other threads, a signal, or the end of a time.
use obs_core::settings::FilterSignal;
use obs_ring::signal::{self, ADDED};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::Errno;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// Wakes the thread that waits.
#[derive(Debug)]
pub(crate) struct Wakeup {
    event: OwnedFd,
}

/// What has woken a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Woken {
    /// How many signals have come.
    pub(crate) signals: u64,
}

impl Wakeup {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { event: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)? })
    }

    /// Has the signal of the settings wake, too; with `off` none does.
    ///
    /// # Errors
    ///
    /// What the system says, or that the program has a handler for the signal.
    pub(crate) fn by_signal(&self, signal: FilterSignal) -> io::Result<()> {
        let signal = match signal {
            FilterSignal::Usr1 => rustix::process::Signal::USR1,
            FilterSignal::Usr2 => rustix::process::Signal::USR2,
            _ => return Ok(()),
        };
        signal::begin(signal.as_raw(), self.event.try_clone()?)
    }

    /// No signal wakes it any more.
    pub(crate) fn end_signals(&self) {
        signal::end();
    }

    /// Wakes the thread, now or when it waits next.
    pub(crate) fn wake(&self) {
        // A counter that is full refuses, and wakes all the same.
        let woken = rustix::io::write(&self.event, &1_u64.to_ne_bytes());
        debug_assert!(matches!(woken, Ok(8) | Err(Errno::AGAIN)), "{woken:?}");
    }

    /// Waits for a wake-up, `timeout` at most; `None` is for ever.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> Woken {
        let timeout = timeout.map(|timeout| Timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        let mut events = [PollFd::new(&self.event, PollFlags::IN)];
        let mut bytes = [0; 8];
        let polled = poll(&mut events, timeout.as_ref());
        debug_assert!(matches!(polled, Ok(_) | Err(Errno::INTR)), "{polled:?}");
        let sum = match rustix::io::read(&self.event, &mut bytes) {
            Ok(_) => u64::from_ne_bytes(bytes),
            // Nothing has come.
            Err(_) => 0,
        };
        Woken { signals: sum / ADDED }
    }
}
