//! Log records.
use crate::attributes::{Attributes, Limits};
use crate::proto::Message;
use crate::severity::severity;
use crate::special::is_special;
use crate::traces::source;
use crate::value::{self, any_value, integer_attribute, text_attribute};
use obs_core::Level;
use obs_core::record::{EventFact, Fact, Fields, LostFact, Record};
use obs_core::value::{Text, Value};

/// The fields of `LogRecord`.
mod log {
    pub(super) const TIME: u32 = 1;
    pub(super) const SEVERITY: u32 = 2;
    pub(super) const SEVERITY_TEXT: u32 = 3;
    pub(super) const BODY: u32 = 5;
    pub(super) const ATTRIBUTES: u32 = 6;
    pub(super) const DROPPED: u32 = 7;
    pub(super) const FLAGS: u32 = 8;
    pub(super) const TRACE: u32 = 9;
    pub(super) const SPAN: u32 = 10;
    pub(super) const OBSERVED: u32 = 11;
}

const SAMPLED: u32 = 1;

/// The logger of records that the toolkit makes of its own accord.
const OWN: &str = "obs";
const EXCEPTION_MESSAGE: &str = "exception.message";
const EXCEPTION_TYPE: &str = "exception.type";

/// The logger of a record that logs show.
pub(crate) fn scope<'a>(fact: &Fact<'a>) -> Option<&'a str> {
    match fact {
        Fact::Event(event) => Some(&event.callsite.target),
        Fact::Lost(_) => Some(OWN),
        fact => fact.told().map(|_| OWN),
    }
}

/// Writes the fields of a log record.
pub(crate) fn write_log(to: &mut Message, record: &Record<'_>, limits: Limits) {
    match &record.fact {
        Fact::Event(event) => write_event(to, record, event, limits),
        Fact::Lost(lost) => write_lost(to, record, lost, limits),
        fact => {
            if let Some((body, fields)) = fact.told() {
                write_told(to, record, body, fields, limits);
            }
        }
    }
}

fn write_event(to: &mut Message, record: &Record<'_>, event: &EventFact<'_>, limits: Limits) {
    let message = event.fields.message();
    head(to, record, event.callsite.level);
    to.message(log::BODY, |to| match &message {
        Some(message) => any_value(to, message, usize::MAX),
        None => any_value(to, &text(&event.callsite.name), usize::MAX),
    });
    let mut attributes = Attributes::new();
    attributes.put_all(record.run.named());
    attributes.put_all(record.context.named());
    if let Some(scope) = &event.scope {
        // The innermost counts most, so it comes last.
        let spans: Vec<_> = scope.spans().take(SPANS_MAX).collect();
        let around = spans.iter().rev().flat_map(obs_core::record::ScopeSpan::fields);
        attributes.put_all(around.filter(|(name, _)| !is_special(name)));
    }
    attributes.put_all(event.fields.iter().filter(|(name, _)| *name != "message"));
    let said = message.as_ref().map(value::text).unwrap_or_default();
    let error = event.fields.iter().find(|(_, value)| matches!(value, Value::Error(_)));
    if event.is_panic {
        attributes.put(EXCEPTION_TYPE, text("panic"));
        attributes.put(EXCEPTION_MESSAGE, text(&said));
    } else if let Some((_, Value::Error(chain))) = error {
        attributes.put(EXCEPTION_MESSAGE, text(chain.messages().next().unwrap_or_default()));
    }
    source(to, log::ATTRIBUTES, record, Some(event.callsite));
    let left_out = attributes.write(to, log::ATTRIBUTES, limits);
    dropped(to, left_out);
    if let Some(scope) = &event.scope {
        to.fixed32(log::FLAGS, if scope.is_sampled() { SAMPLED } else { 0 });
        to.bytes(log::TRACE, &scope.trace().to_bits().to_be_bytes());
        to.bytes(log::SPAN, &scope.span().to_bits().to_be_bytes());
    }
}

/// The attributes of spans further out than this are left out.
const SPANS_MAX: usize = 64;

fn write_lost(to: &mut Message, record: &Record<'_>, lost: &LostFact, limits: Limits) {
    write_told(to, record, "records lost", Fields::default(), limits);
    integer_attribute(to, log::ATTRIBUTES, "obs.lost.records", lost.records);
    text_attribute(to, log::ATTRIBUTES, "obs.lost.reason", lost.reason.as_str());
    for level in Level::ALL {
        let count = lost.by_level[usize::from(level.as_u8())];
        if count > 0 {
            let name = format!("obs.lost.by_level.{level}");
            integer_attribute(to, log::ATTRIBUTES, &name, count);
        }
    }
    if let Some((first, last)) = lost.seqs {
        integer_attribute(to, log::ATTRIBUTES, "obs.lost.first_seq", first);
        integer_attribute(to, log::ATTRIBUTES, "obs.lost.last_seq", last);
    }
}

fn write_told(
    to: &mut Message,
    record: &Record<'_>,
    body: &str,
    fields: Fields<'_>,
    limits: Limits,
) {
    head(to, record, record.fact.level());
    to.message(log::BODY, |to| any_value(to, &text(body), usize::MAX));
    let names: Vec<_> = fields.iter().map(|(name, _)| format!("obs.{name}")).collect();
    let mut attributes = Attributes::new();
    attributes.put_all(record.run.named());
    attributes.put_all(record.context.named());
    for (name, (_, value)) in names.iter().zip(fields) {
        attributes.put(name, value);
    }
    source(to, log::ATTRIBUTES, record, None);
    let left_out = attributes.write(to, log::ATTRIBUTES, limits);
    dropped(to, left_out);
}

/// When, and how severe.
fn head(to: &mut Message, record: &Record<'_>, level: Level) {
    let (number, word) = severity(level);
    to.fixed64(log::TIME, record.time.0);
    to.varint(log::SEVERITY, number);
    to.text(log::SEVERITY_TEXT, word);
    to.fixed64(log::OBSERVED, record.time.0);
}

fn dropped(to: &mut Message, count: u64) {
    if count > 0 {
        to.varint(log::DROPPED, count);
    }
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Text::whole(text))
}
