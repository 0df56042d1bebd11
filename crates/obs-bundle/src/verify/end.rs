//! The end of an archive, which says where its directory is.
use super::directory::{ENTRY_BYTES_MAX, WIDE, u16_at, u32_at, u64_at};
use super::limits::Limits;
use super::problem::{ProblemKind, Problems};
use obs_core::io::{IoFile, read_up_to};
use std::io;

/// The last record of an archive, without a comment.
const END_BYTES: u64 = 22;
const END_MAGIC: &[u8] = b"PK\x05\x06";
/// What says where the wide end is, and the wide end itself.
const LOCATOR_BYTES: u64 = 20;
const LOCATOR_MAGIC: &[u8] = b"PK\x06\x07";
const WIDE_END_BYTES: u64 = 56;
const WIDE_END_MAGIC: &[u8] = b"PK\x06\x06";
/// A comment may be as long; so much is searched for an end record that is not at the end.
const COMMENT_BYTES_MAX: u64 = 65_535;

/// Where the directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) entries: u64,
    pub(super) directory_start: u64,
    pub(super) directory_bytes: u64,
}

/// Reads the end. `None`, with a problem, when there is none that is right.
pub(super) fn read(
    file: &mut dyn IoFile,
    limits: &Limits,
    problems: &mut Problems,
) -> io::Result<Option<End>> {
    let length = file.length()?;
    let narrow = read_exact(file, length.checked_sub(END_BYTES), END_BYTES)?;
    let Some(narrow) = narrow.filter(|end| end.starts_with(END_MAGIC) && u16_at(end, 20) == 0)
    else {
        say_why_not(file, length, problems)?;
        return Ok(None);
    };
    let tail_start = length - END_BYTES;
    let (end, tail_start) = match u32_at(&narrow, 12) {
        WIDE => wide(file, tail_start, &narrow)?,
        _ => (Some(of_narrow(&narrow)), tail_start),
    };
    let fits = |end: &End| end.directory_start.checked_add(end.directory_bytes) == Some(tail_start);
    let on_one_disk = u32_at(&narrow, 4) == 0 && u16_at(&narrow, 8) == u16_at(&narrow, 10);
    let Some(end) = end.filter(|end| fits(end) && on_one_disk) else {
        let what = "the record at the end does not fit the archive";
        problems.add(ProblemKind::Directory, "", what);
        return Ok(None);
    };
    if end.entries > limits.entries_max
        || end.directory_bytes > limits.entries_max.saturating_mul(ENTRY_BYTES_MAX)
    {
        let what = format!("{} entries, at most {} may be", end.entries, limits.entries_max);
        problems.add(ProblemKind::TooLarge, "", what);
        return Ok(None);
    }
    Ok(Some(end))
}

fn of_narrow(end: &[u8]) -> End {
    End {
        entries: u16_at(end, 10).into(),
        directory_bytes: u32_at(end, 12).into(),
        directory_start: u32_at(end, 16).into(),
    }
}

/// The wide end in front of the narrow one, and where it begins.
fn wide(file: &mut dyn IoFile, narrow_start: u64, narrow: &[u8]) -> io::Result<(Option<End>, u64)> {
    let start = narrow_start.checked_sub(LOCATOR_BYTES + WIDE_END_BYTES);
    let both = read_exact(file, start, WIDE_END_BYTES + LOCATOR_BYTES)?;
    let (Some(both), Some(start)) = (both, start) else { return Ok((None, narrow_start)) };
    let (record, locator) = both.split_at(WIDE_END_BYTES as usize);
    let end = End {
        entries: u64_at(record, 32),
        directory_bytes: u64_at(record, 40),
        directory_start: u64_at(record, 48),
    };
    let located = locator.starts_with(LOCATOR_MAGIC)
        && u32_at(locator, 4) == 0
        && u64_at(locator, 8) == start
        && u32_at(locator, 16) == 1;
    let is_right = record.starts_with(WIDE_END_MAGIC)
        && u64_at(record, 4) == WIDE_END_BYTES - 12
        && u16_at(record, 12) == u16_at(record, 14)
        && u64_at(record, 16) == 0
        && u64_at(record, 24) == end.entries;
    let agrees = u64::from(u16_at(narrow, 10)) == end.entries.min(u16::MAX.into())
        && u64::from(u32_at(narrow, 16)) == end.directory_start.min(WIDE.into());
    Ok(((located && is_right && agrees).then_some(end), start))
}

/// Tells an archive that something was added to from what is none.
fn say_why_not(file: &mut dyn IoFile, length: u64, problems: &mut Problems) -> io::Result<()> {
    let start = length.saturating_sub(COMMENT_BYTES_MAX + END_BYTES);
    let tail = read_exact(file, Some(start), length - start)?.unwrap_or_default();
    let is_end = |bytes: &[u8]| bytes.starts_with(END_MAGIC);
    match tail.windows(END_BYTES as usize).rposition(is_end) {
        Some(at) => {
            let more = (tail.len() - at) as u64 - END_BYTES;
            let what = format!("{more} bytes, or a comment, stand behind the end");
            problems.add(ProblemKind::TrailingBytes, "", what);
        }
        _ => problems.add(
            ProblemKind::NotAnArchive,
            "",
            "this is no zip archive, or one that was cut",
        ),
    }
    Ok(())
}

/// So many bytes at an offset; `None` when they are not there.
pub(super) fn read_exact(
    file: &mut dyn IoFile,
    offset: Option<u64>,
    bytes: u64,
) -> io::Result<Option<Vec<u8>>> {
    let Some(offset) = offset else { return Ok(None) };
    let mut buffer = vec![0; bytes as usize];
    let read = read_up_to(file, offset, &mut buffer)?;
    Ok((read == buffer.len()).then_some(buffer))
}
