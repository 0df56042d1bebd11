//! Bodies of records: what threads write into their rings, and what frames carry after their header.
//!
//! The body of a frame is that of the record in the ring, byte for byte, but for the two times at the end of a
//! [`SpanEnd`]: ticks in the ring, nanoseconds in the frame.
use crate::attributes::Attributes;
use crate::encode::Encoder;
use crate::id::{SpanId, TraceId};
use crate::value::Cursor;

/// The event happened within a span: span id and trace id follow the flags.
const FLAG_SCOPED: u32 = 1;
/// The event is a panic, told by the panic hook.
const FLAG_PANIC: u32 = 1 << 1;
/// The span was still open when its run died.
const FLAG_UNFINISHED: u32 = 1 << 2;
/// The span's trace is not sampled.
const FLAG_NOT_SAMPLED: u32 = 1 << 3;
/// The span's parent is in another process.
const FLAG_PARENT_REMOTE: u32 = 1 << 4;

/// The span that something happened in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "made by every front end")]
pub struct SpanRef {
    /// The span.
    pub span: SpanId,
    /// Its trace.
    pub trace: TraceId,
}

/// How a span came about, and whether its trace leaves the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "made by every front end")]
pub struct SpanFlags {
    /// Whether the trace is sent to where traces are kept. The journal keeps it in any case.
    pub is_sampled: bool,
    /// Whether the parent is in another process.
    pub is_parent_remote: bool,
}

/// Sampled, and begun here.
impl Default for SpanFlags {
    fn default() -> Self {
        Self { is_sampled: true, is_parent_remote: false }
    }
}

impl SpanFlags {
    #[inline]
    fn to_bits(self) -> u32 {
        let not_sampled = if self.is_sampled { 0 } else { FLAG_NOT_SAMPLED };
        not_sampled | if self.is_parent_remote { FLAG_PARENT_REMOTE } else { 0 }
    }

    #[inline]
    fn from_bits(bits: u32) -> Self {
        Self {
            is_sampled: bits & FLAG_NOT_SAMPLED == 0,
            is_parent_remote: bits & FLAG_PARENT_REMOTE != 0,
        }
    }
}

/// Something happened.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a format of version 1")]
pub struct Event<'a> {
    /// The callsite's number.
    pub callsite: u32,
    /// The span it happened in.
    pub scope: Option<SpanRef>,
    /// Whether it is a panic.
    pub is_panic: bool,
    /// Its fields.
    pub attributes: Attributes<'a>,
}

/// A span began.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a format of version 1")]
pub struct SpanStart<'a> {
    /// The callsite's number.
    pub callsite: u32,
    /// The span.
    pub span: SpanRef,
    /// The span around it.
    pub parent: Option<SpanId>,
    /// How it came about.
    pub flags: SpanFlags,
    /// Its fields as far as they were known at the start.
    pub attributes: Attributes<'a>,
}

/// A span ended. Repeats what its start said, so that it is whole even where the start was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a format of version 1")]
pub struct SpanEnd {
    /// The callsite's number.
    pub callsite: u32,
    /// The span.
    pub span: SpanRef,
    /// The span around it.
    pub parent: Option<SpanId>,
    /// How it came about.
    pub flags: SpanFlags,
    /// In a ring: ticks at the start. In a frame: nanoseconds since 1970 at the start.
    pub start: u64,
    /// In a ring: 0. In a frame: nanoseconds from start to end.
    pub duration: u64,
    /// Whether its run died before it ended.
    pub is_unfinished: bool,
}

/// Attributes of an open span.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a format of version 1")]
pub struct SpanRecord<'a> {
    /// The span's callsite's number.
    pub callsite: u32,
    /// The span.
    pub span: SpanId,
    /// The attributes.
    pub attributes: Attributes<'a>,
}

/// A span follows from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a format of version 1")]
pub struct SpanLink {
    /// The span.
    pub span: SpanId,
    /// The one that it follows from.
    pub follows: SpanRef,
}

/// Starts the body of an event; its attributes follow.
#[inline]
pub fn begin_event(encoder: &mut Encoder, callsite: u32, scope: Option<SpanRef>, is_panic: bool) {
    let flags = if is_panic { FLAG_PANIC } else { 0 };
    match scope {
        None => encoder.fixed(&head(callsite, flags).to_le_bytes()),
        Some(SpanRef { span, trace }) => {
            let head = head(callsite, flags | FLAG_SCOPED);
            let [low, high] = halves(trace);
            encoder.fixed(words([head, span.to_bits(), low, high]).as_flattened());
        }
    }
}

/// Starts the body of a span's start; its attributes follow.
#[inline]
pub fn begin_span(
    encoder: &mut Encoder,
    callsite: u32,
    span: SpanRef,
    parent: Option<SpanId>,
    flags: SpanFlags,
) {
    let [low, high] = halves(span.trace);
    let parent = parent.map_or(0, SpanId::to_bits);
    let all = [head(callsite, flags.to_bits()), span.span.to_bits(), low, high, parent];
    encoder.fixed(words(all).as_flattened());
}

/// Starts the body of a span's added attributes, which follow.
#[inline]
pub fn begin_span_record(encoder: &mut Encoder, callsite: u32, span: SpanId) {
    encoder.fixed(words([head(callsite, 0), span.to_bits()]).as_flattened());
}

/// Starts a body that consists of attributes alone.
pub fn begin_attributes(encoder: &mut Encoder) {
    encoder.fixed(&[0; 8]);
}

impl SpanEnd {
    /// Length of the body in bytes.
    pub const BYTES: usize = 56;

    /// The body.
    #[inline]
    #[must_use]
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let unfinished = if self.is_unfinished { FLAG_UNFINISHED } else { 0 };
        let flags = unfinished | self.flags.to_bits();
        bytes[0..4].copy_from_slice(&self.callsite.to_le_bytes());
        bytes[4..8].copy_from_slice(&flags.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.span.span.to_bits().to_le_bytes());
        bytes[16..32].copy_from_slice(&self.span.trace.to_bits().to_le_bytes());
        bytes[32..40].copy_from_slice(&self.parent.map_or(0, SpanId::to_bits).to_le_bytes());
        bytes[40..48].copy_from_slice(&self.start.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.duration.to_le_bytes());
        bytes
    }

    /// Reads a body.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor { bytes };
        let (callsite, flags) = (cursor.u32()?, cursor.u32()?);
        let span = read_span_ref(&mut cursor)?;
        let parent = SpanId::new(cursor.u64()?);
        let (start, duration) = (cursor.u64()?, cursor.u64()?);
        Some(Self {
            callsite,
            span,
            parent,
            flags: SpanFlags::from_bits(flags),
            start,
            duration,
            is_unfinished: flags & FLAG_UNFINISHED != 0,
        })
    }
}

impl SpanLink {
    /// Length of the body in bytes.
    pub const BYTES: usize = 40;

    /// The body.
    #[inline]
    #[must_use]
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[8..16].copy_from_slice(&self.span.to_bits().to_le_bytes());
        bytes[16..24].copy_from_slice(&self.follows.span.to_bits().to_le_bytes());
        bytes[24..40].copy_from_slice(&self.follows.trace.to_bits().to_le_bytes());
        bytes
    }

    /// Reads a body.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor { bytes: bytes.get(8..)? };
        Some(Self { span: SpanId::new(cursor.u64()?)?, follows: read_span_ref(&mut cursor)? })
    }
}

impl<'a> Event<'a> {
    /// Reads a body.
    #[must_use]
    #[inline]
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor { bytes };
        let (callsite, flags) = (cursor.u32()?, cursor.u32()?);
        let scope = if flags & FLAG_SCOPED != 0 { Some(read_span_ref(&mut cursor)?) } else { None };
        let attributes = Attributes::new(cursor.bytes);
        Some(Self { callsite, scope, is_panic: flags & FLAG_PANIC != 0, attributes })
    }
}

impl<'a> SpanStart<'a> {
    /// Reads a body.
    #[must_use]
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor { bytes };
        let (callsite, flags) = (cursor.u32()?, SpanFlags::from_bits(cursor.u32()?));
        let span = read_span_ref(&mut cursor)?;
        let parent = SpanId::new(cursor.u64()?);
        Some(Self { callsite, span, parent, flags, attributes: Attributes::new(cursor.bytes) })
    }
}

impl<'a> SpanRecord<'a> {
    /// Reads a body.
    #[must_use]
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor { bytes };
        let (callsite, _) = (cursor.u32()?, cursor.u32()?);
        Some(Self {
            callsite,
            span: SpanId::new(cursor.u64()?)?,
            attributes: Attributes::new(cursor.bytes),
        })
    }
}

/// The attributes of a body that consists of nothing else.
#[must_use]
pub fn only_attributes(bytes: &[u8]) -> Option<Attributes<'_>> {
    bytes.get(8..).map(Attributes::new)
}

/// The callsite's number in the body of an event, span start, end or record.
#[must_use]
pub fn callsite(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|number| u32::from_le_bytes(*number))
}

/// Whether the body of an event says that it is a panic.
#[must_use]
pub fn is_panic(bytes: &[u8]) -> bool {
    bytes
        .get(4..8)
        .and_then(|flags| flags.first_chunk())
        .is_some_and(|flags| u32::from_le_bytes(*flags) & FLAG_PANIC != 0)
}

#[inline]
fn head(callsite: u32, flags: u32) -> u64 {
    u64::from(callsite) | u64::from(flags) << 32
}

#[inline]
fn halves(trace: TraceId) -> [u64; 2] {
    [trace.to_bits() as u64, (trace.to_bits() >> 64) as u64]
}

#[inline]
fn words<const COUNT: usize>(words: [u64; COUNT]) -> [[u8; 8]; COUNT] {
    words.map(u64::to_le_bytes)
}

fn read_span_ref(cursor: &mut Cursor<'_>) -> Option<SpanRef> {
    Some(SpanRef { span: SpanId::new(cursor.u64()?)?, trace: TraceId::new(cursor.u128()?)? })
}
