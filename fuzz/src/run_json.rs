//! `run.json`.
use crate::damage::{Chosen, damage};
use crate::memory::Memory;
use crate::{golden, mode};
use obs_recorder::Summary;
use std::path::Path;

/// Reads the bytes as a summary, or damages the golden one by them.
///
/// # Panics
///
/// When a summary that was read is another one after it was written.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    let mut file = rest.to_vec();
    if mode > 0 {
        file = golden::RUN_JSON.to_vec();
        let older = vec![b' '; file.len()];
        damage(&mut file, &older, &mut Chosen(rest));
    }
    let memory = Memory::of("/run/run.json", &file);
    let directory = Path::new("/run");
    let Ok(summary) = Summary::load(&memory, directory) else { return };
    summary.save(&memory, directory).expect("files in memory");
    let again = Summary::load(&memory, directory).expect("what was written can be read");
    assert_eq!(again, summary);
}
