//! Threads that wait for what is staged.
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::Duration;

/// What a thread waits for that does not rest: nobody need wake it.
const AWAKE: u64 = u64::MAX;

/// The threads that wait for staged frames: the writer and the sinks.
#[derive(Debug, Default)]
pub(crate) struct Waiters(Mutex<Vec<Waiter>>);

#[derive(Debug)]
struct Waiter {
    thread: Thread,
    /// The position of the stage that it waits for.
    wakes_at: Arc<AtomicU64>,
}

/// A thread's place among those that wait.
#[derive(Debug)]
pub(crate) struct Rest {
    wakes_at: Arc<AtomicU64>,
}

impl Waiters {
    /// Takes in the thread that calls this.
    pub(crate) fn enlist(&self) -> Rest {
        let wakes_at = Arc::new(AtomicU64::new(AWAKE));
        let waiter = Waiter { thread: std::thread::current(), wakes_at: Arc::clone(&wakes_at) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(waiter);
        Rest { wakes_at }
    }

    /// Wakes all, whatever they wait for.
    pub(crate) fn wake_all(&self) {
        let waiters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiters.iter().for_each(|waiter| waiter.thread.unpark());
    }

    /// Wakes those that wait for the stage's `head`, or for less; the others sleep on.
    pub(crate) fn wake(&self, head: u64) {
        // ordering: the pair of `Rest::until`: either this sees what a thread waits for, or that thread sees the head.
        fence(Ordering::SeqCst);
        for waiter in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if waiter.wakes_at.load(Ordering::Relaxed) <= head {
                waiter.wakes_at.store(AWAKE, Ordering::Relaxed);
                waiter.thread.unpark();
            }
        }
    }
}

impl Rest {
    /// Sleeps until the stage has come to `position`, everybody is woken, or the time is over. Without a position,
    /// nothing that is staged wakes it.
    pub(crate) fn until(&self, position: Option<u64>, head: impl Fn() -> u64, at_most: Duration) {
        let position = position.unwrap_or(AWAKE);
        self.wakes_at.store(position, Ordering::Relaxed);
        // ordering: the pair of `Waiters::wake`: either this sees the head, or that sees the position.
        fence(Ordering::SeqCst);
        if head() < position {
            std::thread::park_timeout(at_most);
        }
        self.wakes_at.store(AWAKE, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn a_thread_sleeps_until_there_is_enough_for_it() {
        let (waiters, head) = (Arc::new(Waiters::default()), Arc::new(AtomicU64::new(0)));
        let (ready, is_ready) = mpsc::channel();
        let (theirs, staged) = (Arc::clone(&waiters), Arc::clone(&head));
        let sleeper = std::thread::Builder::new().spawn(move || {
            let rest = theirs.enlist();
            ready.send(()).unwrap();
            let mut woken = 0;
            while staged.load(Ordering::Relaxed) < 100 {
                rest.until(Some(100), || staged.load(Ordering::Relaxed), LONG);
                woken += 1;
            }
            woken
        });
        is_ready.recv().unwrap();
        for position in [10, 99, 100] {
            head.store(position, Ordering::Relaxed);
            waiters.wake(position);
        }
        assert!(sleeper.unwrap().join().unwrap() <= 1, "nobody woke it for less");
    }

    #[test]
    fn what_was_staged_before_a_thread_lay_down_keeps_it_up_and_everybody_can_be_woken() {
        let waiters = Waiters::default();
        let rest = waiters.enlist();
        rest.until(Some(5), || 5, LONG);
        waiters.wake(u64::MAX - 1);
        waiters.wake_all();
        rest.until(None, || u64::MAX - 1, LONG);
        rest.until(Some(6), || 5, Duration::ZERO);
    }
}
