//! Where entries stand: one after the other, from the archive's first byte to its directory.
use super::directory::{Entry, WIDE};
use super::end::{End, read_exact};
use super::problem::{ProblemKind, Problems};
use obs_core::io::IoFile;
use std::io;

/// Compares local headers with the directory, and finds where each entry's bytes begin. False when it is not safe to
/// look into the entries.
pub(super) fn check(
    file: &mut dyn IoFile,
    entries: &mut [Entry],
    end: &End,
    problems: &mut Problems,
) -> io::Result<bool> {
    let mut position = 0;
    let mut is_sound = true;
    for entry in entries {
        let expected = local_header(entry);
        let start = position + expected.len() as u64;
        let after = start.checked_add(entry.compressed);
        if entry.offset != position || after.is_none_or(|after| after > end.directory_start) {
            let what = "it does not stand where the entry before it ends, or is cut";
            problems.add(ProblemKind::Layout, &entry.name, what);
            return Ok(false);
        }
        let actual = read_exact(file, Some(position), expected.len() as u64)?;
        if actual.as_ref() != Some(&expected) {
            let what = "its own header is not what the directory says";
            problems.add(ProblemKind::Header, &entry.name, what);
            is_sound = false;
        }
        entry.start = start;
        position = start + entry.compressed;
    }
    if position != end.directory_start {
        let what = format!("{} bytes belong to no entry", end.directory_start - position);
        problems.add(ProblemKind::Layout, "", what);
        is_sound = false;
    }
    Ok(is_sound)
}

/// The local header that the directory's leads to expect.
fn local_header(entry: &Entry) -> Vec<u8> {
    let narrow = |size: u64| if entry.is_large { WIDE } else { size as u32 };
    let method = if entry.is_deflated { 8_u16 } else { 0 };
    let mut header = b"PK\x03\x04".to_vec();
    for number in [entry.version(), 0, method, entry.time, entry.date] {
        header.extend_from_slice(&number.to_le_bytes());
    }
    for number in [entry.crc, narrow(entry.compressed), narrow(entry.size)] {
        header.extend_from_slice(&number.to_le_bytes());
    }
    let extra_bytes = if entry.is_large { 20_u16 } else { 0 };
    for number in [entry.name.len() as u16, extra_bytes] {
        header.extend_from_slice(&number.to_le_bytes());
    }
    header.extend_from_slice(entry.name.as_bytes());
    if entry.is_large {
        header.extend_from_slice(&[1, 0, 16, 0]);
        header.extend_from_slice(&entry.size.to_le_bytes());
        header.extend_from_slice(&entry.compressed.to_le_bytes());
    }
    header
}
