//! What a reader of frames must remember: definitions, open spans, threads, positions.
mod contexts;
mod spans;
#[cfg(test)]
mod tests;

use crate::attributes::Attributes;
use crate::callsite::Callsite;
use crate::id::SpanId;
use crate::ids::IdMap;
use crate::record::{EventFact, Fact, Fields, LostFact, Record, Scope, SpanFact, Thread};
use crate::wire::Kind;
use crate::wire::body;
use crate::wire::frame::{CONTEXT_LOST, FLAG_CHECKPOINT, Frame, Header};
use crate::wire::notes::{Lost, Positions, total};
use crate::{Level, UnixNanos, encode};
pub use contexts::CONTEXTS_KEPT;
use contexts::Contexts;
pub use spans::{OPEN_SPAN_BYTES_MAX, OPEN_SPANS_MAX, OpenSpan, Spans};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A context's number, and its attributes where those are known.
type Numbered<'a> = (u32, Option<&'a Arc<[u8]>>);

const LOST: Numbered<'_> = (CONTEXT_LOST, None);

/// The state of a reader of frames. Frames are applied in the order of their positions, from the start of any segment.
#[derive(Debug, Default)]
pub struct Join {
    callsites: IdMap<u32, Arc<Callsite>>,
    contexts: Contexts,
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
    errors: u64,
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
            let is_error = header.kind == Kind::Event && header.level >= Level::Error as u8;
            if is_error && header.seq > self.last_seq {
                self.errors += 1;
                self.landmarks.error = self.callsite_of(frame.body).map(|it| (header.seq, it));
            }
            self.last_seq = self.last_seq.max(header.seq);
            self.last_unix_ns = self.last_unix_ns.max(header.unix_ns);
        }
        match self.positions.get_mut(&header.ring) {
            Some(known) => *known = header.ring_position(*known).unwrap_or(*known),
            None => {
                self.positions.extend(header.ring_position(0).map(|first| (header.ring, first)))
            }
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
            Kind::Positions => {
                self.positions.extend(Positions::decode(frame.body));
                self.errors = self.errors.max(header.context.into());
            }
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

    /// The number of a record's context, and that, as far as it is known. A span's is the one that it began in,
    /// wherever its last handle is dropped. What is in no context is in that of the span around it: a thread that
    /// enters a span, and knows nothing of contexts, works for the same request.
    #[inline]
    fn context_of(&self, number: u32, fact: &Fact<'_>) -> Numbered<'_> {
        let own = (number, self.contexts.get(number).filter(|_| number > 0));
        let (span, else_it_is) = match fact {
            Fact::SpanStart(fact) => (fact.span.span, own),
            Fact::SpanEnd(fact) => (fact.span.span, LOST),
            Fact::Event(EventFact { scope: Some(scope), .. }) if number == 0 => {
                (scope.span(), LOST)
            }
            _ => return own,
        };
        self.spans.span(span).map_or(else_it_is, OpenSpan::numbered_context)
    }

    /// The context that a span begins in.
    fn context_of_start(&self, header: &Header, start: &body::SpanStart<'_>) -> Numbered<'_> {
        let is_repeated = header.flags & FLAG_CHECKPOINT != 0;
        let around = start.parent.filter(|_| !start.flags.is_parent_remote && !is_repeated);
        match (header.context, around) {
            (0, None) => (0, None),
            (0, Some(parent)) => self.spans.span(parent).map_or(LOST, OpenSpan::numbered_context),
            (number, _) => (number, self.contexts.get(number)),
        }
    }

    /// What the frame that was applied last says; `None` for frames that are no records, or that make no sense.
    #[inline]
    #[must_use]
    pub fn record<'a>(&'a self, frame: &Frame<'a>) -> Option<Record<'a>> {
        let header = &frame.header;
        if !header.kind.is_record() || header.flags & FLAG_CHECKPOINT != 0 {
            return None;
        }
        let fact = self.fact(frame)?;
        let (number, context) = self.context_of(header.context, &fact);
        Some(Record {
            seq: header.seq,
            time: UnixNanos(header.unix_ns),
            thread: self.threads.get(&header.ring),
            fact,
            context: Attributes::new(context.map_or(&[], AsRef::as_ref)),
            is_context_lost: number > 0 && context.is_none(),
            context_version: context.map_or(0, |_| number.into()),
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

    #[inline]
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
                    flags: start.flags,
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

    #[inline]
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
            is_parent_remote: end.flags.is_parent_remote,
            is_sampled: end.flags.is_sampled,
            start: UnixNanos(end.start),
            duration_ns: end.duration,
            is_unfinished: end.is_unfinished,
            scope: Scope::new(end.span, &self.spans),
        })
    }

    fn callsite_of(&self, body: &[u8]) -> Option<Arc<Callsite>> {
        self.callsites.get(&body::callsite(body)?).cloned()
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
    }

    /// A segment is about to be read from its start: its checkpoint says all that must be known. Nothing else is, so
    /// that every reader of the segment knows the same.
    pub fn begin_segment(&mut self) {
        self.forget_definitions();
        self.spans.clear();
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
        self.contexts.adopt(&other.contexts);
        self.spans.adopt_contexts(&self.contexts);
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
        let (context_number, context) = self.context_of_start(&frame.header, &start);
        let context = context.cloned().unwrap_or_default();
        let span = OpenSpan {
            callsite: Arc::clone(callsite),
            callsite_number: start.callsite,
            span: start.span,
            parent: start.parent,
            flags: start.flags,
            start_unix_ns: frame.header.unix_ns,
            seq: frame.header.seq,
            ring: frame.header.ring,
            context,
            context_number,
            version: self.versions,
            recorded_seq: 0,
            lists: vec![start.attributes.trimmed().unwrap_or_default().into()],
        };
        self.spans.insert(span);
    }

    /// The callsite with this number, if it is defined.
    #[must_use]
    pub fn callsite(&self, number: u32) -> Option<&Arc<Callsite>> {
        self.callsites.get(&number)
    }

    /// The callsites that are defined: number and callsite, in no order.
    pub fn callsites(&self) -> impl Iterator<Item = (u32, &Arc<Callsite>)> {
        self.callsites.iter().map(|(number, callsite)| (*number, callsite))
    }

    /// The threads that are known, by ring.
    #[must_use]
    pub fn threads(&self) -> &BTreeMap<u32, Thread> {
        &self.threads
    }

    /// The open spans in the order of their starts. The span that the last frame ended is not among them, though what
    /// was known of it is still at hand for the record of its end.
    #[must_use]
    pub fn open_spans(&self) -> Vec<&OpenSpan> {
        let mut spans = self.spans.in_order();
        spans.retain(|open| Some(open.span.span) != self.ended);
        spans
    }

    /// How many open spans were forgotten because there were too many.
    #[must_use]
    pub fn spans_evicted(&self) -> u64 {
        self.spans.evicted()
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
        self.contexts.iter()
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

    /// Events of level error and above so far; those in front of a segment as far as its checkpoint counts, to 2^32.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.errors
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
    /// The last event of level error and above, if its line of instrumentation is known: its number, and that. Those in
    /// front of a segment's checkpoint are not told there.
    pub error: Option<(u64, Arc<Callsite>)>,
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
