//! The directory of an archive: a header for each entry.
use super::end::{End, read_exact};
use super::problem::{Problem, ProblemKind, Problems};
use crate::names::PATH_BYTES_MAX;
use obs_core::io::IoFile;
use std::io;

/// A header without name and extra field.
const HEADER_BYTES: usize = 46;
const MAGIC: &[u8] = b"PK\x01\x02";
/// The longest header that a bundle has: with a name and a zip64 field of all three values.
pub(super) const ENTRY_BYTES_MAX: u64 = (HEADER_BYTES + PATH_BYTES_MAX + 28) as u64;
/// Stands in a narrow field whose value is in the zip64 field.
pub(super) const WIDE: u32 = u32::MAX;

const UNIX: u16 = 3 << 8;
const KIND_MASK: u32 = 0o170_000;
const PLAIN_FILE: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
const MODE: u32 = PLAIN_FILE | 0o600;

/// One entry, as the directory describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) is_deflated: bool,
    /// Time and date as DOS has them.
    pub(super) time: u16,
    pub(super) date: u16,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
    /// Whether the sizes stand in a zip64 field.
    pub(super) is_large: bool,
    /// Where its local header begins.
    pub(super) offset: u64,
    /// Where its bytes begin; known when the layout was checked.
    pub(super) start: u64,
}

impl Entry {
    /// The zip version that unpacking needs.
    pub(super) fn version(&self) -> u16 {
        match (self.is_large, self.is_deflated) {
            (true, _) => 45,
            (false, true) => 20,
            (false, false) => 10,
        }
    }
}

/// Reads the directory. `None`, with a problem, when it makes no sense or its entries are not to be looked into.
pub(super) fn read(
    file: &mut dyn IoFile,
    end: &End,
    problems: &mut Problems,
) -> io::Result<Option<Vec<Entry>>> {
    let bytes = read_exact(file, Some(end.directory_start), end.directory_bytes)?;
    let Some(bytes) = bytes else { return Ok(None) };
    let mut entries = Vec::new();
    let mut rest = bytes.as_slice();
    let mut is_sound = true;
    while !rest.is_empty() {
        let Some(next) = Split::new(rest) else {
            problems.add(ProblemKind::Directory, "", "the directory ends within a header");
            return Ok(None);
        };
        rest = next.rest;
        match entry(&next) {
            Ok(entry) => entries.push(entry),
            Err(problem) => {
                problems.push(problem);
                is_sound = false;
            }
        }
    }
    if is_sound && entries.len() as u64 != end.entries {
        let what = format!("{} entries where {} are announced", entries.len(), end.entries);
        problems.add(ProblemKind::Directory, "", what);
        is_sound = false;
    }
    Ok(is_sound.then_some(entries))
}

/// The next header with what belongs to it, and what follows.
struct Split<'a> {
    header: &'a [u8],
    name: &'a [u8],
    extra: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Split<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(HEADER_BYTES)?;
        let (name, rest) = rest.split_at_checked(u16_at(header, 28).into())?;
        let (extra, rest) = rest.split_at_checked(u16_at(header, 30).into())?;
        header.starts_with(MAGIC).then_some(Self { header, name, extra, rest })
    }
}

fn entry(split: &Split<'_>) -> Result<Entry, Problem> {
    let header = split.header;
    let mut entry = Entry {
        name: String::from_utf8_lossy(split.name).into_owned(),
        is_deflated: u16_at(header, 10) == 8,
        time: u16_at(header, 12),
        date: u16_at(header, 14),
        crc: u32_at(header, 16),
        compressed: u32_at(header, 20).into(),
        size: u32_at(header, 24).into(),
        is_large: u32_at(header, 20) == WIDE && u32_at(header, 24) == WIDE,
        offset: u32_at(header, 42).into(),
        start: 0,
    };
    let extra_right = widen(&mut entry, split.extra).is_some();
    match fault(header, &entry, extra_right) {
        Some((kind, what)) => Err(Problem::new(kind, &entry.name, what)),
        None => Ok(entry),
    }
}

/// Takes what is too large for the narrow fields from the zip64 field, which holds that and nothing else.
fn widen(entry: &mut Entry, extra: &[u8]) -> Option<()> {
    let is_far = entry.offset == u64::from(WIDE);
    let values = 2 * usize::from(entry.is_large) + usize::from(is_far);
    if values == 0 {
        return extra.is_empty().then_some(());
    }
    let (head, mut rest) = extra.split_at_checked(4)?;
    let right = u16_at(head, 0) == 1 && usize::from(u16_at(head, 2)) == rest.len();
    if !right || rest.len() != 8 * values {
        return None;
    }
    if entry.is_large {
        (entry.size, entry.compressed) = (u64_at(rest, 0), u64_at(rest, 8));
        rest = &rest[16..];
    }
    if is_far {
        entry.offset = u64_at(rest, 0);
    }
    Some(())
}

fn fault(header: &[u8], entry: &Entry, extra_right: bool) -> Option<(ProblemKind, &'static str)> {
    let (flags, method) = (u16_at(header, 8), u16_at(header, 10));
    let attributes = u32_at(header, 38);
    let kind = attributes >> 16 & KIND_MASK;
    if flags & 1 != 0 {
        return Some((ProblemKind::Unsupported, "it is encrypted"));
    }
    if !matches!(method, 0 | 8) {
        return Some((ProblemKind::Unsupported, "it is packed in a way that bundles do not use"));
    }
    if kind == LINK {
        return Some((ProblemKind::NotAFile, "it is a symbolic link"));
    }
    if entry.name.ends_with('/') || kind != PLAIN_FILE {
        return Some((ProblemKind::NotAFile, "it is no plain file"));
    }
    if attributes != MODE << 16 {
        return Some((ProblemKind::NotAFile, "its mode is not 0600"));
    }
    let version = entry.version();
    let as_usual = u16_at(header, 4) == UNIX | version
        && u16_at(header, 6) == version
        && flags == 0
        && u16_at(header, 32) == 0
        && u32_at(header, 34) == 0
        && extra_right;
    (!as_usual).then_some((ProblemKind::Header, "its header is not as in a bundle"))
}

/// A number at an offset; 0 where the bytes end before it.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |chunk| u16::from_le_bytes(*chunk))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |chunk| u32::from_le_bytes(*chunk))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |chunk| u64::from_le_bytes(*chunk))
}
