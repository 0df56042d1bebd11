//! A hook that runs when the process exits by `exit` or by returning from `main`.
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, Once, PoisonError};

/// What the hook does: it is given the exit status, or `None` where the system does not tell.
pub type Hook = fn(Option<i32>);

static HOOK: Mutex<Option<Hook>> = Mutex::new(None);
static REGISTERED: Once = Once::new();
static OWNER: AtomicI32 = AtomicI32::new(0);

/// Sets what runs at exit, in the thread that exits, while all others still run. A later call replaces the hook. A
/// forked child does not run its parent's hook.
pub fn set_hook(hook: Option<Hook>) {
    OWNER.store(pid(), Ordering::Relaxed);
    *HOOK.lock().unwrap_or_else(PoisonError::into_inner) = hook;
    REGISTERED.call_once(register);
}

fn run(status: Option<i32>) {
    if OWNER.load(Ordering::Relaxed) != pid() {
        return;
    }
    let hook = *HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(hook) = hook {
        hook(status);
    }
}

fn pid() -> i32 {
    rustix::process::getpid().as_raw_pid()
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "on_exit is a function of the C library")]
fn register() {
    use std::ffi::{c_int, c_void};
    unsafe extern "C" {
        fn on_exit(function: extern "C" fn(c_int, *mut c_void), argument: *mut c_void) -> c_int;
    }
    extern "C" fn at_exit(status: c_int, _: *mut c_void) {
        run(Some(status));
    }
    // SAFETY: `at_exit` has the type that on_exit(3) asks for, lives for ever and does not unwind (extern "C" aborts).
    let registered = unsafe { on_exit(at_exit, std::ptr::null_mut()) };
    debug_assert_eq!(registered, 0, "the C library promises at least 32 exit functions");
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
#[expect(unsafe_code, reason = "atexit is a function of the C library")]
fn register() {
    extern "C" fn at_exit() {
        run(None);
    }
    // SAFETY: `at_exit` has the type that atexit(3) asks for, lives for ever and does not unwind (extern "C" aborts).
    let registered = unsafe { libc::atexit(at_exit) };
    debug_assert_eq!(registered, 0, "the C library promises at least 32 exit functions");
}
