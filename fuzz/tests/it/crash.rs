//! The page that a process leaves which aborts, beside the golden one.
use crate::pages::PAGE_BYTES;
use fuzz::golden;
use obs_ring::{Memory, crash, place};
use std::process::Command;

const CHILD: &str = "OBS_FUZZ_TEST_CRASH_PAGE";

/// Dies, if the environment says where the page is to be.
#[test]
fn child_of_the_other_test() {
    let Some(path) = child_orders() else { return };
    let file = place::create(path.as_ref(), crash::PAGE_BYTES).unwrap();
    crash::set_page(Some(Memory::map(&file).unwrap()));
    std::process::abort();
}

#[expect(clippy::disallowed_methods, reason = "a test child gets its orders by the environment")]
fn child_orders() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// The words of a page that are not zero, but for what differs from crash to crash.
fn fixed_words(page: &[u8]) -> Vec<(usize, u64)> {
    let (words, _) = page.as_chunks::<8>();
    let numbered = words.iter().map(|word| u64::from_le_bytes(*word)).enumerate();
    numbered.filter(|(index, word)| *word != 0 && (*index < 16 || index % 8 == 0)).collect()
}

#[test]
fn a_page_has_the_words_of_the_golden_one_in_their_places() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("crash");
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_of_the_other_test", "--test-threads=1"])
        .env(CHILD, &path)
        .output()
        .unwrap();
    assert!(!child.status.success());
    let page = std::fs::read(path).unwrap();
    assert_eq!(page.len(), PAGE_BYTES);
    let (aborted, faulted) = (fixed_words(&page), fixed_words(golden::CRASH));
    // The fifth signal left its note, where the golden page has that of the first.
    assert_eq!(aborted[..2], faulted[..2]);
    assert_eq!(aborted[2..], [(16 + 4 * 8, 1)]);
    assert_eq!(faulted[2..], [(16, 1)]);
    assert_eq!(crash::notes(&page)[0].signal, crash::SIGNALS[4]);
}

#[test]
fn the_golden_page_holds_its_note() {
    let notes = crash::notes(golden::CRASH);
    let [note] = notes.as_slice() else { panic!("{notes:?}") };
    assert_eq!((note.signal, note.code, note.address), (crash::SIGNALS[0], 1, 0x1230));
    assert_eq!((note.tid, note.boot_ns), (4712, 3_600_020_000_000));
}
