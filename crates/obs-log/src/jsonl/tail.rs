//! Where a file of lines ends, and what stands behind its last good line.
use super::line::read_line;
use obs_core::io::{Io, IoFile, Open, read_up_to};
use obs_core::{RunId, UnixNanos};
use std::io;
use std::path::Path;

/// The longest stretch at the end of a file that is searched for its last good line. No line is as long.
pub(super) const TAIL_BYTES_MAX: u64 = 8 << 20;
/// What is read at once.
const BLOCK_BYTES: usize = 256 << 10;

/// The last good line of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastLine {
    /// The offset behind its newline.
    pub end: u64,
    /// The number of its record.
    pub seq: u64,
    /// The time of its record.
    pub time: UnixNanos,
}

/// Looks for the last good line of a file of this length, from the end backwards.
///
/// # Errors
///
/// What the system says.
pub(super) fn last_line(
    file: &mut dyn IoFile,
    length: u64,
    run_id: RunId,
) -> io::Result<Option<LastLine>> {
    let mut window = BLOCK_BYTES as u64;
    loop {
        let start = length.saturating_sub(window);
        let mut bytes = vec![0; (length - start) as usize];
        let read = read_up_to(file, start, &mut bytes)?;
        bytes.truncate(read);
        if let Some(found) = last_in(&bytes, start, run_id) {
            return Ok(Some(found));
        }
        if start == 0 || window >= TAIL_BYTES_MAX {
            return Ok(None);
        }
        window = (window * 4).min(TAIL_BYTES_MAX);
    }
}

/// The last good line in these bytes, which stand at `start` of a file. One whose number is not above that of a good
/// line directly in front of it is not good.
pub(super) fn last_in(bytes: &[u8], start: u64, run_id: RunId) -> Option<LastLine> {
    // A line that starts in front of the bytes is cut off, unless they are the whole file.
    let first = if start == 0 { 0 } else { bytes.iter().position(|byte| *byte == b'\n')? + 1 };
    let whole = &bytes[first..=newline(bytes)?];
    let mut behind: Option<LastLine> = None;
    let mut end = whole.len();
    while end > 0 {
        let begin = newline(&whole[..end - 1]).map_or(0, |before| before + 1);
        let line = read_line(&whole[begin..end - 1], run_id);
        match (line, behind) {
            (Some((seq, _)), Some(behind)) if seq < behind.seq => return Some(behind),
            (None, Some(behind)) => return Some(behind),
            (Some((seq, time)), _) => {
                behind = Some(LastLine { end: start + (first + end) as u64, seq, time });
            }
            (None, None) => {}
        }
        end = begin;
    }
    behind
}

fn newline(bytes: &[u8]) -> Option<usize> {
    bytes.iter().rposition(|byte| *byte == b'\n')
}

/// Reads every line of a file from `from_offset` on, where a line must begin, and returns the last one up to which
/// all are good: whole JSON objects of this run, with numbers that only grow. `None` if not even the first is.
///
/// After a power cut a file can have holes in front of its end, for what was not yet synced reaches the disk in any
/// order. Only what stands in front of the returned end is good.
///
/// # Errors
///
/// What the system says, also when there is no such file.
pub fn verify_tail(
    io: &dyn Io,
    path: &Path,
    run_id: RunId,
    from_offset: u64,
) -> io::Result<Option<LastLine>> {
    let mut file = io.open(path, Open::Read)?;
    let mut last: Option<LastLine> = None;
    each_line(file.as_mut(), from_offset, &mut |line, end| match read_line(line, run_id) {
        Some((seq, time)) if last.is_none_or(|last| last.seq < seq) => {
            last = Some(LastLine { end, seq, time });
            true
        }
        _ => false,
    })?;
    Ok(last)
}

/// Gives each line, without its newline, and the offset behind it to `take`, until that says no. A line without
/// newline at the end, or one that is too long, ends it, too.
fn each_line(
    file: &mut dyn IoFile,
    mut offset: u64,
    take: &mut dyn FnMut(&[u8], u64) -> bool,
) -> io::Result<()> {
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        let kept = bytes.len();
        bytes.resize(kept + BLOCK_BYTES, 0);
        let read = read_up_to(file, offset + kept as u64, &mut bytes[kept..])?;
        bytes.truncate(kept + read);
        let mut at = 0;
        while let Some(length) = bytes[at..].iter().position(|byte| *byte == b'\n') {
            if !take(&bytes[at..at + length], offset + (at + length) as u64 + 1) {
                return Ok(());
            }
            at += length + 1;
        }
        if read == 0 || (bytes.len() - at) as u64 > TAIL_BYTES_MAX {
            return Ok(());
        }
        bytes.drain(..at);
        offset += at as u64;
    }
}

/// What stands behind the last good line of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing.
    Nothing,
    /// The start of a line that was being written when the process or the machine stopped, or space that was never
    /// written.
    Torn,
    /// Anything else.
    Damaged,
}

/// What every line begins with.
const START: &[u8] = b"{\"timestamp\":\"";

/// Tells what stands in a file between `end` and `length`.
///
/// # Errors
///
/// What the system says.
pub(super) fn rest(file: &mut dyn IoFile, end: u64, length: u64) -> io::Result<Rest> {
    if end >= length {
        return Ok(Rest::Nothing);
    }
    let mut block = vec![0; BLOCK_BYTES];
    let (mut offset, mut is_zero, mut is_line) = (end, true, true);
    while offset < length && (is_zero || is_line) {
        let read = read_up_to(file, offset, &mut block)?;
        let bytes = &block[..read];
        if offset == end {
            is_line = bytes.iter().zip(START).all(|(byte, expected)| byte == expected);
        }
        is_zero &= bytes.iter().all(|byte| *byte == 0);
        is_line &= !bytes.contains(&b'\n');
        if read == 0 {
            break;
        }
        offset += read as u64;
    }
    Ok(if is_zero || is_line { Rest::Torn } else { Rest::Damaged })
}
