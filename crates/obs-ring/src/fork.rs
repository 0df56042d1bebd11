//! What a forked child must know: that it is one, and that its parent's lock is not its own.
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};

static REGISTERED: Once = Once::new();
static IS_CHILD: AtomicBool = AtomicBool::new(false);
static LOCK: AtomicI32 = AtomicI32::new(-1);
static BEFORE: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
static IN_CHILD: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// What runs around a `fork`.
pub type Hook = fn();

/// Sets what runs before a fork, in the thread that forks, and what runs in the child right after it, in its only
/// thread. The latter may store to atomics, and nothing else: locks may be held by threads that the child does not
/// have. A later call replaces both.
pub fn set_hooks(before: Hook, in_child: Hook) {
    BEFORE.store(before as *mut (), Ordering::Release);
    IN_CHILD.store(in_child as *mut (), Ordering::Release);
    REGISTERED.call_once(register);
}

/// Whether this process was forked by one that had set hooks. Locks of libraries, such as that of standard error, may
/// be held for ever here: by threads that only the parent has.
pub fn is_child() -> bool {
    // Stored before the child had a second thread.
    IS_CHILD.load(Ordering::Relaxed)
}

/// Keeps forked children from holding `lock`: in a child its descriptor refers to `/dev/null` instead. `None` ends
/// that. One descriptor at a time.
pub fn keep_from_children(lock: Option<BorrowedFd<'_>>) {
    LOCK.store(lock.map_or(-1, |lock| lock.as_raw_fd()), Ordering::Release);
    REGISTERED.call_once(register);
}

#[expect(unsafe_code, reason = "registering and running the C library's fork hook")]
fn register() {
    unsafe extern "C" {
        fn pthread_atfork(
            prepare: Option<extern "C" fn()>,
            parent: Option<extern "C" fn()>,
            child: Option<extern "C" fn()>,
        ) -> libc::c_int;
    }
    // SAFETY: both have the type that pthread_atfork(3) asks for and live for ever; `in_child` makes only
    // async-signal-safe calls.
    let registered = unsafe { pthread_atfork(Some(before), None, Some(in_child)) };
    debug_assert_eq!(registered, 0, "only want of memory makes this fail");
}

extern "C" fn before() {
    call(&BEFORE);
}

extern "C" fn in_child() {
    IS_CHILD.store(true, Ordering::Relaxed);
    drop_lock();
    call(&IN_CHILD);
}

fn call(hook: &AtomicPtr<()>) {
    let hook = hook.load(Ordering::Acquire);
    if !hook.is_null() {
        #[expect(unsafe_code, reason = "a function pointer in an atomic")]
        // SAFETY: `set_hooks` is the only writer, and stores nothing but a `Hook`.
        let hook = unsafe { std::mem::transmute::<*mut (), Hook>(hook) };
        hook();
    }
}

#[expect(unsafe_code, reason = "only raw system calls are allowed between fork and exec")]
fn drop_lock() {
    let lock = LOCK.swap(-1, Ordering::AcqRel);
    if lock < 0 {
        return;
    }
    // SAFETY: open(2) is async-signal-safe and the path is a C string.
    let null = unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
    if null < 0 {
        // SAFETY: `lock` is a descriptor of the parent's that this child inherited; nothing in the child uses it.
        unsafe { libc::close(lock) };
        return;
    }
    // SAFETY: both are open descriptors; the child's copy of the lock keeps its number, so that dropping it is
    // harmless.
    unsafe { libc::dup2(null, lock) };
    // SAFETY: `null` was opened above and is used nowhere else.
    unsafe { libc::close(null) };
}

/// Does ahead of time what makes the first [`fence_all_threads`] of a process with several threads slow: tens of
/// milliseconds, in which this thread waits. Without it that one pays.
pub fn prepare_fences() {
    use rustix::thread::{MembarrierCommand, membarrier};
    // Where it fails, fences will say so.
    let registered = membarrier(MembarrierCommand::RegisterPrivateExpedited);
    debug_assert!(registered.is_ok() || !fence_all_threads(), "a fence needs to be registered");
}

/// Makes every store that any thread of the process made before visible to this one, and its own visible to them, as if
/// each thread had issued a full fence now. False where the system cannot.
#[must_use]
pub fn fence_all_threads() -> bool {
    use rustix::thread::{MembarrierCommand, membarrier};
    membarrier(MembarrierCommand::RegisterPrivateExpedited)
        .and_then(|()| membarrier(MembarrierCommand::PrivateExpedited))
        .is_ok()
}
