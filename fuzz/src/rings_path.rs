//! `rings.path`.
use crate::damage::{Chosen, damage};
use crate::memory::Memory;
use crate::{golden, mode};
use obs_recorder::layout::RunDirectory;

/// Reads the bytes as the golden run's pointer, or damages the golden one by them.
///
/// # Panics
///
/// When a pointer is followed that is not one to rings of this run.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    let mut file = rest.to_vec();
    if mode > 0 {
        file = golden::RINGS_PATH.to_vec();
        let older = vec![b'/'; file.len()];
        damage(&mut file, &older, &mut Chosen(rest));
    }
    let run = RunDirectory::new(golden::RUN_DIRECTORY);
    let memory = Memory::of(run.rings_pointer(), &file);
    let Ok(Some(rings)) = run.rings(&memory, golden::run_id()) else { return };
    let path = rings.path();
    if path != run.path().join("rings") {
        let is_own = path.ends_with("rings") || path.ends_with(golden::run_id().to_string());
        assert!(is_own, "{} is followed", path.display());
        let line = [path.as_os_str().as_encoded_bytes(), b"\n"].concat();
        assert_eq!(line, file, "accepted, and not what a writer writes");
    }
}
