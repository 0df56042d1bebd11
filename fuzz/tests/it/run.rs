//! A run whose threads, clocks and ids are made up, driven by the toolkit's own ring, drain and writer.
use fuzz::golden::{self, START_NS};
use fuzz::memory::Memory;
use obs_core::encode::{Encoder, Key};
use obs_core::io::Io;
use obs_core::join::Join;
use obs_core::wire::Kind;
use obs_core::wire::body::{self, SpanRef};
use obs_core::{Callsite, CallsiteKind, Level, SpanId, TraceId};
use obs_recorder::drain::{Drain, Parts, Pass};
use obs_recorder::journal::{Moved, Writer, WriterLimits};
use obs_recorder::layout::{RingDirectory, RunDirectory};
use obs_recorder::{Callsites, Key as Site, Redaction, Timeline};
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::ring::{Entry, Owner, Producer, Ring, Shape, State};
use obs_ring::stage::Stage;
use obs_ring::{Identity, Memory as Words};
use std::sync::Arc;

/// The boot that the run was in.
const BOOT_ID: [u8; 16] = *b"boot of the test";
/// Nanoseconds since that boot when the run began.
const BOOT_NS: u64 = 3_600_000_000_000;
/// From one record to the next.
const STEP_NS: u64 = 1_000_000;

/// How large its parts are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) ring_bytes: u64,
    pub(crate) stage_bytes: u64,
    pub(crate) segment_bytes: u64,
}

/// What writes into a record.
pub(crate) type Write<'w> = &'w dyn Fn(&mut Encoder);

/// A run that is being recorded.
pub(crate) struct Run {
    pub(crate) ring: Ring,
    pub(crate) stage: Stage,
    pub(crate) callsites: Arc<Callsites>,
    pub(crate) disk: Memory,
    pub(crate) directory: RunDirectory,
    pub(crate) ticks: u64,
    producer: Producer,
    drain: Drain,
    writer: Writer,
    context: Vec<u8>,
    /// The context of the record before.
    told: Vec<u8>,
    encoder: Encoder,
}

impl Run {
    pub(crate) fn new(sizes: Sizes) -> Self {
        let (disk, directory) = (Memory::default(), RunDirectory::new(golden::RUN_DIRECTORY));
        let io: Arc<dyn Io> = Arc::new(disk.clone());
        let run_id = golden::run_id().to_bytes();
        let identity = Identity { run_id, boot_id: BOOT_ID, pid: 4711, number: 0 };
        let shape = Shape::with_capacity(sizes.ring_bytes).unwrap();
        let words = Words::heap(shape.file_bytes());
        let ring = Ring::create(words, shape, identity, TickSource::Monotonic).unwrap();
        let words = Words::heap(Stage::file_bytes(sizes.stage_bytes));
        let stage = Stage::create(words, sizes.stage_bytes, identity, 0).unwrap();
        let callsites = Arc::new(Callsites::new());
        let rings = RingDirectory::new(directory.path().join("rings"));
        callsites.keep_in(&disk, &rings.dictionary()).unwrap();
        let owner = Owner { pid: 4711, tid: 4712, name: "main".to_owned() };
        let producer = ring.claim(State::Fresh, State::Live, &owner).unwrap();
        let limits = WriterLimits::new(64 << 20);
        let writer = Writer::new(io, directory.journal(), stage.clone(), limits, Join::new());
        let mut drain = Drain::new(Parts {
            stage: stage.writer(),
            callsites: Arc::clone(&callsites),
            timeline: Timeline::new(Anchor::new(BOOT_NS, BOOT_NS, START_NS), None),
            clock: None,
            last_seq: 0,
            segment_bytes: sizes.segment_bytes,
            redaction: Redaction::default(),
        });
        drain.add_ring(0, ring.consumer(None), [0; 8]);
        let (context, encoder) = (Vec::new(), Encoder::new(64 << 10));
        let writer = writer.unwrap();
        Self {
            ring,
            stage,
            callsites,
            disk,
            directory,
            ticks: BOOT_NS,
            producer,
            drain,
            writer,
            told: context.clone(),
            context,
            encoder,
        }
    }

    /// The directory of its rings.
    pub(crate) fn rings(&self) -> RingDirectory {
        RingDirectory::new(self.directory.path().join("rings"))
    }

    pub(crate) fn callsite(&self, kind: CallsiteKind, name: &str, fields: &[&str]) -> u32 {
        let describe = || Callsite {
            kind,
            level: Level::Info,
            name: name.to_owned(),
            target: "app::load".to_owned(),
            file: Some("src/load.rs".to_owned()),
            line: Some(42),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        };
        self.callsites.of(&Site::Text(format!("{name} {fields:?}").into()), describe).number
    }

    /// Enters a context, or the empty one.
    pub(crate) fn enter(&mut self, write: Option<Write<'_>>) {
        self.context.clear();
        if let Some(write) = write {
            self.encoder.clear();
            write(&mut self.encoder);
            self.context = self.encoder.finish().to_vec();
        }
    }

    fn push(&mut self, kind: Kind, body: &[u8]) {
        self.ticks += STEP_NS;
        let (ticks, context) = (self.ticks, self.context.clone());
        let anchor = Anchor::new(ticks, ticks, START_NS + ticks - BOOT_NS);
        let context = context.as_slice();
        let (level, context_changed) = (Level::Info as u8, context != self.told);
        let entry = Entry { kind: kind as u8, level, ticks, context, context_changed, body };
        self.producer.push(&entry, || anchor).expect("the ring has room");
        self.told = context.to_vec();
    }

    fn encoded(&mut self, kind: Kind, write: Write<'_>) {
        self.encoder.clear();
        write(&mut self.encoder);
        let body = self.encoder.finish().to_vec();
        self.push(kind, &body);
    }

    /// A record that consists of attributes.
    pub(crate) fn attributes(&mut self, kind: Kind, write: Write<'_>) {
        self.encoded(kind, &|encoder| {
            body::begin_attributes(encoder);
            write(encoder);
        });
    }

    pub(crate) fn introduce(&mut self, name: &str) {
        self.attributes(Kind::Thread, &|encoder| {
            encoder.u64(Key::Name("pid"), 4711);
            encoder.u64(Key::Name("tid"), 4712);
            encoder.text(Key::Name("name"), name);
        });
    }

    pub(crate) fn event(&mut self, callsite: u32, span: Option<u64>, write: Write<'_>) {
        self.encoded(Kind::Event, &|encoder| {
            body::begin_event(encoder, callsite, span.map(span_ref), false);
            write(encoder);
        });
    }

    pub(crate) fn begin(&mut self, callsite: u32, span: u64, parent: u64, write: Write<'_>) {
        self.encoded(Kind::SpanStart, &|encoder| {
            let flags = body::SpanFlags::default();
            body::begin_span(encoder, callsite, span_ref(span), parent_id(parent), flags);
            write(encoder);
        });
    }

    pub(crate) fn add(&mut self, callsite: u32, span: u64, write: Write<'_>) {
        self.encoded(Kind::SpanRecord, &|encoder| {
            body::begin_span_record(encoder, callsite, span_ref(span).span);
            write(encoder);
        });
    }

    pub(crate) fn link(&mut self, span: u64, follows: u64) {
        let link = body::SpanLink { span: span_ref(span).span, follows: span_ref(follows) };
        self.push(Kind::SpanLink, &link.encode());
    }

    pub(crate) fn end(&mut self, callsite: u32, span: u64, parent: u64, start: u64) {
        let (span, parent) = (span_ref(span), parent_id(parent));
        let (flags, duration, is_unfinished) = (body::SpanFlags::default(), 0, false);
        let end = body::SpanEnd { callsite, span, parent, flags, start, duration, is_unfinished };
        self.push(Kind::SpanEnd, &end.encode());
    }

    /// Gives up on so many records, and says so.
    pub(crate) fn refuse(&mut self, count: usize) {
        (0..count).for_each(|_| self.producer.count_refused(Level::Info as u8));
        let body: Vec<u8> =
            self.producer.refused().iter().flat_map(|count| count.to_le_bytes()).collect();
        self.push(Kind::Lost, &body);
    }

    /// From the ring to the stage.
    pub(crate) fn drain(&mut self) {
        while self.drain.pass() == Pass::NoRoom {
            self.write();
            assert!(
                self.drain.make_room(self.writer.moved(), self.writer.moved()),
                "what was moved can go"
            );
        }
    }

    /// From the stage to the disk.
    pub(crate) fn write(&mut self) {
        while !matches!(self.writer.step().unwrap(), Moved::Nothing) {}
        self.writer.sync().unwrap();
    }

    pub(crate) fn synced(&self) -> u64 {
        self.writer.synced()
    }
}

fn span_ref(number: u64) -> SpanRef {
    let trace = TraceId::new(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c).unwrap();
    SpanRef { span: SpanId::new(0xb7ad_6b71_6920_3330 + number).unwrap(), trace }
}

/// The span with this number; none for 0.
fn parent_id(number: u64) -> Option<SpanId> {
    (number > 0).then(|| span_ref(number).span)
}
