//! What happened in spans that are open, and what they follow from: kept until they end.
use crate::attributes::{Attributes, Limits};
use crate::proto::Message;
use crate::special::EVENT_TIME;
use crate::traces::span;
use crate::value;
use obs_core::record::{EventFact, Record};
use obs_core::value::Value;
use obs_core::wire::body::SpanRef;
use obs_core::{Level, SpanId};
use std::collections::{BTreeMap, HashMap};

/// The fields of `Span.Event`.
mod event {
    pub(super) const TIME: u32 = 1;
    pub(super) const NAME: u32 = 2;
    pub(super) const ATTRIBUTES: u32 = 3;
    pub(super) const DROPPED: u32 = 4;
}

/// The fields of `Span.Link`.
mod link {
    pub(super) const TRACE: u32 = 1;
    pub(super) const SPAN: u32 = 2;
}

/// The name of events that tell of an error, and what they say of it.
const EXCEPTION: &str = "exception";
const EXCEPTION_MESSAGE: &str = "exception.message";
const EXCEPTION_TYPE: &str = "exception.type";

/// How much is kept of one span, and of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanEventsLimits {
    /// Events of a span.
    pub events_max: u32,
    /// Links of a span.
    pub links_max: u32,
    /// Attributes of an event.
    pub attributes: Limits,
    /// Bytes of all spans; beyond it those go that were open longest.
    pub bytes_max: usize,
}

impl Default for SpanEventsLimits {
    fn default() -> Self {
        Self { events_max: 128, links_max: 128, attributes: Limits::default(), bytes_max: 16 << 20 }
    }
}

/// Events and links of open spans.
#[derive(Debug, Default)]
pub struct SpanEvents {
    limits: SpanEventsLimits,
    spans: HashMap<SpanId, Kept>,
    /// The spans by the number of the first record that is kept of each.
    by_age: BTreeMap<u64, SpanId>,
    bytes: usize,
}

/// What is kept of one span.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// The number of the first record that is kept.
    first_seq: u64,
    /// Events and links, as fields of the span's message.
    pub(crate) fields: Message,
    events: u32,
    links: u32,
    pub(crate) events_left_out: u64,
    pub(crate) links_left_out: u64,
    /// What the first event of level error says.
    pub(crate) error: Option<String>,
}

/// What a span has in memory besides its fields, roughly.
const KEPT_BYTES: usize = 160;
/// What an error said is cut behind so many characters where it describes a span's status.
const DESCRIPTION_MAX: usize = 1_000;

impl SpanEvents {
    /// Nothing is kept yet.
    #[must_use]
    pub fn new(limits: SpanEventsLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes note of an event, if it happened in a span.
    pub fn event(&mut self, record: &Record<'_>, event: &EventFact<'_>) {
        let Some(scope) = &event.scope else { return };
        let limits = self.limits;
        let kept = self.kept(scope.span(), record.seq);
        let is_error = event.callsite.level >= Level::Error;
        if is_error && kept.error.is_none() {
            let fields = || event.fields.iter();
            let said = fields().find(|(name, _)| *name == EXCEPTION_MESSAGE).map(|(_, said)| said);
            let message = said.or_else(|| event.fields.message()).map(|said| value::text(&said));
            let message = message.unwrap_or(event.callsite.name.as_str().into());
            kept.error = Some(value::cut(&message, DESCRIPTION_MAX).to_owned());
        }
        if kept.events >= limits.events_max {
            kept.events_left_out += 1;
            return;
        }
        let before = kept.fields.len();
        kept.fields.message(span::EVENTS, |to| write_event(to, record, event, limits.attributes));
        kept.events += 1;
        self.bytes += kept.fields.len() - before;
        self.make_room();
    }

    /// Takes note that a span follows from another, as the record with the number `seq` says.
    pub fn link(&mut self, seq: u64, span_id: SpanId, follows: SpanRef) {
        let limits = self.limits;
        let kept = self.kept(span_id, seq);
        if kept.links >= limits.links_max {
            kept.links_left_out += 1;
            return;
        }
        let before = kept.fields.len();
        kept.fields.message(span::LINKS, |to| {
            to.bytes(link::TRACE, &follows.trace.to_bits().to_be_bytes());
            to.bytes(link::SPAN, &follows.span.to_bits().to_be_bytes());
        });
        kept.links += 1;
        self.bytes += kept.fields.len() - before;
        self.make_room();
    }

    /// Forgets what is kept of a span that is not sent.
    pub fn forget(&mut self, span: SpanId) {
        self.take(span);
    }

    /// The number of the first record of which something is kept.
    #[must_use]
    pub fn first_seq(&self) -> Option<u64> {
        self.by_age.keys().next().copied()
    }

    /// What is kept of a span that has ended.
    pub(crate) fn take(&mut self, span: SpanId) -> Option<Kept> {
        let kept = self.spans.remove(&span)?;
        self.by_age.remove(&kept.first_seq);
        self.bytes = self.bytes.saturating_sub(kept.fields.len() + KEPT_BYTES);
        Some(kept)
    }

    /// The entry of a span; a new one begins with the record `seq`.
    fn kept(&mut self, span: SpanId, seq: u64) -> &mut Kept {
        self.spans.entry(span).or_insert_with(|| {
            self.bytes += KEPT_BYTES;
            self.by_age.insert(seq, span);
            Kept { first_seq: seq, ..Kept::default() }
        })
    }

    /// Past the bound, the spans go that have been open longest: of some the end was lost, and it never comes.
    fn make_room(&mut self) {
        while self.bytes > self.limits.bytes_max
            && let Some((_, span)) = self.by_age.first_key_value()
        {
            let span = *span;
            self.take(span);
        }
    }
}

fn write_event(to: &mut Message, record: &Record<'_>, event: &EventFact<'_>, limits: Limits) {
    let fields = || event.fields.iter();
    let error = fields().find(|(_, value)| matches!(value, Value::Error(_)));
    let is_exception = event.is_panic || error.is_some();
    let message = event.fields.message().map(|message| value::text(&message));
    let name = message.as_deref().filter(|message| !message.is_empty());
    let name = name.unwrap_or(&event.callsite.name);
    let given = fields().find_map(|(name, value)| match value {
        Value::U64(time) if name == EVENT_TIME => Some(time),
        _ => None,
    });
    to.fixed64(event::TIME, given.unwrap_or(record.time.0));
    to.text(event::NAME, if is_exception { EXCEPTION } else { name });
    let mut attributes = Attributes::new();
    let text = |text| Value::Text(obs_core::value::Text::whole(text));
    attributes.put("obs.level", text(event.callsite.level.as_str()));
    let is_shown = |name: &str| name != EVENT_TIME && (is_exception || name != "message");
    attributes.put_all(fields().filter(|(name, _)| is_shown(name)));
    if event.is_panic {
        attributes.put(EXCEPTION_TYPE, text("panic"));
        attributes.put(EXCEPTION_MESSAGE, text(name));
    } else if let Some((_, Value::Error(chain))) = error {
        attributes.put(EXCEPTION_MESSAGE, text(chain.messages().next().unwrap_or_default()));
    }
    let left_out = attributes.write(to, event::ATTRIBUTES, limits);
    if left_out > 0 {
        to.varint(event::DROPPED, left_out);
    }
}
