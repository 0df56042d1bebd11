//! What a reader of frames must remember: definitions, open spans, threads, positions.
use crate::attributes::Attributes;
use crate::callsite::Callsite;
use crate::id::SpanId;
use crate::record::{
    EventFact, Fact, Fields, LostFact, Record, Scope, ScopeSpan, SpanFact, Thread,
};
use crate::wire::Kind;
use crate::wire::body::{self, SpanRef};
use crate::wire::frame::{CONTEXT_LOST, FLAG_CHECKPOINT, Frame};
use crate::wire::notes::{Lost, Positions, total};
use crate::{UnixNanos, encode};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// Contexts that are remembered; beyond it those with the lowest numbers are forgotten.
pub const CONTEXTS_KEPT: u32 = 4096;
/// Open spans that are remembered; beyond it the oldest are forgotten.
pub const OPEN_SPANS_MAX: usize = 65_536;
/// Bytes of attributes of open spans that are remembered; beyond it the oldest spans are forgotten.
pub const OPEN_SPAN_BYTES_MAX: usize = 16 << 20;

/// The state of a reader of frames. Frames are applied in the order of their positions, from the start of any segment.
#[derive(Debug, Default)]
pub struct Join {
    callsites: HashMap<u32, Arc<Callsite>>,
    contexts: BTreeMap<u32, Arc<[u8]>>,
    last_context: u32,
    threads: BTreeMap<u32, Thread>,
    spans: Spans,
    run: (u64, Box<[u8]>),
    positions: BTreeMap<u32, u64>,
    refused: BTreeMap<u32, [u64; 8]>,
    ended: Option<SpanId>,
    clock: Option<[u64; 4]>,
    landmarks: Landmarks,
    versions: u64,
    last_seq: u64,
    last_unix_ns: u64,
}

impl Join {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note of a frame. [`Join::record`] then tells what it says.
    pub fn apply(&mut self, frame: &Frame<'_>) {
        if let Some(ended) = self.ended.take() {
            self.spans.remove(ended);
        }
        let header = &frame.header;
        let is_repeated = header.flags & FLAG_CHECKPOINT != 0 && header.kind.is_record();
        if !is_repeated {
            self.last_seq = self.last_seq.max(header.seq);
            self.last_unix_ns = self.last_unix_ns.max(header.unix_ns);
        }
        let before = self.positions.get(&header.ring).copied().unwrap_or(0);
        if let Some(position) = header.ring_position(before) {
            self.positions.insert(header.ring, position);
        }
        match header.kind {
            Kind::Callsite => self.define_callsite(frame),
            Kind::Context => self.define_context(header.context, frame.body),
            Kind::Thread => self.define_thread(frame),
            Kind::RunContext => {
                self.versions += 1;
                self.run = (self.versions, frame.body.get(8..).unwrap_or_default().into());
            }
            Kind::SpanStart => self.open_span(frame),
            Kind::SpanRecord => {
                if let Some(record) = body::SpanRecord::decode(frame.body) {
                    self.versions += 1;
                    self.spans.record(&record, header.seq, self.versions);
                }
            }
            Kind::Event if body::is_panic(frame.body) => {
                self.landmarks.panic = Some((header.seq, frame.body.into()));
            }
            Kind::Exit => self.landmarks.exit = Some(frame.body.into()),
            Kind::RunEnd => self.landmarks.end = Some(frame.body.into()),
            Kind::Clock => self.clock = read_clock(frame.body),
            Kind::SpanEnd => {
                self.ended = body::SpanEnd::decode(frame.body).map(|end| end.span.span)
            }
            Kind::Positions => self.positions.extend(Positions::decode(frame.body)),
            Kind::Lost => {
                if let Some(lost) =
                    Lost::decode(frame.body).filter(|lost| lost.ring != crate::wire::frame::NO_RING)
                {
                    self.refused.insert(lost.ring, lost.refused);
                }
            }
            _ => {}
        }
    }

    /// What the frame that was applied last says; `None` for frames that are no records, or that make no sense.
    #[must_use]
    pub fn record<'a>(&'a self, frame: &Frame<'a>) -> Option<Record<'a>> {
        let header = &frame.header;
        if !header.kind.is_record() || header.flags & FLAG_CHECKPOINT != 0 {
            return None;
        }
        let context = match header.context {
            0 => None,
            slot => self.contexts.get(&slot),
        };
        Some(Record {
            seq: header.seq,
            time: UnixNanos(header.unix_ns),
            thread: self.threads.get(&header.ring),
            fact: self.fact(frame)?,
            context: Attributes::new(context.map_or(&[], AsRef::as_ref)),
            is_context_lost: header.context > 0 && context.is_none(),
            context_version: context.map_or(0, |_| header.context.into()),
            run: Attributes::new(&self.run.1),
            run_version: self.run.0,
        })
    }

    /// A record that stands in no frame: what a reader itself has to say.
    #[must_use]
    pub fn report<'a>(&'a self, seq: u64, time: UnixNanos, fact: Fact<'a>) -> Record<'a> {
        let run = (Attributes::new(&self.run.1), self.run.0);
        let context = Attributes::default();
        Record {
            seq,
            time,
            thread: None,
            fact,
            context,
            is_context_lost: false,
            context_version: 0,
            run: run.0,
            run_version: run.1,
        }
    }

    fn fact<'a>(&'a self, frame: &Frame<'a>) -> Option<Fact<'a>> {
        let only_fields = || body::only_attributes(frame.body).map(|list| Fields::new(&[], list));
        Some(match frame.header.kind {
            Kind::Event => Fact::Event(self.event(frame)?),
            Kind::SpanStart => {
                let start = body::SpanStart::decode(frame.body)?;
                let end = body::SpanEnd {
                    callsite: start.callsite,
                    span: start.span,
                    parent: start.parent,
                    start: frame.header.unix_ns,
                    duration: 0,
                    is_unfinished: false,
                };
                Fact::SpanStart(self.span(&end)?)
            }
            Kind::SpanEnd => Fact::SpanEnd(self.span(&body::SpanEnd::decode(frame.body)?)?),
            Kind::SpanRecord => Fact::SpanRecord(body::SpanRecord::decode(frame.body)?.span),
            Kind::SpanLink => {
                let link = body::SpanLink::decode(frame.body)?;
                Fact::SpanLink(link.span, link.follows)
            }
            Kind::Lost => Fact::Lost(lost_fact(&Lost::decode(frame.body)?)),
            Kind::Thread => Fact::Thread,
            Kind::RunContext => Fact::RunContext,
            Kind::Artifact => Fact::Artifact(only_fields()?),
            Kind::Exit => Fact::Exit(only_fields()?),
            Kind::Withheld => Fact::Withheld(only_fields()?),
            Kind::RunStart => Fact::RunStart(only_fields()?),
            Kind::RunEnd => Fact::RunEnd(only_fields()?),
            _ => return None,
        })
    }

    fn event<'a>(&'a self, frame: &Frame<'a>) -> Option<EventFact<'a>> {
        let event = body::Event::decode(frame.body)?;
        let callsite = self.callsites.get(&event.callsite)?;
        Some(EventFact {
            callsite,
            callsite_number: event.callsite,
            fields: Fields::new(&callsite.fields, event.attributes),
            scope: event.scope.map(|scope| Scope::new(scope, &self.spans)),
            is_panic: event.is_panic,
        })
    }

    fn span(&self, end: &body::SpanEnd) -> Option<SpanFact<'_>> {
        Some(SpanFact {
            callsite: self.callsites.get(&end.callsite)?,
            span: end.span,
            parent: end.parent,
            start: UnixNanos(end.start),
            duration_ns: end.duration,
            is_unfinished: end.is_unfinished,
            scope: Scope::new(end.span, &self.spans),
        })
    }

    fn define_callsite(&mut self, frame: &Frame<'_>) {
        let number = body::callsite(frame.body);
        let callsite = frame.body.get(8..).and_then(Callsite::decode);
        if let (Some(number), Some(callsite)) = (number, callsite) {
            self.callsites.insert(number, Arc::new(callsite));
        }
    }

    fn define_context(&mut self, number: u32, body: &[u8]) {
        if number == CONTEXT_LOST {
            return;
        }
        self.contexts.insert(number, body.get(8..).unwrap_or_default().into());
        self.last_context = self.last_context.max(number);
        if self.contexts.len() > CONTEXTS_KEPT as usize {
            self.contexts.pop_first();
        }
    }

    /// A segment is about to be read from its start: its checkpoint says all that must be known. Nothing else is, so
    /// that every reader of the segment knows the same.
    pub fn begin_segment(&mut self) {
        self.forget_definitions();
        self.spans = Spans::default();
        self.ended = None;
    }

    /// A segment has ended: everything is defined anew behind it. What is not, because it was damaged, counts as
    /// unknown for every reader, wherever it began.
    pub fn forget_definitions(&mut self) {
        self.callsites.clear();
        self.contexts.clear();
    }

    /// Takes over a definition, unless the number is known.
    pub fn adopt_callsite(&mut self, number: u32, callsite: Callsite) {
        self.callsites.entry(number).or_insert_with(|| Arc::new(callsite));
    }

    /// Takes over the definitions that another reader of the same run knows and this one does not.
    pub fn adopt_definitions(&mut self, other: &Self) {
        for (number, callsite) in &other.callsites {
            self.callsites.entry(*number).or_insert_with(|| Arc::clone(callsite));
        }
        for (number, context) in &other.contexts {
            self.contexts.entry(*number).or_insert_with(|| Arc::clone(context));
        }
    }

    /// The highest number of a context so far.
    #[must_use]
    pub fn last_context(&self) -> u32 {
        self.last_context
    }

    fn define_thread(&mut self, frame: &Frame<'_>) {
        let Some(list) = body::only_attributes(frame.body) else { return };
        let mut thread = Thread::default();
        for (key, value) in list {
            use crate::value::Value;
            match (key, value) {
                (encode::Key::Name("pid"), Value::U64(pid)) => thread.pid = pid as u32,
                (encode::Key::Name("tid"), Value::U64(tid)) => thread.tid = tid as u32,
                (encode::Key::Name("name"), Value::Text(name)) => {
                    thread.name = name.text.to_owned()
                }
                _ => {}
            }
        }
        self.threads.insert(frame.header.ring, thread);
    }

    fn open_span(&mut self, frame: &Frame<'_>) {
        let Some(start) = body::SpanStart::decode(frame.body) else { return };
        let Some(callsite) = self.callsites.get(&start.callsite) else { return };
        self.versions += 1;
        let span = OpenSpan {
            callsite: Arc::clone(callsite),
            callsite_number: start.callsite,
            span: start.span,
            parent: start.parent,
            start_unix_ns: frame.header.unix_ns,
            seq: frame.header.seq,
            ring: frame.header.ring,
            context: self.contexts.get(&frame.header.context).map_or_else(Arc::default, Arc::clone),
            context_number: frame.header.context,
            version: self.versions,
            recorded_seq: 0,
            lists: vec![start.attributes.trimmed().unwrap_or_default().into()],
        };
        self.spans.insert(span);
    }

    /// The callsites that are defined, by number.
    #[must_use]
    pub fn callsites(&self) -> &HashMap<u32, Arc<Callsite>> {
        &self.callsites
    }

    /// The threads that are known, by ring.
    #[must_use]
    pub fn threads(&self) -> &BTreeMap<u32, Thread> {
        &self.threads
    }

    /// The open spans.
    #[must_use]
    pub fn spans(&self) -> &Spans {
        &self.spans
    }

    /// How far each ring has been drained.
    #[must_use]
    pub fn positions(&self) -> &BTreeMap<u32, u64> {
        &self.positions
    }

    /// How many refusals of each ring have been told, by level.
    #[must_use]
    pub fn refused(&self) -> &BTreeMap<u32, [u64; 8]> {
        &self.refused
    }

    /// The bytes of the run-wide attributes.
    #[must_use]
    pub fn run_context(&self) -> &[u8] {
        &self.run.1
    }

    /// The contexts that are remembered: number and bytes.
    pub fn contexts(&self) -> impl Iterator<Item = (u32, &[u8])> {
        self.contexts.iter().map(|(number, bytes)| (*number, bytes.as_ref()))
    }

    /// How ticks relate to time, as the last word on it says: ticks, boot time, wall time, 2^-32 ns a tick.
    #[must_use]
    pub fn clock(&self) -> Option<[u64; 4]> {
        self.clock
    }

    /// What was said of the run's end.
    #[must_use]
    pub fn landmarks(&self) -> &Landmarks {
        &self.landmarks
    }

    /// The largest number of a record so far.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// The latest time of a record so far, in nanoseconds since 1970.
    #[must_use]
    pub fn last_unix_ns(&self) -> u64 {
        self.last_unix_ns
    }
}

/// What records said of the run's end, as far as they were read.
#[derive(Debug, Default, Clone)]
#[non_exhaustive]
pub struct Landmarks {
    /// The last panic: its number, and the body of its event.
    pub panic: Option<(u64, Box<[u8]>)>,
    /// The body of the record that the process began to exit.
    pub exit: Option<Box<[u8]>>,
    /// The body of the record of the run's end.
    pub end: Option<Box<[u8]>>,
}

fn read_clock(body: &[u8]) -> Option<[u64; 4]> {
    let (chunks, _) = body.as_chunks::<8>();
    chunks.first_chunk::<4>().map(|words| words.map(u64::from_le_bytes))
}

fn lost_fact(lost: &Lost) -> LostFact {
    let seqs = (lost.first_seq > 0).then_some((lost.first_seq, lost.last_seq));
    let records = lost.records.max(total(&lost.by_level));
    LostFact { reason: lost.reason, records, by_level: lost.by_level, seqs }
}

/// The spans that have begun and not ended.
#[derive(Debug, Default)]
pub struct Spans {
    open: HashMap<u64, OpenSpan>,
    /// Spans in the order of their starts; those that have ended are taken out when half of them have.
    order: VecDeque<(u64, u64)>,
    bytes: usize,
    evicted: u64,
}

/// A span that has begun and not ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OpenSpan {
    /// Its line of instrumentation.
    pub callsite: Arc<Callsite>,
    /// The callsite's number.
    pub callsite_number: u32,
    /// The span and its trace.
    pub span: SpanRef,
    /// The span around it.
    pub parent: Option<SpanId>,
    /// When it began.
    pub start_unix_ns: u64,
    /// The number of the record of its start.
    pub seq: u64,
    /// The ring that its start came from.
    pub ring: u32,
    /// The attributes in scope where it began.
    pub context: Arc<[u8]>,
    /// Their number; 0 for none.
    pub context_number: u32,
    version: u64,
    /// The number of the last record of attributes.
    recorded_seq: u64,
    lists: Vec<Box<[u8]>>,
}

impl OpenSpan {
    /// The lists of attributes as they were recorded: at the start, then those that were added.
    pub fn lists(&self) -> impl Iterator<Item = &[u8]> {
        self.lists.iter().map(AsRef::as_ref)
    }

    fn bytes(&self) -> usize {
        self.lists.iter().map(|list| list.len()).sum()
    }
}

impl Spans {
    /// The open spans in the order of their starts.
    #[must_use]
    pub fn in_order(&self) -> Vec<&OpenSpan> {
        let mut spans: Vec<&OpenSpan> = self.open.values().collect();
        spans.sort_by_key(|span| span.seq);
        spans
    }

    /// How many spans were forgotten because there were too many.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(crate) fn contains(&self, span: SpanId) -> bool {
        self.open.contains_key(&span.to_bits())
    }

    pub(crate) fn outwards(&self, innermost: SpanId) -> impl Iterator<Item = ScopeSpan<'_>> {
        let first = self.open.get(&innermost.to_bits());
        let mut left = self.open.len();
        std::iter::successors(first, move |span| {
            left = left.checked_sub(1)?;
            self.open.get(&span.parent?.to_bits())
        })
        .map(|span| ScopeSpan::new(span.span.span, &span.callsite, span.version, &span.lists))
    }

    fn insert(&mut self, span: OpenSpan) {
        let key = span.span.span.to_bits();
        // Frames that are read a second time say nothing new.
        if self.open.get(&key).is_some_and(|known| known.seq == span.seq) {
            return;
        }
        self.order.push_back((key, span.seq));
        self.bytes += span.bytes();
        if let Some(before) = self.open.insert(key, span) {
            self.bytes -= before.bytes();
        }
        self.bound();
    }

    /// Notes attributes that the record with the number `seq` adds; 0 for those that a checkpoint repeats.
    fn record(&mut self, record: &body::SpanRecord<'_>, seq: u64, version: u64) {
        let Some(open) = self.open.get_mut(&record.span.to_bits()) else { return };
        if seq > 0 && seq <= open.recorded_seq {
            return;
        }
        open.recorded_seq = seq;
        let list: Box<[u8]> = record.attributes.trimmed().unwrap_or_default().into();
        self.bytes += list.len();
        open.lists.push(list);
        open.version = version;
        self.bound();
    }

    fn remove(&mut self, span: SpanId) {
        if let Some(open) = self.open.remove(&span.to_bits()) {
            self.bytes -= open.bytes();
        }
        if self.order.len() > 64 && self.order.len() > 2 * self.open.len() {
            let open = &self.open;
            self.order.retain(|(key, seq)| open.get(key).is_some_and(|span| span.seq == *seq));
        }
    }

    fn bound(&mut self) {
        while self.open.len() > OPEN_SPANS_MAX || self.bytes > OPEN_SPAN_BYTES_MAX {
            let Some((key, seq)) = self.order.pop_front() else { return };
            if self.open.get(&key).is_some_and(|span| span.seq == seq)
                && let Some(open) = self.open.remove(&key)
            {
                self.bytes -= open.bytes();
                self.evicted += 1;
            }
        }
    }
}
