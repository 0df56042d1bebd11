//! Crash pages: notes of fatal signals.
use crate::{golden, mode};
use obs_ring::crash::{SIGNALS, notes};

/// Reads the bytes as a crash page, or as notes in one whose first words are right.
///
/// # Panics
///
/// When there are more notes than signals, two of one signal, or they are not in the order of their times.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    let page = match mode {
        0 => rest.to_vec(),
        _ => [&golden::CRASH[..128], rest].concat(),
    };
    let notes = notes(&page);
    assert!(notes.is_sorted_by_key(|note| note.boot_ns), "oldest first");
    for (index, note) in notes.iter().enumerate() {
        assert!(SIGNALS.contains(&note.signal), "a signal that leaves notes");
        let before = &notes[..index];
        assert!(before.iter().all(|other| other.signal != note.signal), "one note a signal");
    }
}
