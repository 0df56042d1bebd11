//! Fatal signals leave a note: which, where, when, in which thread. Nothing else depends on it.
//!
//! The handler stores words into a page that outlives the process and passes the signal on to whoever had it before. It
//! allocates nothing, takes no lock and changes nothing about how the process dies.
use crate::Memory;
use crate::clock::boot_ns;
use libc::{c_int, c_void, siginfo_t};
use std::sync::Once;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

/// Bytes of the file that holds the notes.
pub const PAGE_BYTES: usize = 4096;

/// The signals that leave a note.
pub const SIGNALS: [c_int; 5] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT];

const MAGIC: u64 = !u64::from_le_bytes(*b"OBSCRASH");
const VERSION: u64 = 1;
const FIRST_NOTE: usize = 16;
const NOTE_WORDS: usize = 8;

/// The note that a fatal signal left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// The signal's number.
    pub signal: i32,
    /// The system's code for its cause; zero or less when a process sent it.
    pub code: i32,
    /// The address that was touched, for signals that have one.
    pub address: u64,
    /// The thread that it hit.
    pub tid: u32,
    /// When, in nanoseconds since the machine started.
    pub boot_ns: u64,
}

static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());
static INSTALLED: Once = Once::new();
static PREVIOUS: [Previous; SIGNALS.len()] = [const { Previous::new() }; SIGNALS.len()];

/// Who had a signal before us.
struct Previous {
    handler: AtomicUsize,
    flags: AtomicI32,
}

impl Previous {
    const fn new() -> Self {
        Self { handler: AtomicUsize::new(libc::SIG_DFL), flags: AtomicI32::new(0) }
    }
}

/// Lets fatal signals leave their notes in `page` from now on, in place of any page given before; `None` ends that. The
/// page stays mapped until the process ends, because a handler may be using it at any moment.
///
/// # Panics
///
/// If the page is smaller than [`PAGE_BYTES`].
pub fn set_page(page: Option<Memory>) {
    let words = page.map(|page| {
        assert!(page.len() * 8 >= PAGE_BYTES, "a crash page holds 4096 bytes");
        page[1].store(VERSION, Ordering::Relaxed);
        page[0].store(MAGIC, Ordering::Release);
        let page: &'static Memory = Box::leak(Box::new(page));
        std::ptr::from_ref(&page[0]).cast_mut()
    });
    PAGE.store(words.unwrap_or(std::ptr::null_mut()), Ordering::Release);
    INSTALLED.call_once(install);
}

/// The notes that a page's bytes hold, oldest first. None when they are not a crash page.
#[must_use]
pub fn notes(bytes: &[u8]) -> Vec<Note> {
    let (chunks, _) = bytes.as_chunks::<8>();
    let word = |index: usize| chunks.get(index).map_or(0, |chunk| u64::from_le_bytes(*chunk));
    if word(0) != MAGIC || word(1) != VERSION {
        return Vec::new();
    }
    let note = |(index, signal): (usize, &c_int)| {
        let at = FIRST_NOTE + index * NOTE_WORDS;
        let (code, address) = (word(at + 1) as i32, word(at + 2));
        let note = Note {
            signal: *signal,
            code,
            address,
            tid: word(at + 3) as u32,
            boot_ns: word(at + 4),
        };
        (word(at) > 0).then_some(note)
    };
    let mut notes: Vec<Note> = SIGNALS.iter().enumerate().filter_map(note).collect();
    notes.sort_by_key(|note| note.boot_ns);
    notes
}

fn install() {
    for (index, signal) in SIGNALS.iter().enumerate() {
        take_over(index, *signal);
    }
}

#[expect(unsafe_code, reason = "installing a signal handler")]
fn take_over(index: usize, signal: c_int) {
    // SAFETY: an all-zero sigaction is a valid one: default action, empty mask, no flags.
    let mut ours: libc::sigaction = unsafe { std::mem::zeroed() };
    ours.sa_sigaction = leave_note as *const () as usize;
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: as above.
    let mut before: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: `leave_note` has the signature that SA_SIGINFO asks for and is async-signal-safe; both pointers are
    // valid.
    if unsafe { libc::sigaction(signal, &raw const ours, &raw mut before) } == 0 {
        PREVIOUS[index].flags.store(before.sa_flags, Ordering::Relaxed);
        PREVIOUS[index].handler.store(before.sa_sigaction, Ordering::Release);
    }
}

extern "C" fn leave_note(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let Some(index) = SIGNALS.iter().position(|known| *known == signal) else {
        return;
    };
    #[expect(unsafe_code, reason = "reading what the kernel passed")]
    // SAFETY: the kernel passes a valid siginfo to a handler with SA_SIGINFO.
    let cause = unsafe { &*info };
    #[expect(unsafe_code, reason = "reading what the kernel passed")]
    // SAFETY: the field is plain data, whatever the signal.
    let address = unsafe { cause.si_addr() } as u64;
    let code = cause.si_code;
    for (offset, word) in [(1, code as u64), (2, address), (3, thread_id()), (4, boot_ns())] {
        note_word(index, offset).inspect(|slot| slot.store(word, Ordering::Relaxed));
    }
    note_word(index, 0).inspect(|count| {
        count.fetch_add(1, Ordering::Release);
    });
    pass_on(index, signal, code, Passed { info, context });
}

#[expect(unsafe_code, reason = "a page that is never unmapped, behind a raw pointer")]
fn note_word(index: usize, offset: usize) -> Option<&'static AtomicU64> {
    let page = PAGE.load(Ordering::Acquire);
    if page.is_null() {
        return None;
    }
    // SAFETY: `set_page` stores pointers to pages of at least PAGE_BYTES that are leaked, so never unmapped; the
    // index is below SIGNALS.len() and the offset below NOTE_WORDS, so the word lies within.
    let word = unsafe { page.add(FIRST_NOTE + index * NOTE_WORDS + offset) };
    // SAFETY: as above, and the words are only ever touched as atomics.
    Some(unsafe { &*word })
}

/// What a handler was given besides the signal's number.
struct Passed {
    info: *mut siginfo_t,
    context: *mut c_void,
}

/// Does what would have been done without us. A signal that another process sent does not come again by itself, so it
/// is raised anew where the default action is due.
fn pass_on(index: usize, signal: c_int, code: c_int, passed: Passed) {
    match PREVIOUS[index].handler.load(Ordering::Acquire) {
        libc::SIG_IGN => return,
        libc::SIG_DFL => restore_default(signal),
        handler => call(handler, PREVIOUS[index].flags.load(Ordering::Relaxed), signal, passed),
    }
    if code <= 0 && is_default(signal) {
        #[expect(unsafe_code, reason = "raising a signal")]
        // SAFETY: raise(3) is async-signal-safe.
        let raised = unsafe { libc::raise(signal) };
        debug_assert_eq!(raised, 0, "a valid signal can be raised");
    }
}

#[expect(unsafe_code, reason = "calling the handler that was there before")]
fn call(handler: usize, flags: c_int, signal: c_int, passed: Passed) {
    if flags & libc::SA_SIGINFO != 0 {
        // SAFETY: sigaction(2) returned this address together with SA_SIGINFO, so it has this signature.
        let handler = unsafe {
            std::mem::transmute::<usize, extern "C" fn(c_int, *mut siginfo_t, *mut c_void)>(handler)
        };
        handler(signal, passed.info, passed.context);
    } else {
        // SAFETY: sigaction(2) returned this address without SA_SIGINFO, so it has this signature.
        let handler = unsafe { std::mem::transmute::<usize, extern "C" fn(c_int)>(handler) };
        handler(signal);
    }
}

#[expect(unsafe_code, reason = "setting a signal's action")]
fn restore_default(signal: c_int) {
    // SAFETY: an all-zero sigaction is the default action.
    let default: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a valid signal and a valid action; sigaction(2) is async-signal-safe.
    let restored = unsafe { libc::sigaction(signal, &raw const default, std::ptr::null_mut()) };
    debug_assert_eq!(restored, 0, "a valid signal has a default action");
}

#[expect(unsafe_code, reason = "asking for a signal's action")]
fn is_default(signal: c_int) -> bool {
    // SAFETY: an all-zero sigaction is a valid one to overwrite.
    let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a null new action only asks; sigaction(2) is async-signal-safe.
    let asked = unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut now) };
    asked == 0 && now.sa_sigaction == libc::SIG_DFL
}

fn thread_id() -> u64 {
    rustix::thread::gettid().as_raw_pid() as u64
}
