//! Threads that belong to the toolkit: what they do is not recorded, or sending a record would make new ones.
use std::cell::Cell;

thread_local! {
    static IS_OWN: Cell<bool> = const { Cell::new(false) };
}

/// Makes the current thread one of the toolkit's, as long as it lives.
pub fn mark_thread() {
    // While a thread's local data is being destroyed, nobody asks any more.
    let marked = IS_OWN.try_with(|is_own| is_own.set(true));
    debug_assert!(marked.is_ok() || std::thread::panicking(), "marked at the start of the thread");
}

/// Lets a thread of the toolkit say something that is recorded.
pub fn speak(say: impl FnOnce()) {
    let before = IS_OWN.try_with(|is_own| is_own.replace(false));
    say();
    if before == Ok(true) {
        mark_thread();
    }
}

/// Whether the current thread is one of the toolkit's.
#[must_use]
pub fn is_own_thread() -> bool {
    IS_OWN.try_with(Cell::get).unwrap_or(false)
}
