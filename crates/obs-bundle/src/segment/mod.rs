//! Takes secrets out of a segment of the journal as its bytes stream by. Every frame keeps its place and its length, so
//! that positions, cursors and the segments behind it stay right; checksums are made anew.
mod body;

use body::{Bodies, UNKNOWN};
use obs_core::redact::Redactor;
use obs_core::wire::frame::{Broken, Frame, HEADER_BYTES, append, decode, length};
use obs_recorder::journal;
use std::path::Path;

/// Zeros in the place of damage are held back up to so many: at the end of a file nothing stands in its place.
const BLANK_BYTES_MAX: usize = 1 << 20;
/// What is no frame may look like the beginning of one. No more bytes are summed up to find that out.
const TRIED_BYTES_MAX: u64 = 4 << 30;

const NO_HEADER: &str = "its header cannot be read";
const TOO_LONG: &str = "a record of it has no room for what stands in the place of a secret";
const HOPELESS: &str = "it is damaged so that its frames cannot be told";

/// A segment on its way.
///
/// What is damaged becomes zeros, which no reader takes for a frame either; a frame that is cut off at the end is left
/// out. A segment of which it cannot be told what its frames say is refused as a whole.
#[derive(Debug)]
pub(crate) struct Segment {
    bodies: Bodies,
    part: Part,
    /// Bytes that are not passed yet.
    held: Vec<u8>,
    /// Where the first of them stands, for the checksum.
    position: u64,
    /// Damaged bytes that zeros are still to be passed for, and how many words of them were no zeros.
    blank: usize,
    blank_words: u64,
    /// Frames, and words of damage, that are not passed as they came.
    changed: u64,
    tried_bytes: u64,
    refusal: Option<&'static str>,
    frame: Vec<u8>,
}

/// What comes next.
#[derive(Debug, Clone, Copy)]
enum Part {
    Header,
    /// The checkpoint, of which so many bytes are left, and the position of the first frame behind it.
    Checkpoint {
        left: u64,
        first: u64,
    },
    Frames,
}

/// How far a step got.
enum Step {
    /// Over so many bytes.
    Over(usize),
    /// Nowhere: more bytes are needed.
    Wait,
}

impl Segment {
    pub(crate) fn new(redactor: &Redactor) -> Self {
        Self {
            bodies: Bodies::new(redactor),
            part: Part::Header,
            held: Vec::new(),
            position: 0,
            blank: 0,
            blank_words: 0,
            changed: 0,
            tried_bytes: 0,
            refusal: None,
            frame: Vec::new(),
        }
    }

    /// Why nobody can tell whether there are secrets in it.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        self.refusal
    }

    /// How many frames, and words of damage, were not passed as they came.
    pub(crate) fn changed(&self) -> u64 {
        self.changed
    }

    /// Whether not all bytes so far were passed as they came.
    pub(crate) fn is_other(&self) -> bool {
        self.changed + self.blank_words > 0 || self.refusal.is_some()
    }

    /// Takes the next bytes.
    pub(crate) fn pass(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        if self.refusal.is_none() {
            self.held.extend_from_slice(piece);
            self.run(false, out);
        }
    }

    /// There are no more bytes.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        if self.refusal.is_none() && !matches!(self.part, Part::Header) {
            self.run(true, out);
        }
        self.blank_words += u64::from(self.held.iter().any(|byte| *byte != 0));
        self.held.clear();
    }

    fn run(&mut self, is_final: bool, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        let mut at = 0;
        while self.refusal.is_none() {
            let step = match self.part {
                Part::Header => self.header(&held[at..], out),
                Part::Checkpoint { left: 0, first } => {
                    (self.part, self.position) = (Part::Frames, first);
                    continue;
                }
                Part::Checkpoint { left, .. } => {
                    let end = usize::try_from(left).unwrap_or(usize::MAX);
                    let rest = &held[at..];
                    self.step(&rest[..rest.len().min(end)], is_final || end <= rest.len(), out)
                }
                Part::Frames => self.step(&held[at..], is_final, out),
            };
            match step {
                Step::Over(bytes) => at += bytes,
                Step::Wait => break,
            }
        }
        self.held = held;
        self.held.drain(..at);
    }

    fn header(&mut self, held: &[u8], out: &mut Vec<u8>) -> Step {
        let Some(header) = held.first_chunk::<{ journal::Segment::HEADER_BYTES }>() else {
            return Step::Wait;
        };
        match journal::Segment::decode(Path::new(""), u64::MAX, header) {
            Some(segment) => {
                out.extend_from_slice(header);
                self.position = segment.checkpoint_position();
                self.part =
                    Part::Checkpoint { left: segment.checkpoint_bytes, first: segment.first };
                Step::Over(header.len())
            }
            None => self.refuse(NO_HEADER),
        }
    }

    /// Passes the frame that the bytes begin with, or steps over a word of damage. `is_all` says that the bytes are the
    /// last ones of their part.
    fn step(&mut self, bytes: &[u8], is_all: bool, out: &mut Vec<u8>) -> Step {
        if bytes.is_empty() {
            return Step::Wait;
        }
        match decode(bytes, self.position) {
            Ok((length, Some(frame))) => {
                self.pass_frame(&frame, &bytes[..length], out);
                self.over(length)
            }
            Ok((_, None)) => self.refuse(UNKNOWN),
            Err(Broken::Short) if !is_all => Step::Wait,
            Err(_) if bytes.len() < 8 && !is_all => Step::Wait,
            Err(_) => self.damage(bytes, out),
        }
    }

    fn over(&mut self, bytes: usize) -> Step {
        self.position += bytes as u64;
        if let Part::Checkpoint { left, .. } = &mut self.part {
            *left -= bytes as u64;
        }
        Step::Over(bytes)
    }

    fn pass_frame(&mut self, frame: &Frame<'_>, bytes: &[u8], out: &mut Vec<u8>) {
        self.pass_blank(out);
        let body = match self.bodies.without_secrets(frame) {
            Ok(None) => return out.extend_from_slice(bytes),
            Ok(Some(body)) if body.len() <= frame.body.len() => body,
            Ok(Some(_)) => return self.refusal = Some(TOO_LONG),
            Err(why) => return self.refusal = Some(why),
        };
        self.changed += 1;
        self.frame.clear();
        append(&mut self.frame, self.position, &frame.header, |made| {
            made.extend_from_slice(&body);
            made.resize(HEADER_BYTES + frame.body.len(), 0);
        });
        debug_assert_eq!(self.frame.len(), bytes.len(), "a frame keeps its length");
        out.extend_from_slice(&self.frame);
    }

    fn damage(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Step {
        let word = &bytes[..bytes.len().min(8)];
        self.tried_bytes += length(bytes).filter(|it| *it <= bytes.len()).unwrap_or(0) as u64;
        if self.tried_bytes > TRIED_BYTES_MAX {
            return self.refuse(HOPELESS);
        }
        self.blank += word.len();
        self.blank_words += u64::from(word.iter().any(|byte| *byte != 0));
        if self.blank >= BLANK_BYTES_MAX {
            self.pass_blank(out);
        }
        self.over(word.len())
    }

    /// Zeros for the damage in front of what comes next.
    fn pass_blank(&mut self, out: &mut Vec<u8>) {
        out.resize(out.len() + std::mem::take(&mut self.blank), 0);
        self.changed += std::mem::take(&mut self.blank_words);
    }

    fn refuse(&mut self, why: &'static str) -> Step {
        self.refusal = Some(why);
        Step::Wait
    }
}

#[cfg(test)]
mod tests {
    use super::Segment;
    use obs_core::encode::{Encoder, Key};
    use obs_core::redact::Redactor;
    use obs_core::wire::frame::{Header, NO_RING, append};
    use obs_core::wire::{Kind, body, checksum};

    fn frame(out: &mut Vec<u8>, start: u64, text: &str) {
        let position = start + out.len() as u64;
        let mut encoder = Encoder::new(4_096);
        body::begin_attributes(&mut encoder);
        encoder.text(Key::Name("text"), text);
        let kind = Kind::Exit;
        let (level, flags, ring, seq, unix_ns, ring_end, context) = (0, 0, NO_RING, 1, 1, 0, 0);
        let header = Header { kind, level, flags, ring, seq, unix_ns, ring_end, context };
        append(out, position, &header, |bytes| bytes.extend_from_slice(encoder.finish()));
    }

    /// A segment with a checkpoint, damage in both parts and an end that is torn.
    fn segment() -> Vec<u8> {
        let (first, mut top, mut frames) = (4_096, Vec::new(), Vec::new());
        for text in ["one", "token=abcdefgh12345678", "two"] {
            frame(&mut top, 1 << 63 | first, text);
            frame(&mut frames, first, text);
        }
        top[45] ^= 1;
        frames[45] ^= 1;
        frames.extend_from_slice(&top[..50]);
        let mut bytes = b"OBSSEG\0\x01\x01\0\0\0\x48\0\0\0".to_vec();
        bytes.extend_from_slice(&[7; 16]);
        for word in [1, first, top.len() as u64, 0] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        let crc = u64::from(checksum(&bytes));
        bytes.extend_from_slice(&crc.to_le_bytes());
        [bytes, top, frames].concat()
    }

    fn passed(bytes: &[u8], length: usize) -> (Vec<u8>, Segment) {
        let (mut segment, mut out) = (Segment::new(&Redactor::new()), Vec::new());
        bytes.chunks(length).for_each(|piece| segment.pass(piece, &mut out));
        segment.end(&mut out);
        (out, segment)
    }

    #[test]
    fn what_passes_does_not_depend_on_the_pieces_and_passes_once_more_as_it_is() {
        let bytes = segment();
        let (whole, _) = passed(&bytes, bytes.len());
        assert_eq!(whole.len(), bytes.len() - 50, "the torn end is left out");
        assert!(!whole.windows(8).any(|window| window == b"abcdefgh"));
        assert_eq!(whole.windows(3).filter(|window| window == b"two").count(), 2);
        for length in 1..=bytes.len() {
            let (out, segment) = passed(&bytes, length);
            assert!(out == whole, "pieces of {length}");
            assert!(segment.is_other() && segment.changed() > 2 && segment.refusal().is_none());
            let (again, segment) = passed(&out, length);
            assert!(again == whole && !segment.is_other(), "again, in pieces of {length}");
        }
    }

    #[test]
    fn whatever_the_bytes_are_what_passes_once_passes_again_as_it_is() {
        let whole = segment();
        let mut state = 7_u64;
        let mut below = |bound: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 20) as usize % bound
        };
        let mut refused = 0;
        for _ in 0..3_000 {
            let mut bytes = whole.clone();
            for _ in 0..=below(4) {
                let (at, length) = (below(bytes.len()), below(40));
                let end = (at + length).min(bytes.len());
                match below(3) {
                    0 => bytes[at] = below(256) as u8,
                    1 => drop(bytes.drain(at..end)),
                    _ => bytes.splice(at..at, whole[..length].iter().copied()).for_each(drop),
                }
            }
            let (out, segment) = passed(&bytes, 1 + below(300));
            assert!(out.len() <= bytes.len());
            if segment.refusal().is_some() {
                refused += 1;
                continue;
            }
            let (again, segment) = passed(&out, 1 + below(300));
            assert!(again == out && !segment.is_other());
        }
        assert!((100..2_900).contains(&refused), "{refused}");
    }

    #[test]
    fn a_long_stretch_of_damage_takes_little_memory_and_is_passed_as_zeros() {
        let mut bytes = segment();
        let torn = bytes.len() - 50;
        bytes.truncate(torn);
        bytes.extend_from_slice(&[0xff; 5 << 20]);
        let (out, segment) = passed(&bytes, 65_536);
        assert_eq!(out.len(), torn + (5 << 20), "whole stretches of a MiB");
        assert!(out[torn..].iter().all(|byte| *byte == 0) && segment.held.capacity() < 2 << 20);
        assert!(!passed(&out, 10_000).1.is_other());
    }
}
