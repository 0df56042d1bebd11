//! The journal: segment files with their checkpoints.
mod compare;
mod parts;
mod state;
mod told;

pub use compare::compare;
pub use parts::{Part, parts};
pub use told::{Seen, Told, read};

use crate::damage::{Choice, Chosen, damage};
use crate::memory::Files;
use crate::{golden, mode};
use obs_core::wire::frame::{Header, append};
use obs_core::wire::{Kind, checksum};
use std::path::{Path, PathBuf};

/// Where the segments of a check are.
const DIRECTORY: &str = "/run/journal";
/// Positions of the frames of a checkpoint begin here, counted from the segment's first.
const CHECKPOINT_POSITION: u64 = 1 << 63;

/// Where the segments of a check are.
#[must_use]
pub fn directory() -> &'static Path {
    Path::new(DIRECTORY)
}

/// The path of the segment with this number.
#[must_use]
pub fn path(number: usize) -> PathBuf {
    directory().join(format!("{number:06}.seg"))
}

/// The golden run's segments.
#[must_use]
pub fn golden() -> Files {
    let numbered = golden::SEGMENTS.iter().enumerate();
    numbered.map(|(index, bytes)| (path(index + 1), bytes.to_vec())).collect()
}

/// Damages one of the segments, or removes it. What is stale in it comes from the segment before.
pub fn damage_one(files: &mut Files, choice: &mut dyn Choice) {
    let paths: Vec<PathBuf> = files.keys().cloned().collect();
    let index = choice.below(paths.len());
    let Some(path) = paths.get(index) else { return };
    if choice.below(40) == 1 {
        files.remove(path);
        return;
    }
    let older = paths[(index + paths.len() - 1) % paths.len()].clone();
    let older = files.get(&older).cloned().unwrap_or_default();
    if let Some(bytes) = files.get_mut(path) {
        damage(bytes, &older, choice);
    }
}

/// Takes the bytes for a segment, for frames in segments with right checksums, or damages the golden ones by them.
///
/// # Panics
///
/// When a promise of the format does not hold.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    match mode {
        0 => drop(read(&Files::from([(path(1), rest.to_vec())]))),
        1 => drop(read(&framed(rest))),
        _ => {
            let original = golden();
            let mut damaged = original.clone();
            damage_one(&mut damaged, &mut Chosen(rest));
            compare(&original, &damaged);
        }
    }
}

/// A frame for each stretch of the bytes: kind, ring, context, number, two bytes of length, body. Kind 255 begins the
/// next segment, 254 ends a checkpoint.
fn framed(mut bytes: &[u8]) -> Files {
    let mut files = Files::new();
    let (mut first, mut checkpoint, mut frames) = (0, Vec::new(), Vec::new());
    while let Some(([kind, ring, context, seq, low, high], rest)) = bytes.split_first_chunk::<6>() {
        bytes = rest;
        match kind {
            255 => {
                let number = files.len() + 1;
                let file = segment(number as u64, first, &checkpoint, &frames);
                files.insert(path(number), file);
                first += frames.len() as u64;
                (checkpoint, frames) = (Vec::new(), Vec::new());
            }
            254 => {
                checkpoint = rebased(&frames, first, CHECKPOINT_POSITION + first);
                frames.clear();
            }
            _ => {
                let length = usize::from(u16::from_le_bytes([*low, *high]));
                let (body, rest) = rest.split_at(rest.len().min(length));
                bytes = rest;
                let Some(kind) = Kind::from_number(*kind) else { continue };
                let header = Header {
                    kind,
                    level: 3,
                    flags: ring >> 7,
                    ring: u32::from(ring & 3),
                    seq: u64::from(*seq),
                    unix_ns: golden::START_NS,
                    ring_end: u32::from(*context).rotate_right(3),
                    context: u32::from(*context),
                };
                let position = first + frames.len() as u64;
                append(&mut frames, position, &header, |out| out.extend_from_slice(body));
            }
        }
    }
    let number = files.len() + 1;
    files.insert(path(number), segment(number as u64, first, &checkpoint, &frames));
    files
}

/// The same frames at other positions.
fn rebased(frames: &[u8], from: u64, to: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for item in obs_core::wire::frame::Frames::new(frames, from) {
        if let obs_core::wire::frame::Item::Frame(frame) = item {
            let position = to + out.len() as u64;
            append(&mut out, position, &frame.header, |out| out.extend_from_slice(frame.body));
        }
    }
    out
}

/// The bytes of a segment file of the golden run.
fn segment(number: u64, first: u64, checkpoint: &[u8], frames: &[u8]) -> Vec<u8> {
    let mut file = b"OBSSEG\0\x01".to_vec();
    file.extend_from_slice(&1_u32.to_le_bytes());
    file.extend_from_slice(&72_u32.to_le_bytes());
    file.extend_from_slice(&golden::run_id().to_bytes());
    for word in [number, first, checkpoint.len() as u64, 0] {
        file.extend_from_slice(&word.to_le_bytes());
    }
    let crc = u64::from(checksum(&file));
    file.extend_from_slice(&crc.to_le_bytes());
    [file.as_slice(), checkpoint, frames].concat()
}
