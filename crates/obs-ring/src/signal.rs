//! A signal that wakes somebody: its handler adds a number to an event descriptor, and nothing else.
use libc::c_int;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// What each signal adds to the descriptor; smaller numbers are free for others.
pub const ADDED: u64 = 1 << 32;

/// The descriptor, kept open as long as a handler may use it.
static KEPT: Mutex<Option<OwnedFd>> = Mutex::new(None);
/// Its number for the handler; -1 for none.
static EVENT: AtomicI32 = AtomicI32::new(-1);
/// The signal that is meant, of those that this has a handler for.
static SIGNAL: AtomicI32 = AtomicI32::new(0);
/// The process that has asked: what forked children are sent is not its.
static OWNER: AtomicI32 = AtomicI32::new(0);
/// How many handlers are at work.
static BUSY: AtomicU32 = AtomicU32::new(0);

/// Has `signal` add [`ADDED`] to `event`, a descriptor of eventfd(2) that does not block, from now on. It has no other
/// effect on the process any more, also not after [`end`], for a late one should not kill.
///
/// # Errors
///
/// [`io::ErrorKind::ResourceBusy`] if the program has a handler for it, which stays; else what the system says.
pub fn begin(signal: c_int, event: OwnedFd) -> io::Result<()> {
    end();
    take_over(signal)?;
    OWNER.store(pid(), Ordering::Relaxed);
    SIGNAL.store(signal, Ordering::Relaxed);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    // ordering: Release publishes the owner and the signal; a handler that sees the descriptor sees them.
    EVENT.store(event.as_raw_fd(), Ordering::Release);
    *kept = Some(event);
    Ok(())
}

/// No signal adds anything from now on.
pub fn end() {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    // ordering: SeqCst with the handler's: either it sees that there is no descriptor, or this sees it at work.
    EVENT.store(-1, Ordering::SeqCst);
    if OWNER.load(Ordering::Relaxed) == pid() {
        // ordering: SeqCst, as above.
        while BUSY.load(Ordering::SeqCst) != 0 {
            std::thread::yield_now();
        }
    } else {
        // A handler that was at work in the parent when this was forked from it is not here.
        BUSY.store(0, Ordering::Relaxed);
    }
    *kept = None;
}

#[expect(unsafe_code, reason = "installing a signal handler")]
fn take_over(signal: c_int) -> io::Result<()> {
    // SAFETY: an all-zero sigaction is a valid one: default action, empty mask, no flags.
    let mut ours: libc::sigaction = unsafe { std::mem::zeroed() };
    ours.sa_sigaction = add as *const () as usize;
    // Not on the alternate stack: at the end of a program that calls `exit` outside of the main thread, the library
    // unmaps that of the main thread, which may still be given signals.
    ours.sa_flags = libc::SA_RESTART;
    // SAFETY: as above.
    let mut before: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a null new action only asks, and `before` is valid for writing.
    if unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut before) } != 0 {
        return Err(io::Error::last_os_error());
    }
    if ![libc::SIG_DFL, libc::SIG_IGN, ours.sa_sigaction].contains(&before.sa_sigaction) {
        let why = "the program has a handler for it";
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, why));
    }
    // SAFETY: `add` has the signature of a handler without SA_SIGINFO and is async-signal-safe; the pointer is valid.
    match unsafe { libc::sigaction(signal, &raw const ours, std::ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

extern "C" fn add(signal: c_int) {
    // ordering: SeqCst, see `end`.
    BUSY.fetch_add(1, Ordering::SeqCst);
    // ordering: SeqCst, see `end`.
    let event = EVENT.load(Ordering::SeqCst);
    let is_meant = SIGNAL.load(Ordering::Relaxed) == signal;
    if event >= 0 && is_meant && OWNER.load(Ordering::Relaxed) == pid() {
        write(event);
    }
    // ordering: Release keeps the use of the descriptor before the end of it.
    BUSY.fetch_sub(1, Ordering::Release);
}

/// Leaves errno as it was: the handler may have come between a call and the look at its error.
#[expect(unsafe_code, reason = "only raw system calls are allowed in a signal handler")]
fn write(event: c_int) {
    // SAFETY: the location belongs to this thread for as long as it lives.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { *errno };
    let added = ADDED.to_ne_bytes();
    // SAFETY: write(2) is async-signal-safe; `added` has the eight bytes that eventfd(2) asks for. The descriptor is
    // open, for `end` waits for BUSY before it closes it. A full counter refuses, and has been told enough then.
    unsafe { libc::write(event, added.as_ptr().cast(), added.len()) };
    // SAFETY: as above.
    unsafe { *errno = before };
}

fn pid() -> c_int {
    rustix::process::getpid().as_raw_pid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{EventfdFlags, eventfd};
    use rustix::process::{Signal, getpid, kill_process};

    fn event() -> (OwnedFd, OwnedFd) {
        let event = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC).unwrap();
        (event.try_clone().unwrap(), event)
    }

    /// Waits for what a signal to the process adds: any of its threads may be the one that takes it.
    fn added(event: &OwnedFd) -> u64 {
        let mut bytes = [0; 8];
        while rustix::io::read(event, &mut bytes).is_err() {
            std::thread::yield_now();
        }
        u64::from_ne_bytes(bytes)
    }

    /// The descriptor is the process's, so that there is one test of it.
    #[test]
    fn a_signal_adds_to_the_descriptor_until_the_end_and_spares_the_process_afterwards() {
        let signalled = || kill_process(getpid(), Signal::USR2).unwrap();
        let (ours, event_of_first) = event();
        begin(libc::SIGUSR2, event_of_first).unwrap();
        signalled();
        assert_eq!(added(&ours), ADDED);
        let (second, event_of_second) = event();
        begin(libc::SIGUSR2, event_of_second).unwrap();
        signalled();
        assert_eq!(added(&second), ADDED);
        end();
        signalled();
        assert_eq!(rustix::io::read(&ours, &mut [0; 8]), Err(rustix::io::Errno::AGAIN));
        let error = begin(libc::SIGKILL, event().1).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EINVAL));
        end();
    }
}
