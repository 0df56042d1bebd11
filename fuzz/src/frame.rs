//! Frames, their bodies, and the lines that are made of them.
use crate::memory::Memory;
use crate::{golden, mode};
use obs_core::encode::{Encoder, Key};
use obs_core::join::Join;
use obs_core::record::Record;
use obs_core::wire::body::{self, SpanFlags, SpanRef};
use obs_core::wire::frame::{self, Frames, HEADER_BYTES, Header, Item, append};
use obs_core::wire::{Kind, checksum};
use obs_core::{Callsite, CallsiteKind, Level, SpanId, TraceId};
use obs_log::jsonl::verify_tail;
use obs_log::{JsonLines, TextLines};
use std::path::Path;

/// The span and trace that bodies of a fuzzer can name easily.
const SPAN: u64 = 1;

/// Takes the bytes for frames, or for bodies of frames with right checksums, and renders what they say.
///
/// # Panics
///
/// When a frame written again differs, or a line of what frames say is not one line of JSON, or not safe for a
/// terminal.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    if mode == 0 {
        written_again(rest);
    } else {
        let frames = framed(rest);
        written_again(&frames);
        rendered(&frames);
    }
}

/// Whatever passes for a frame is what a writer makes of its header and body.
fn written_again(bytes: &[u8]) {
    let start = u64::from(checksum(bytes)) * 8;
    for position in [0, start] {
        let mut frames = Frames::new(bytes, position);
        let mut covered = 0;
        while let Some(item) = frames.next() {
            let end = (frames.reached() - position) as usize;
            match item {
                Item::Frame(frame) => {
                    let mut again = Vec::new();
                    let begin = end - HEADER_BYTES - frame.body.len();
                    append(&mut again, position + begin as u64, &frame.header, |out| {
                        out.extend_from_slice(frame.body);
                    });
                    // The reserved byte behind the flags is not looked at.
                    let is_reserved_clear = bytes[begin + 11] == 0;
                    assert!(again == bytes[begin..end] || !is_reserved_clear, "not as written");
                    covered += again.len();
                }
                Item::Damaged(length) => covered += length,
                _ => {}
            }
            assert!(covered <= end, "more is told than there is");
        }
    }
}

/// A frame for each stretch of the bytes: kind, flags and context, two bytes of length, body. Definitions that bodies
/// can refer to come first.
#[must_use]
pub fn framed(mut bytes: &[u8]) -> Vec<u8> {
    let mut frames = Making { out: Vec::new(), seq: 0 };
    frames.define();
    while let Some(([kind, flags, low, high], rest)) = bytes.split_first_chunk::<4>() {
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        let (body, rest) = rest.split_at(rest.len().min(length));
        bytes = rest;
        let Some(kind) = Kind::from_number(*kind) else { continue };
        frames.add(kind, *flags, body);
    }
    frames.out
}

struct Making {
    out: Vec<u8>,
    seq: u64,
}

impl Making {
    fn add(&mut self, kind: Kind, flags: u8, body: &[u8]) {
        self.seq += u64::from(kind.is_record());
        let header = Header {
            kind,
            level: 3,
            flags: flags & 1,
            ring: u32::from(flags >> 6),
            seq: if kind.is_record() { self.seq } else { 0 },
            unix_ns: golden::START_NS + self.seq,
            ring_end: 0,
            context: u32::from(flags >> 1 & 7),
        };
        let position = self.out.len() as u64;
        append(&mut self.out, position, &header, |out| out.extend_from_slice(body));
    }

    /// Two callsites, a context, attributes of the run, a thread and an open span.
    fn define(&mut self) {
        for (number, kind) in [(0_u64, CallsiteKind::Event), (1, CallsiteKind::Span)] {
            let callsite = Callsite {
                kind,
                level: Level::Info,
                name: "name".to_owned(),
                target: "target".to_owned(),
                file: None,
                line: None,
                fields: ["message", "seq", "x.causes", "message", ""].map(str::to_owned).to_vec(),
            };
            let mut body = number.to_le_bytes().to_vec();
            callsite.encode(&mut body);
            self.add(Kind::Callsite, 0, &body);
        }
        for (kind, flags) in [(Kind::Context, 2), (Kind::RunContext, 0), (Kind::Thread, 0)] {
            let mut encoder = Encoder::new(256);
            body::begin_attributes(&mut encoder);
            encoder.text(Key::Name("name"), "a");
            self.add(kind, flags, encoder.finish());
        }
        if let (Some(span), Some(trace)) = (SpanId::new(SPAN), TraceId::new(1)) {
            let mut encoder = Encoder::new(256);
            body::begin_span(&mut encoder, 1, SpanRef { span, trace }, None, SpanFlags::default());
            encoder.text(Key::Field(2), "b");
            self.add(Kind::SpanStart, 2, encoder.finish());
        }
    }
}

/// Reads frames as a sink's reader does, and renders every record in every form.
fn rendered(bytes: &[u8]) {
    let mut forms = Forms::new();
    let mut join = Join::new();
    for item in Frames::new(bytes, 0) {
        let Item::Frame(frame) = item else { continue };
        join.apply(&frame);
        if let Some(record) = join.record(&frame) {
            forms.render(&record);
        }
    }
    forms.judge();
}

/// All forms that lines have.
#[derive(Debug)]
pub struct Forms {
    json: [(JsonLines, Vec<u8>); 2],
    text: TextLines,
}

impl Forms {
    /// For lines of the golden run.
    #[must_use]
    pub fn new() -> Self {
        let run_id = golden::run_id();
        let json = [JsonLines::log(run_id), JsonLines::spans(run_id)];
        Self { json: json.map(|lines| (lines, Vec::new())), text: TextLines::plain() }
    }

    /// Renders a record.
    ///
    /// # Panics
    ///
    /// When a line for a terminal holds a control character.
    pub fn render(&mut self, record: &Record<'_>) {
        for (lines, out) in &mut self.json {
            lines.line(record, out);
        }
        let mut line = Vec::new();
        self.text.line(record, &mut line);
        let line = String::from_utf8(line).expect("text");
        let is_safe = |c: char| c == '\n' || !c.is_control() && !is_reordering(c);
        assert!(line.chars().all(is_safe), "a terminal would obey {line:?}");
        assert!(line.is_empty() || line.ends_with('\n'), "a whole line");
    }

    /// Looks at the lines of JSON.
    ///
    /// # Panics
    ///
    /// When one is not a JSON object with unique keys, this run's id and a number that grows.
    pub fn judge(self) {
        for (_, file) in self.json {
            let is_safe = |c: char| c == '\n' || !c.is_control() && !is_reordering(c);
            let text = std::str::from_utf8(&file).expect("text");
            assert!(text.chars().all(is_safe), "a control character in {text}");
            let (path, length) = (Path::new("/log.jsonl"), file.len() as u64);
            let memory = Memory::of(path, &file);
            let last = verify_tail(&memory, path, golden::run_id(), 0).expect("files in memory");
            let end = last.map_or(0, |last| last.end);
            let rest = &text[end as usize..];
            assert_eq!(end, length, "not a line: {}", rest.lines().next().unwrap_or_default());
        }
    }
}

impl Default for Forms {
    fn default() -> Self {
        Self::new()
    }
}

fn is_reordering(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The length of the frame that the bytes begin with, when it is a right one of this position.
#[must_use]
pub fn right_length(bytes: &[u8], position: u64) -> Option<usize> {
    frame::decode(bytes, position).ok().map(|(length, _)| length)
}
