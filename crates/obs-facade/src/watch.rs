//! The thread that changes the capture filter when nobody else does: at the end of a time, and after a signal.
use crate::announce;
use crate::changes::{Changes, Now};
use crate::wakeup::Wakeup;
use obs_core::UnixNanos;
use obs_core::settings::FilterSignal;
use obs_recorder::{Clock, SystemClock};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Callsites that come within this time are settled together.
const SETTLING: Duration = Duration::from_millis(50);

/// The thread, as long as it is watched for.
#[derive(Debug)]
pub(crate) struct Watch {
    shared: Arc<Shared>,
    done: Mutex<Receiver<()>>,
}

#[derive(Debug)]
struct Shared {
    changes: Arc<Changes>,
    wakeup: Wakeup,
    unsettled: AtomicBool,
}

impl Watch {
    /// Starts the thread. A signal that cannot be had is a warning.
    pub(crate) fn start(changes: Arc<Changes>, signal: FilterSignal) -> io::Result<Self> {
        let unsettled = AtomicBool::new(false);
        let shared = Arc::new(Shared { changes, wakeup: Wakeup::new()?, unsettled });
        let watched = Arc::clone(&shared);
        let (tell, done) = mpsc::sync_channel(1);
        thread::Builder::new().name("obs-filter".into()).spawn(move || {
            watched.watch();
            let told = tell.try_send(());
            debug_assert!(told != Err(TrySendError::Full(())), "it is told once");
        })?;
        let woken = Arc::clone(&shared);
        shared.changes.capture().on_unsettled(Some(Box::new(move || {
            woken.unsettled.store(true, Ordering::Relaxed);
            woken.wakeup.wake();
        })));
        if let Err(error) = shared.wakeup.by_signal(signal) {
            announce::warn(&format!("{signal} does not switch the capture filter: {error}"));
        }
        Ok(Self { shared, done: Mutex::new(done) })
    }

    /// There is something new to wait for.
    pub(crate) fn wake(&self) {
        self.shared.wakeup.wake();
    }

    /// Ends the thread, when changes are over; waits for that no longer than `timeout`.
    pub(crate) fn finish(&self, timeout: Duration) {
        self.shared.changes.capture().on_unsettled(None);
        self.shared.wakeup.end_signals();
        self.shared.wakeup.wake();
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if done.recv_timeout(timeout) == Err(RecvTimeoutError::Disconnected) {
            announce::warn("watching for changes of the capture filter panicked");
        }
    }
}

impl Shared {
    fn watch(&self) {
        let mut settles_ns = None;
        while !self.changes.is_over() {
            let now = now();
            let ends_ns = self.changes.expire(now);
            if self.unsettled.swap(false, Ordering::Relaxed) {
                settles_ns.get_or_insert(now.steady_ns + SETTLING.as_nanos() as u64);
            }
            if settles_ns.take_if(|ns| *ns <= now.steady_ns).is_some() {
                self.changes.capture().settle();
            }
            let next_ns = [ends_ns, settles_ns].into_iter().flatten().min();
            let left = next_ns.map(|ns| Duration::from_nanos(ns.saturating_sub(now.steady_ns)));
            let woken = self.wakeup.wait(left);
            for _ in 0..woken.signals % 2 {
                self.changes.signal(self::now());
            }
        }
    }
}

/// Now.
pub(crate) fn now() -> Now {
    let unix = UnixNanos(SystemClock::new().anchor().unix_ns);
    Now { steady_ns: obs_recorder::steady_ns(), unix }
}
