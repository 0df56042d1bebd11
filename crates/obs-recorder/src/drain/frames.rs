//! Frames in the making: records become frames, with every definition that they need in front of them.
use super::contexts::Contexts;
use super::intake::{Intake, What};
use crate::callsites::{Callsites, define};
use crate::clock::Timeline;
use crate::redaction::Redaction;
use obs_core::LostReason;
use obs_core::attributes::Attributes;
use obs_core::encode::{Encoder, Key};
use obs_core::join::OpenSpan;
use obs_core::wire::frame::{CONTEXT_LOST, FLAG_CHECKPOINT, Header, NO_RING, append};
use obs_core::wire::notes::{Lost, Positions, total};
use obs_core::wire::{Kind, body};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Frames that are not staged yet, and what has been defined in the segment that they go to.
#[derive(Debug)]
pub(super) struct Frames {
    pub(super) batch: Vec<u8>,
    /// The position of the batch's first byte.
    pub(super) start: u64,
    pub(super) last_seq: u64,
    pub(super) counts: Counts,
    callsites: Arc<Callsites>,
    /// By callsite's number.
    sites: Vec<Site>,
    contexts: Contexts,
    /// The body of each ring's last thread record, to be said again where definitions were lost.
    threads: BTreeMap<u32, Vec<u8>>,
    run_context: Vec<u8>,
    /// The body of the last panic's event, redacted.
    pub(super) last_panic: Option<Box<[u8]>>,
    encoder: Encoder,
    redaction: Redaction,
}

/// What is known of a callsite here.
#[derive(Debug, Clone, Copy, Default)]
struct Site {
    /// How many fields it has, if that was asked for.
    fields: Option<usize>,
    /// Whether the segment defines it.
    is_defined: bool,
}

/// What the drain has counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Records that threads refused.
    pub(crate) refused: u64,
    /// Stretches of damage in rings.
    pub(crate) damaged: u64,
    /// Events of level error and above.
    pub(crate) errors: u64,
    /// Records that could not be decoded.
    pub(crate) withheld: u64,
}

/// A record that the drain makes itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own<'a> {
    pub(crate) kind: Kind,
    pub(crate) level: u8,
    pub(crate) ring: u32,
    pub(crate) unix_ns: u64,
    pub(crate) body: &'a [u8],
}

impl Frames {
    pub(super) fn new(
        callsites: Arc<Callsites>,
        start: u64,
        last_seq: u64,
        redaction: Redaction,
    ) -> Self {
        Self {
            batch: Vec::new(),
            start,
            last_seq,
            counts: Counts::default(),
            callsites,
            sites: Vec::new(),
            contexts: Contexts::default(),
            threads: BTreeMap::new(),
            run_context: Vec::new(),
            last_panic: None,
            encoder: Encoder::new(4096),
            redaction,
        }
    }

    /// Appends the frame, or frames, of one record that was taken from a ring.
    pub(super) fn add(
        &mut self,
        intake: &mut Intake,
        ticks: u64,
        what: &What,
        timeline: &Timeline,
    ) {
        let unix_ns = timeline.unix_ns(ticks);
        match what {
            What::Opening => {
                intake.context.clear();
                (intake.context_number, intake.is_context_lost) = (None, false);
            }
            What::Damaged(bytes) => {
                intake.context.clear();
                (intake.context_number, intake.is_context_lost) = (None, true);
                self.add_damaged(intake.number, *bytes, unix_ns);
            }
            What::Record { kind, level, body, context } => {
                if let Some(range) = context {
                    let bytes = intake.bytes(range).to_vec();
                    intake.context = bytes;
                    (intake.context_number, intake.is_context_lost) = (None, false);
                }
                let bytes = std::mem::take(&mut intake.context);
                let slot = match intake.is_context_lost {
                    true => CONTEXT_LOST,
                    false => self.context_number(&bytes, &mut intake.context_number),
                };
                intake.context = bytes;
                let ring_end = Header::ring_end_of(intake.taken);
                let head =
                    Head { level: *level, ring: intake.number, unix_ns, ring_end, context: slot };
                let Some(kind) = Kind::from_number(*kind) else {
                    return self.withhold(&head, intake.bytes(body), *kind);
                };
                if kind == Kind::Lost {
                    let refused = intake.consumer.refused();
                    let said = read_levels(intake.bytes(body)).unwrap_or(refused);
                    self.tell_refused(intake, said, unix_ns);
                } else {
                    self.add_record(&head, kind, intake.bytes(body), timeline);
                }
            }
        }
    }

    fn add_record(&mut self, head: &Head, kind: Kind, body: &[u8], timeline: &Timeline) {
        // A panic over foreign bytes is a bug; its price is one record.
        let read = catch_unwind(AssertUnwindSafe(|| {
            self.is_readable(kind, body).then(|| self.redacted(kind, body))
        }));
        let Ok(Some(redacted)) = read else {
            return self.withhold(head, body, kind as u8);
        };
        let body = redacted.as_deref().unwrap_or(body);
        if matches!(kind, Kind::Event | Kind::SpanStart | Kind::SpanEnd | Kind::SpanRecord) {
            self.define_callsite(body::callsite(body).unwrap_or_default());
        }
        match kind {
            Kind::Thread => {
                self.threads.insert(head.ring, body.to_vec());
            }
            Kind::RunContext => self.run_context = body.to_vec(),
            Kind::Event if head.level >= obs_core::Level::Error as u8 => {
                self.counts.errors += 1;
                if body::is_panic(body) {
                    self.last_panic = Some(body.into());
                }
            }
            _ => {}
        }
        if kind == Kind::SpanEnd
            && let Some(end) = body::SpanEnd::decode(body)
        {
            let start = timeline.unix_ns(end.start);
            // The end's own ticks are not in its body; its time is the header's.
            let duration = head.unix_ns.saturating_sub(start);
            let end = body::SpanEnd { start: head.unix_ns - duration, duration, ..end };
            return self.append(head, kind, &end.encode());
        }
        self.append(head, kind, body);
    }

    /// Whether a reader will be able to make sense of the record.
    fn is_readable(&mut self, kind: Kind, bytes: &[u8]) -> bool {
        let mut right = |callsite: u32, list: Attributes<'_>| {
            self.fields_of(callsite).and_then(|count| list.check(count)).is_some()
        };
        match kind {
            Kind::Event => body::Event::decode(bytes)
                .is_some_and(|event| right(event.callsite, event.attributes)),
            Kind::SpanStart => body::SpanStart::decode(bytes)
                .is_some_and(|start| right(start.callsite, start.attributes)),
            Kind::SpanRecord => body::SpanRecord::decode(bytes)
                .is_some_and(|record| right(record.callsite, record.attributes)),
            Kind::SpanEnd => body::SpanEnd::decode(bytes)
                .is_some_and(|end| self.fields_of(end.callsite).is_some()),
            Kind::SpanLink => body::SpanLink::decode(bytes).is_some(),
            Kind::Thread | Kind::RunContext | Kind::Artifact | Kind::Exit => {
                body::only_attributes(bytes).and_then(|list| list.check(0)).is_some()
            }
            _ => false,
        }
    }

    /// The body of a record without its secrets, if there are any.
    fn redacted(&self, kind: Kind, bytes: &[u8]) -> Option<Vec<u8>> {
        let list = match kind {
            Kind::Event => body::Event::decode(bytes)?.attributes,
            Kind::SpanStart => body::SpanStart::decode(bytes)?.attributes,
            Kind::SpanRecord => body::SpanRecord::decode(bytes)?.attributes,
            Kind::SpanEnd | Kind::SpanLink => return None,
            _ => body::only_attributes(bytes)?,
        };
        if list.is_empty() {
            return None;
        }
        let redactor = self.redaction.redactor();
        let has_callsite = matches!(kind, Kind::Event | Kind::SpanStart | Kind::SpanRecord);
        let known = match has_callsite && redactor.has_names() {
            true => self.callsites.by_number(body::callsite(bytes)?),
            false => None,
        };
        let fields = known.as_ref().map_or(&[][..], |known| &known.callsite.fields);
        let redacted = redactor.redact_attributes(list, fields)?;
        let head = bytes.len() - list.as_bytes().len();
        let mut body = [&bytes[..head], &redacted].concat();
        body.resize(body.len().next_multiple_of(8), 0);
        Some(body)
    }

    fn withhold(&mut self, head: &Head, body: &[u8], kind: u8) {
        self.counts.withheld += 1;
        let callsite = body::callsite(body).unwrap_or_default();
        let mut encoder = std::mem::replace(&mut self.encoder, Encoder::new(0));
        encoder.clear();
        body::begin_attributes(&mut encoder);
        encoder.u64(Key::Name("kind"), kind.into());
        encoder.u64(Key::Name("callsite"), callsite.into());
        encoder.u64(Key::Name("bytes"), body.len() as u64);
        self.append(head, Kind::Withheld, encoder.finish());
        self.encoder = encoder;
    }

    fn add_damaged(&mut self, ring: u32, bytes: u64, unix_ns: u64) {
        self.counts.damaged += 1;
        let lost =
            Lost { reason: LostReason::Damaged, records: bytes.min(1), ..nothing_lost(NO_RING) };
        let body = lost.encode();
        self.own(&Own {
            kind: Kind::Lost,
            level: obs_core::Level::Warn as u8,
            ring,
            unix_ns,
            body: &body,
        });
    }

    /// Tells what a ring's threads refused since it was told last, up to the counts `refused`.
    pub(super) fn tell_refused(&mut self, intake: &mut Intake, refused: [u64; 8], unix_ns: u64) {
        let by_level: [u64; 8] =
            std::array::from_fn(|level| refused[level].saturating_sub(intake.told[level]));
        let records = total(&by_level);
        if records == 0 {
            return;
        }
        intake.told = std::array::from_fn(|level| refused[level].max(intake.told[level]));
        self.counts.refused = self.counts.refused.saturating_add(records);
        let lost = Lost { records, by_level, refused: intake.told, ..nothing_lost(intake.number) };
        let (ring, body) = (intake.number, lost.encode());
        self.own(&Own {
            kind: Kind::Lost,
            level: obs_core::Level::Warn as u8,
            ring,
            unix_ns,
            body: &body,
        });
    }

    /// Appends a record of the drain's own.
    pub(super) fn own(&mut self, own: &Own<'_>) {
        let Own { level, ring, unix_ns, .. } = *own;
        let head = Head { level, ring, unix_ns, ..Head::default() };
        let has_attributes =
            matches!(own.kind, Kind::RunStart | Kind::RunContext | Kind::RunEnd | Kind::Artifact);
        let redacted = if has_attributes { self.redacted(own.kind, own.body) } else { None };
        let body = redacted.as_deref().unwrap_or(own.body);
        if own.kind == Kind::RunContext {
            self.run_context = body.to_vec();
        }
        self.append(&head, own.kind, body);
    }

    /// Appends the end of a span that was open when its run died.
    pub(super) fn close_span(&mut self, span: &OpenSpan, end: &body::SpanEnd, unix_ns: u64) {
        self.define_callsite(span.callsite_number);
        let context = self.context_number(&span.context, &mut None);
        let level = span.callsite.level as u8;
        let head = Head { level, ring: span.ring, unix_ns, ring_end: 0, context };
        self.append(&head, Kind::SpanEnd, &end.encode());
    }

    /// Appends the positions of all rings from which something was taken, so that nothing is taken twice.
    pub(super) fn positions(&mut self, pairs: impl IntoIterator<Item = (u32, u64)>) {
        let mut body = Vec::new();
        Positions::encode(&mut body, pairs);
        if !body.is_empty() {
            self.append(&Head::default(), Kind::Positions, &body);
        }
    }

    /// How ticks relate to time from here on.
    pub(super) fn clock(&mut self, timeline: &Timeline) {
        let base = timeline.base();
        let words = [base.ticks, base.boot_ns, base.unix_ns, timeline.rate()];
        let body: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.append(&Head { unix_ns: base.unix_ns, ..Head::default() }, Kind::Clock, &body);
    }

    /// Ends the segment, if `cut`; and lets everything be defined anew from here on.
    pub(super) fn begin_anew(&mut self, timeline: &Timeline, cut: bool) {
        if cut {
            self.append(&Head::default(), Kind::Cut, &[]);
        }
        self.sites.iter_mut().for_each(|site| site.is_defined = false);
        self.contexts.begin_anew();
        self.clock(timeline);
        for (ring, body) in std::mem::take(&mut self.threads) {
            self.repeat(ring, Kind::Thread, &body);
            self.threads.insert(ring, body);
        }
        let run_context = std::mem::take(&mut self.run_context);
        if !run_context.is_empty() {
            self.repeat(NO_RING, Kind::RunContext, &run_context);
        }
        self.run_context = run_context;
    }

    /// What is known of threads and the run from an earlier part of the journal.
    pub(super) fn remember(
        &mut self,
        threads: BTreeMap<u32, Vec<u8>>,
        run_context: Vec<u8>,
        last_context: u32,
    ) {
        self.contexts.skip(last_context);
        self.threads = threads;
        self.run_context = run_context;
    }

    /// Says again how many refusals of a ring have been told.
    pub(super) fn repeat_refused(&mut self, intake: &Intake) {
        if intake.told != [0; 8] {
            let lost = Lost { refused: intake.told, ..nothing_lost(intake.number) };
            self.repeat(intake.number, Kind::Lost, &lost.encode());
        }
    }

    fn repeat(&mut self, ring: u32, kind: Kind, body: &[u8]) {
        let header = Header {
            kind,
            level: 0,
            flags: FLAG_CHECKPOINT,
            ring,
            seq: 0,
            unix_ns: 0,
            ring_end: 0,
            context: 0,
        };
        let position = self.start + self.batch.len() as u64;
        append(&mut self.batch, position, &header, |out| out.extend_from_slice(body));
    }

    fn define_callsite(&mut self, number: u32) {
        if self.sites.get(number as usize).is_some_and(|site| site.is_defined) {
            return;
        }
        if let Some(known) = self.callsites.by_number(number) {
            self.site(number).is_defined = true;
            let position = self.start + self.batch.len() as u64;
            let redacted = known.redacted(self.redaction.redactor());
            define(&mut self.batch, position, redacted.as_ref().unwrap_or(&known));
        }
    }

    /// How many fields a callsite has; `None` if nobody knows the callsite.
    fn fields_of(&mut self, number: u32) -> Option<usize> {
        let kept = self.sites.get(number as usize).and_then(|site| site.fields);
        kept.or_else(|| {
            let count = self.callsites.by_number(number)?.callsite.fields.len();
            self.site(number).fields = Some(count);
            Some(count)
        })
    }

    /// A callsite that is known to the recorder, so that there are no more than it has.
    fn site(&mut self, number: u32) -> &mut Site {
        let index = number as usize;
        if self.sites.len() <= index {
            self.sites.resize(index + 1, Site::default());
        }
        &mut self.sites[index]
    }

    /// The number of a context, which is defined first if it has none. `known` is the number it had last.
    fn context_number(&mut self, bytes: &[u8], known: &mut Option<u32>) -> u32 {
        if bytes.is_empty() {
            return 0;
        }
        if let Some(number) = *known
            && self.contexts.stands(number)
        {
            return number;
        }
        let (number, is_new) = self.contexts.number(bytes);
        *known = Some(number);
        if is_new {
            let head = Head { context: number, ..Head::default() };
            let body = [&[0; 8], bytes].concat();
            let redacted = self.redacted(Kind::Context, &body);
            self.append(&head, Kind::Context, redacted.as_deref().unwrap_or(&body));
        }
        number
    }

    fn append(&mut self, head: &Head, kind: Kind, body: &[u8]) {
        let seq = if kind.is_record() { self.last_seq + 1 } else { 0 };
        self.last_seq = self.last_seq.max(seq);
        let Head { level, ring, unix_ns, ring_end, context } = *head;
        let header = Header { kind, level, flags: 0, ring, seq, unix_ns, ring_end, context };
        let position = self.start + self.batch.len() as u64;
        append(&mut self.batch, position, &header, |out| out.extend_from_slice(body));
    }
}

/// The part of a frame's header that comes from the record.
#[derive(Debug, Clone, Copy)]
struct Head {
    level: u8,
    ring: u32,
    unix_ns: u64,
    ring_end: u32,
    context: u32,
}

impl Default for Head {
    fn default() -> Self {
        Self { level: 0, ring: NO_RING, unix_ns: 0, ring_end: 0, context: 0 }
    }
}

fn nothing_lost(ring: u32) -> Lost {
    let reason = LostReason::RingFull;
    Lost { reason, ring, records: 0, first_seq: 0, last_seq: 0, by_level: [0; 8], refused: [0; 8] }
}

/// The counts in a `Lost` record of a ring: one word a level.
fn read_levels(body: &[u8]) -> Option<[u64; 8]> {
    let (chunks, _) = body.as_chunks::<8>();
    let levels = chunks.first_chunk::<8>()?;
    Some(levels.map(u64::from_le_bytes))
}
