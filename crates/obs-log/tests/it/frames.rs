//! A journal for tests: frames made one by one, and read as a sink would be given them.
use obs_core::encode::{Encoder, Key};
use obs_core::join::Join;
use obs_core::wire::body::{self, SpanRef};
use obs_core::wire::frame::{self, Header, NO_RING};
use obs_core::wire::notes::Lost;
use obs_core::wire::{Kind, frame::Frame};
use obs_core::{Batch, Callsite, CallsiteKind, Level, Record, RunId, SpanId, TraceId};

/// 2026-11-22T09:58:03.123456789Z.
pub(crate) const START: u64 = 1_795_341_483_123_456_789;
/// The ring of the thread `main`.
pub(crate) const MAIN: u32 = 0;

/// The id of every test's run.
pub(crate) fn run_id() -> RunId {
    RunId::new(START / 1_000_000, 0x1234_5678_9abc_def0)
}

/// The span with this number, in the trace of all tests.
pub(crate) fn span(number: u64) -> SpanRef {
    let trace = TraceId::new(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c).unwrap();
    SpanRef { span: SpanId::new(number).unwrap(), trace }
}

/// A callsite with these fields.
pub(crate) fn site(kind: CallsiteKind, level: Level, name: &str, fields: &[&str]) -> Callsite {
    Callsite {
        kind,
        level,
        name: name.to_owned(),
        target: "app::load".to_owned(),
        file: None,
        line: None,
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    }
}

/// Frames, and what the next one is to say.
pub(crate) struct Frames {
    bytes: Vec<u8>,
    pub(crate) seq: u64,
    pub(crate) time: u64,
    pub(crate) ring: u32,
    pub(crate) context: u32,
    callsites: u32,
}

/// What a test writes into a record.
pub(crate) type Write<'w> = &'w dyn Fn(&mut Encoder);

impl Frames {
    pub(crate) fn new() -> Self {
        let (seq, time) = (0, START);
        let mut frames =
            Self { bytes: Vec::new(), seq, time, ring: NO_RING, context: 0, callsites: 0 };
        frames.ring = MAIN;
        frames
    }

    pub(crate) fn add(&mut self, kind: Kind, level: u8, body: &[u8]) {
        let seq = if kind.is_record() { self.seq + 1 } else { 0 };
        self.seq = self.seq.max(seq);
        let Self { ring, time: unix_ns, context, .. } = *self;
        let header = Header { kind, level, flags: 0, ring, seq, unix_ns, ring_end: 0, context };
        let position = self.bytes.len() as u64;
        frame::append(&mut self.bytes, position, &header, |out| out.extend_from_slice(body));
    }

    fn encoded(&mut self, kind: Kind, write: Write<'_>) {
        let mut encoder = Encoder::new(64 << 10);
        write(&mut encoder);
        self.add(kind, 3, encoder.finish());
    }

    pub(crate) fn attributes(&mut self, kind: Kind, write: Write<'_>) {
        self.encoded(kind, &|encoder| {
            body::begin_attributes(encoder);
            write(encoder);
        });
    }

    pub(crate) fn callsite(&mut self, callsite: &Callsite) -> u32 {
        let number = self.callsites;
        self.callsites += 1;
        let mut body = u64::from(number).to_le_bytes().to_vec();
        callsite.encode(&mut body);
        self.add(Kind::Callsite, 0, &body);
        number
    }

    /// Names the thread that the records that follow come from.
    pub(crate) fn thread(&mut self, tid: u64, name: &str) {
        self.attributes(Kind::Thread, &|encoder| {
            encoder.u64(Key::Name("tid"), tid);
            encoder.text(Key::Name("name"), name);
        });
    }

    /// Enters a context.
    pub(crate) fn context(&mut self, slot: u32, write: Write<'_>) {
        self.context = slot;
        self.attributes(Kind::Context, write);
    }

    pub(crate) fn event(&mut self, callsite: u32, scope: Option<SpanRef>, write: Write<'_>) {
        self.encoded(Kind::Event, &|encoder| {
            body::begin_event(encoder, callsite, scope, false);
            write(encoder);
        });
    }

    pub(crate) fn begin(&mut self, callsite: u32, number: u64, parent: u64, write: Write<'_>) {
        self.encoded(Kind::SpanStart, &|encoder| {
            let flags = body::SpanFlags::default();
            body::begin_span(encoder, callsite, span(number), SpanId::new(parent), flags);
            write(encoder);
        });
    }

    pub(crate) fn record(&mut self, callsite: u32, number: u64, write: Write<'_>) {
        self.encoded(Kind::SpanRecord, &|encoder| {
            body::begin_span_record(encoder, callsite, span(number).span);
            write(encoder);
        });
    }

    pub(crate) fn end(&mut self, callsite: u32, (number, parent): (u64, u64), unfinished: bool) {
        let end = body::SpanEnd {
            callsite,
            span: span(number),
            parent: SpanId::new(parent),
            flags: body::SpanFlags::default(),
            start: START,
            duration: self.time - START,
            is_unfinished: unfinished,
        };
        self.add(Kind::SpanEnd, 3, &end.encode());
    }

    pub(crate) fn lost(&mut self, lost: &Lost) {
        self.add(Kind::Lost, 4, &lost.encode());
    }

    /// All records from the start.
    pub(crate) fn records(&self) -> Records<'_> {
        self.records_behind(0)
    }

    /// The records behind the one with this number.
    pub(crate) fn records_behind(&self, seq: u64) -> Records<'_> {
        Records { bytes: &self.bytes, at: 0, join: Join::new(), behind: seq, left: usize::MAX }
    }
}

/// Records in the order of their frames.
pub(crate) struct Records<'f> {
    bytes: &'f [u8],
    at: usize,
    join: Join,
    behind: u64,
    left: usize,
}

impl<'f> Records<'f> {
    /// At most so many of them, as one batch.
    pub(crate) fn limit(&mut self, count: usize) -> &mut Self {
        self.left = count;
        self
    }

    /// The number of the last record that was returned.
    pub(crate) fn last_seq(&self) -> u64 {
        self.behind
    }

    fn apply(&mut self) -> Option<Frame<'f>> {
        while self.left > 0 && self.at < self.bytes.len() {
            let (length, frame) =
                frame::decode(&self.bytes[self.at..], self.at as u64).expect("a whole frame");
            self.at += length;
            let frame = frame.expect("a known kind");
            self.join.apply(&frame);
            if frame.header.seq > self.behind && frame.header.kind != Kind::Thread {
                self.behind = frame.header.seq;
                self.left -= 1;
                return Some(frame);
            }
        }
        None
    }
}

impl Batch for Records<'_> {
    fn next(&mut self) -> Option<Record<'_>> {
        let frame = self.apply()?;
        self.join.record(&frame)
    }
}
