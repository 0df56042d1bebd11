//! Notes of fatal signals, read back as another process would.
use obs_ring::{Memory, crash, place};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

const CHILD: &str = "OBS_RING_TEST_CRASH_PAGE";

/// Dies by the signal that the environment names, if it names one.
#[test]
fn child_of_the_other_tests() {
    let Some((path, how)) = child_orders() else {
        return;
    };
    let file = place::create(path.as_ref(), crash::PAGE_BYTES).unwrap();
    crash::set_page(Some(Memory::map(&file).unwrap()));
    match how.as_str() {
        "abort" => std::process::abort(),
        #[expect(unsafe_code, reason = "the test is about this fault")]
        // SAFETY: none: the write faults, which is what the child is for.
        "fault" => unsafe { std::ptr::without_provenance_mut::<u8>(0x1230).write_volatile(1) },
        _ => {
            #[expect(unsafe_code, reason = "raising a signal")]
            // SAFETY: raise(3) has no preconditions.
            let raised = unsafe { libc::raise(libc::SIGSEGV) };
            assert_eq!(raised, 0);
        }
    }
    unreachable!("the signal is fatal");
}

#[expect(clippy::disallowed_methods, reason = "a test child gets its orders by the environment")]
fn child_orders() -> Option<(String, String)> {
    let orders = std::env::var(CHILD).ok()?;
    let (path, how) = orders.split_once('|')?;
    Some((path.to_owned(), how.to_owned()))
}

fn die(how: &str) -> (Option<i32>, Vec<crash::Note>) {
    let directory = tempfile::tempdir().unwrap();
    let page = directory.path().join("crash");
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_of_the_other_tests", "--test-threads=1"])
        .env(CHILD, format!("{}|{how}", page.display()))
        .output()
        .unwrap()
        .status;
    (status.signal(), crash::notes(&std::fs::read(page).unwrap()))
}

#[test]
fn a_fault_leaves_its_address_and_still_kills() {
    let (signal, notes) = die("fault");
    assert_eq!(signal, Some(libc::SIGSEGV));
    assert_eq!(notes.len(), 1);
    assert_eq!((notes[0].signal, notes[0].address), (libc::SIGSEGV, 0x1230));
    assert!(notes[0].boot_ns > 0 && notes[0].tid > 0);
}

#[test]
fn an_abort_leaves_a_note_and_still_kills() {
    let (signal, notes) = die("abort");
    assert_eq!(signal, Some(libc::SIGABRT));
    assert_eq!(notes.iter().map(|note| note.signal).collect::<Vec<_>>(), [libc::SIGABRT]);
}

#[test]
fn a_fatal_signal_that_was_sent_kills_at_once() {
    let (signal, notes) = die("raise");
    assert_eq!(signal, Some(libc::SIGSEGV));
    assert!(notes[0].code <= 0, "sent by a process");
}

#[test]
fn bytes_that_are_no_crash_page_hold_no_notes() {
    assert_eq!(crash::notes(&[]), []);
    assert_eq!(crash::notes(&[0xff; 4096]), []);
}
