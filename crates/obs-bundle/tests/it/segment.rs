//! Segments of a journal, frame by frame.
use obs_core::encode::{Encoder, Key};
use obs_core::wire::frame::{Header, NO_RING, append};
use obs_core::wire::{Kind, body, checksum};
use obs_core::{Callsite, CallsiteKind, Level, RunId, SpanId, TraceId};

/// A segment without a checkpoint, as it grows.
pub(crate) struct Segment {
    pub(crate) bytes: Vec<u8>,
    /// The time of the next record.
    pub(crate) unix_ns: u64,
    /// The number of the next record.
    seq: u64,
    first: u64,
    start: usize,
}

impl Segment {
    pub(crate) fn new(run: RunId, number: u64, first: u64) -> Self {
        let mut bytes = b"OBSSEG\0\x01".to_vec();
        bytes.extend_from_slice(&1_u32.to_le_bytes());
        bytes.extend_from_slice(&72_u32.to_le_bytes());
        bytes.extend_from_slice(&run.to_bytes());
        for word in [number, first, 0, 0] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        let crc = checksum(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        let start = bytes.len();
        Self { bytes, unix_ns: 1, seq: number, first, start }
    }

    /// Adds a frame.
    pub(crate) fn frame(&mut self, kind: Kind, context: u32, body: &[u8]) {
        let seq = if kind.is_record() { self.seq } else { 0 };
        self.seq += u64::from(kind.is_record());
        let (level, flags, ring, ring_end) = (Level::Info as u8, 0, NO_RING, 0);
        let unix_ns = self.unix_ns;
        let header = Header { kind, level, flags, ring, seq, unix_ns, context, ring_end };
        let position = self.first + (self.bytes.len() - self.start) as u64;
        append(&mut self.bytes, position, &header, |out| out.extend_from_slice(body));
    }

    /// Adds a frame that consists of attributes alone.
    pub(crate) fn attributes(&mut self, kind: Kind, fill: impl FnOnce(&mut Encoder)) {
        let mut encoder = Encoder::new(1 << 20);
        body::begin_attributes(&mut encoder);
        fill(&mut encoder);
        let context = u32::from(kind == Kind::Context);
        self.frame(kind, context, encoder.finish());
    }

    /// The same with texts.
    pub(crate) fn texts(&mut self, kind: Kind, pairs: &[(&str, &str)]) {
        self.attributes(kind, |encoder| {
            pairs.iter().for_each(|(name, text)| encoder.text(Key::Name(name), text));
        });
    }

    /// Defines a callsite.
    pub(crate) fn callsite(&mut self, number: u32, name: &str, fields: &[&str]) {
        let callsite = Callsite {
            kind: CallsiteKind::Event,
            level: Level::Info,
            name: name.to_owned(),
            target: "app".to_owned(),
            file: Some("src/main.rs".to_owned()),
            line: Some(7),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        };
        let mut body = u64::from(number).to_le_bytes().to_vec();
        callsite.encode(&mut body);
        self.frame(Kind::Callsite, 0, &body);
    }

    /// Adds an event of a callsite.
    pub(crate) fn event(&mut self, callsite: u32, fill: impl FnOnce(&mut Encoder)) {
        let mut encoder = Encoder::new(1 << 20);
        body::begin_event(&mut encoder, callsite, None, false);
        fill(&mut encoder);
        self.frame(Kind::Event, 0, encoder.finish());
    }

    /// Adds the start of a span.
    pub(crate) fn span(&mut self, callsite: u32, fill: impl FnOnce(&mut Encoder)) {
        let mut encoder = Encoder::new(1 << 20);
        let span = SpanId::new(7).unwrap();
        let trace = TraceId::new(9).unwrap();
        let flags = body::SpanFlags::default();
        body::begin_span(&mut encoder, callsite, body::SpanRef { span, trace }, None, flags);
        fill(&mut encoder);
        self.frame(Kind::SpanStart, 0, encoder.finish());
    }
}
