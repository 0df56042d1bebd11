//! The bytes of entries, inflated piece by piece.
use super::directory::Entry;
use super::problem::{ProblemKind, Problems};
use crate::content::{Content, PIECE_BYTES, Tally};
use crate::manifest::Manifest;
use crate::media;
use crate::run::{RUN, SUMMARY_BYTES_MAX};
use crate::sums::{SIGNATURE, SIGNATURE_BYTES_MAX, SUMS, SUPPORT};
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use obs_core::io::IoFile;
use std::collections::HashMap;
use std::io::{self, BufReader, Read};

/// Longer ones are not read.
const SUPPORT_BYTES_MAX: u64 = 8 << 20;
/// More quotes than the description of as many files as a bundle holds can have: many short texts take more memory than
/// their bytes tell.
const SUPPORT_QUOTES_MAX: usize = 400_000;
const SUMS_BYTES_MAX: u64 = 3 << 20;
const NOT_READ: &str = "it is not there, damaged or too long";

/// What the entries hold.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Each entry's measure, in their order; `None` for one that is damaged.
    pub(super) contents: Vec<Option<Content>>,
    pub(super) manifest: Option<Manifest>,
    pub(super) sums: Option<String>,
    /// The bytes of `SHA256SUMS.minisig`.
    pub(super) signature: Option<Vec<u8>>,
    /// The bytes of `run/run.json`.
    pub(super) run: Option<Vec<u8>>,
}

/// Reads all entries: first `support.json`, which says what the others are, then each once.
pub(super) fn read_all(
    file: &mut dyn IoFile,
    entries: &[Entry],
    problems: &mut Problems,
) -> io::Result<Found> {
    let mut found = Found::default();
    match keep(file, entries, SUPPORT, SUPPORT_BYTES_MAX)? {
        Some(bytes) => found.manifest = manifest(&bytes, problems),
        None => problems.add(ProblemKind::Manifest, SUPPORT, NOT_READ),
    }
    let media: HashMap<&str, &str> =
        found.manifest.iter().flat_map(|m| &m.files).fold(HashMap::new(), |mut media, file| {
            media.insert(&file.path, &file.media_type);
            media
        });
    let mut contents = Vec::new();
    for entry in entries {
        let mut tally = Tally::new(media.get(entry.name.as_str()).unwrap_or(&media::JSON));
        let fault = read(file, entry, &mut |piece| tally.update(piece))?;
        if let Some(what) = &fault {
            problems.add(ProblemKind::Damaged, &entry.name, what.clone());
        }
        contents.push(fault.is_none().then(|| tally.finish()));
    }
    found.contents = contents;
    match keep(file, entries, SUMS, SUMS_BYTES_MAX)?.map(String::from_utf8) {
        Some(Ok(text)) => found.sums = Some(text),
        _ => problems.add(ProblemKind::Sums, SUMS, NOT_READ),
    }
    if entries.iter().any(|entry| entry.name == SIGNATURE) {
        found.signature = keep(file, entries, SIGNATURE, SIGNATURE_BYTES_MAX)?;
        if found.signature.is_none() {
            problems.add(ProblemKind::Signature, SIGNATURE, "it is damaged or too long");
        }
    }
    found.run = keep(file, entries, RUN, SUMMARY_BYTES_MAX)?;
    Ok(found)
}

/// What `support.json` says, and the text of `SHA256SUMS`.
pub(super) fn described(
    file: &mut dyn IoFile,
    entries: &[Entry],
    problems: &mut Problems,
) -> io::Result<Option<(Manifest, String)>> {
    let support = keep(file, entries, SUPPORT, SUPPORT_BYTES_MAX)?;
    let sums = keep(file, entries, SUMS, SUMS_BYTES_MAX)?.map(String::from_utf8);
    let manifest = support.and_then(|bytes| manifest(&bytes, problems));
    Ok(manifest.zip(sums.and_then(Result::ok)))
}

fn manifest(bytes: &[u8], problems: &mut Problems) -> Option<Manifest> {
    let is_quote = |pair: &&[u8]| pair[1] == b'"' && pair[0] != b'\\';
    if bytes.windows(2).filter(is_quote).count() > SUPPORT_QUOTES_MAX {
        problems.add(ProblemKind::Manifest, SUPPORT, "it describes more than a bundle holds");
        return None;
    }
    let parsed = serde_json::from_slice::<Manifest>(bytes);
    let known = crate::manifest::FORMAT;
    let manifest = parsed.map_err(|error| format!("it cannot be read: {error}")).and_then(|it| {
        let newer = format!("it has format {}, this build reads {known}", it.format);
        if it.format == known { Ok(it) } else { Err(newer) }
    });
    manifest.map_err(|what| problems.add(ProblemKind::Manifest, SUPPORT, what)).ok()
}

/// All bytes of the entry with this name; `None` when there is none, or it is damaged or longer.
fn keep(
    file: &mut dyn IoFile,
    entries: &[Entry],
    name: &str,
    bytes_max: u64,
) -> io::Result<Option<Vec<u8>>> {
    let entry = entries.iter().find(|entry| entry.name == name && entry.size <= bytes_max);
    let Some(entry) = entry else { return Ok(None) };
    let mut bytes = Vec::new();
    let fault = read(file, entry, &mut |piece| bytes.extend_from_slice(piece))?;
    Ok(fault.is_none().then_some(bytes))
}

/// Hands all bytes of an entry to `take`, never more than its header says, and says what is wrong with them.
pub(super) fn read(
    file: &mut dyn IoFile,
    entry: &Entry,
    take: &mut dyn FnMut(&[u8]),
) -> io::Result<Option<String>> {
    let part = Part { file, at: entry.start, end: entry.start + entry.compressed, error: None };
    let mut part = BufReader::with_capacity(PIECE_BYTES, part);
    let (result, unused) = if entry.is_deflated {
        let mut inflated = DeflateDecoder::new(&mut part);
        let result = measure(&mut inflated, entry, take);
        (result, entry.compressed - inflated.total_in())
    } else {
        (measure(&mut part, entry, take), 0)
    };
    if let Some(error) = part.get_mut().error.take() {
        return Err(error);
    }
    let behind = (unused > 0).then(|| format!("{unused} bytes stand behind its data"));
    Ok(result.err().or(behind))
}

fn measure(
    content: &mut dyn Read,
    entry: &Entry,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), String> {
    let mut piece = vec![0; PIECE_BYTES];
    let (mut size, mut crc) = (0, Crc::new());
    loop {
        match content.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => {
                size += read as u64;
                if size > entry.size {
                    return Err(format!("more comes out than the {} bytes it says", entry.size));
                }
                crc.update(&piece[..read]);
                take(&piece[..read]);
            }
            Err(error) => return Err(format!("its bytes make no sense: {error}")),
        }
    }
    if size < entry.size {
        return Err(format!("{size} bytes come out instead of {}", entry.size));
    }
    let right = crc.sum() == entry.crc;
    if right { Ok(()) } else { Err("its checksum is wrong".to_owned()) }
}

/// The bytes of one entry. Errors of the file are kept apart from those of what inflates them.
struct Part<'a> {
    file: &'a mut dyn IoFile,
    at: u64,
    end: u64,
    error: Option<io::Error>,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        match self.file.read_at(self.at, &mut buffer[..wanted]) {
            Ok(read) => {
                self.at += read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.error = Some(error);
                Err(kind.into())
            }
        }
    }
}
