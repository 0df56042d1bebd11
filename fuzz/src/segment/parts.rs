//! What stands where in segment files that are whole.
use crate::memory::{Files, Memory};
use obs_core::SpanId;
use obs_core::wire::frame::{FLAG_CHECKPOINT, Frame, Frames, HEADER_BYTES, Item};
use obs_core::wire::{Kind, body};
use obs_recorder::journal::Segment;
use std::ops::Range;
use std::path::PathBuf;

/// A frame of a segment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Part {
    /// The segment's file.
    pub path: PathBuf,
    /// The bytes in front of the file's first frame: header and checkpoint.
    pub body_start: usize,
    /// Its bytes in the file.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// Its number; 0 for frames that are no records of their own.
    pub seq: u64,
    /// The number of the context that it is in, or defines.
    pub context: u32,
    /// The number of the callsite that it names, or defines.
    pub callsite: Option<u32>,
    /// The span that begins with it.
    pub begins: Option<SpanId>,
    /// The span whose context it is in: of its end, or where it is in none of its own.
    pub within: Option<SpanId>,
}

/// The frames of all segments, checkpoints included, in the order in which a reader meets them.
///
/// # Panics
///
/// When the files are not whole.
#[must_use]
pub fn parts(files: &Files) -> Vec<Part> {
    let memory = Memory::new(files.clone());
    let mut parts = Vec::new();
    for (path, bytes) in files {
        let segment = Segment::open(&memory, path).expect("files in memory").expect("a segment");
        let body_start = segment.body_start() as usize;
        let checkpoint = body_start - segment.checkpoint_bytes as usize;
        let stretches = [
            (checkpoint..body_start, segment.first + (1 << 63)),
            (body_start..bytes.len(), segment.first),
        ];
        for (range, position) in stretches {
            let mut frames = Frames::new(&bytes[range.clone()], position);
            let mut reached = position;
            while let Some(item) = frames.next() {
                let Item::Frame(frame) = item else { panic!("damage in the original") };
                let end = range.start + (frames.reached() - position) as usize;
                let named = matches!(
                    frame.header.kind,
                    Kind::Event | Kind::SpanStart | Kind::SpanEnd | Kind::Callsite
                );
                let is_record =
                    frame.header.kind.is_record() && frame.header.flags & FLAG_CHECKPOINT == 0;
                parts.push(Part {
                    path: path.clone(),
                    body_start,
                    range: end - HEADER_BYTES - frame.body.len()..end,
                    kind: frame.header.kind,
                    seq: if is_record { frame.header.seq } else { 0 },
                    context: frame.header.context,
                    callsite: body::callsite(frame.body).filter(|_| named),
                    begins: body::SpanStart::decode(frame.body)
                        .filter(|_| frame.header.kind == Kind::SpanStart)
                        .map(|start| start.span.span),
                    within: within(&frame),
                });
                reached = frames.reached();
            }
            assert_eq!(reached - position, range.len() as u64, "the original is whole");
        }
    }
    parts
}

/// The span whose context a frame is in.
fn within(frame: &Frame<'_>) -> Option<SpanId> {
    let is_in_none = frame.header.context == 0 && frame.header.flags & FLAG_CHECKPOINT == 0;
    match frame.header.kind {
        Kind::SpanEnd => body::SpanEnd::decode(frame.body).map(|end| end.span.span),
        Kind::Event if is_in_none => body::Event::decode(frame.body)?.scope.map(|it| it.span),
        Kind::SpanStart if is_in_none => {
            let start = body::SpanStart::decode(frame.body)?;
            start.parent.filter(|_| !start.flags.is_parent_remote)
        }
        _ => None,
    }
}
