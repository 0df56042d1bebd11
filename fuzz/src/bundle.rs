//! Bundles: the archive.
use crate::damage::{Chosen, damage};
use crate::memory::Memory;
use crate::{golden, mode};
use obs_bundle::{Limits, Report, verify_file};
use obs_core::io::{Io, Open};
use std::path::Path;

/// What verifying says of a bundle of these bytes.
///
/// # Panics
///
/// Never on account of the bytes.
#[must_use]
pub fn judge(bytes: &[u8]) -> Report {
    let path = Path::new("/support.zip");
    let mut file = Memory::of(path, bytes).open(path, Open::Read).expect("a file in memory");
    let mut limits = Limits::default();
    limits.inflated_bytes_free = 1 << 20;
    verify_file(file.as_mut(), &limits).expect("files in memory")
}

/// Verifies an archive of these bytes, or the golden one damaged by them.
///
/// # Panics
///
/// When an archive that was changed is taken for whole although something else would come out of it.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    if mode == 0 {
        let report = judge(rest);
        assert!(!report.to_string().contains('\u{1b}'), "safe for a terminal");
        return;
    }
    let mut file = golden::BUNDLE.to_vec();
    let older = vec![0; file.len()];
    damage(&mut file, &older, &mut Chosen(rest));
    let report = judge(&file);
    let same = || report.manifest == judge(golden::BUNDLE).manifest;
    assert!(!report.is_whole() || same(), "taken for whole, and not what it was");
}
