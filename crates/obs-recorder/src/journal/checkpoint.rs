//! What a segment repeats of those before it, so that it can be read alone.
use super::segment::checkpoint_position;
use obs_core::encode::{Encoder, Key};
use obs_core::join::Join;
use obs_core::wire::frame::{CONTEXT_LOST, FLAG_CHECKPOINT, Header, NO_RING, append};
use obs_core::wire::notes::{Lost, Positions};
use obs_core::wire::{Kind, body};
use obs_core::{Callsite, LostReason};
use std::collections::{BTreeMap, BTreeSet};

/// Where a segment begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begins {
    /// Behind a cut: all that later records need is defined anew before its first use.
    AfterCut,
    /// Anywhere else: later records may need whatever was defined before.
    Anywhere,
}

/// The frames that bring a reader who knows nothing to the state of `join`: how ticks relate to time; threads,
/// positions and refusals of rings; the run-wide attributes; the last panic and the exit; the open spans with their
/// callsites, contexts and attributes; and every other callsite and context, where later records may need them. They
/// stand in a segment that begins at `first`.
pub(crate) fn checkpoint(join: &Join, begins: Begins, first: u64) -> Vec<u8> {
    let mut frames = Frames { bytes: Vec::new(), start: checkpoint_position(first) };
    frames.progress(join);
    if let Some(clock) = join.clock() {
        let body: Vec<u8> = clock.iter().flat_map(|word| word.to_le_bytes()).collect();
        frames.add(Kind::Clock, |_| {}, &body);
    }
    let landmarks = join.landmarks();
    if let Some((seq, body)) = &landmarks.panic {
        frames.add(Kind::Event, |header| header.seq = *seq, body);
    }
    if let Some(body) = &landmarks.exit {
        frames.add(Kind::Exit, |_| {}, body);
    }
    for (ring, thread) in join.threads() {
        let mut encoder = Encoder::new(1024);
        body::begin_attributes(&mut encoder);
        encoder.u64(Key::Name("pid"), thread.pid.into());
        encoder.u64(Key::Name("tid"), thread.tid.into());
        encoder.text(Key::Name("name"), &thread.name);
        frames.add(Kind::Thread, |header| header.ring = *ring, encoder.finish());
    }
    for (ring, refused) in join.refused() {
        let lost = Lost {
            reason: LostReason::RingFull,
            ring: *ring,
            records: 0,
            first_seq: 0,
            last_seq: 0,
            by_level: [0; 8],
            refused: *refused,
        };
        frames.add(Kind::Lost, |header| header.ring = *ring, &lost.encode());
    }
    if !join.run_context().is_empty() {
        frames.add(Kind::RunContext, |_| {}, &[&[0; 8], join.run_context()].concat());
    }
    frames.open_spans(join);
    if begins == Begins::Anywhere {
        let numbers: BTreeSet<u32> = join.callsites().map(|(number, _)| number).collect();
        frames.callsites(join, numbers);
        for (number, bytes) in join.contexts() {
            frames.context(number, bytes);
        }
    }
    frames.bytes
}

struct Frames {
    bytes: Vec<u8>,
    /// The position of the first of the bytes.
    start: u64,
}

impl Frames {
    fn add(&mut self, kind: Kind, fill: impl FnOnce(&mut Header), body: &[u8]) {
        let mut header = Header {
            kind,
            level: 0,
            flags: FLAG_CHECKPOINT,
            ring: NO_RING,
            seq: 0,
            unix_ns: 0,
            ring_end: 0,
            context: 0,
        };
        fill(&mut header);
        let position = self.start + self.bytes.len() as u64;
        append(&mut self.bytes, position, &header, |out| out.extend_from_slice(body));
    }

    /// How far the journal and each ring were.
    fn progress(&mut self, join: &Join) {
        let mut positions = Vec::new();
        Positions::encode(
            &mut positions,
            join.positions().iter().map(|(ring, position)| (*ring, *position)),
        );
        let (seq, unix_ns) = (join.last_seq(), join.last_unix_ns());
        let errors = u32::try_from(join.errors()).unwrap_or(u32::MAX);
        let fill = |header: &mut Header| {
            (header.seq, header.unix_ns, header.context) = (seq, unix_ns, errors);
        };
        self.add(Kind::Positions, fill, &positions);
    }

    fn callsites(&mut self, join: &Join, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            if let Some(callsite) = join.callsite(number) {
                self.callsite(number, callsite);
            }
        }
    }

    fn callsite(&mut self, number: u32, callsite: &Callsite) {
        let mut body = u64::from(number).to_le_bytes().to_vec();
        callsite.encode(&mut body);
        self.add(Kind::Callsite, |_| {}, &body);
    }

    fn context(&mut self, number: u32, bytes: &[u8]) {
        self.add(Kind::Context, |header| header.context = number, &[&[0; 8], bytes].concat());
    }

    fn open_spans(&mut self, join: &Join) {
        let spans = join.open_spans();
        // Behind a cut, nobody but the spans themselves may know theirs any more.
        let callsites: BTreeMap<u32, &Callsite> =
            spans.iter().map(|span| (span.callsite_number, span.callsite.as_ref())).collect();
        callsites.into_iter().for_each(|(number, callsite)| self.callsite(number, callsite));
        for span in spans {
            let context = match (span.context_number, span.context.is_empty()) {
                (0, _) => 0,
                (_, true) => CONTEXT_LOST,
                (number, false) => {
                    self.context(number, &span.context);
                    number
                }
            };
            let mut lists = span.lists();
            let mut encoder = Encoder::new(256);
            let (number, parent) = (span.callsite_number, span.parent);
            body::begin_span(&mut encoder, number, span.span, parent, span.flags);
            let start = [encoder.as_bytes(), lists.next().unwrap_or_default()].concat();
            let fill = |header: &mut Header| {
                (header.seq, header.unix_ns) = (span.seq, span.start_unix_ns);
                (header.ring, header.context) = (span.ring, context);
            };
            self.add(Kind::SpanStart, fill, &start);
            for list in lists {
                encoder.clear();
                body::begin_span_record(&mut encoder, span.callsite_number, span.span.span);
                self.add(Kind::SpanRecord, |_| {}, &[encoder.as_bytes(), list].concat());
            }
        }
    }
}
