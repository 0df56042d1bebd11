//! Spans that have ended.
use crate::attributes::{Attributes, Limits};
use crate::events::Kept;
use crate::proto::Message;
use crate::special::{ERROR, Special};
use crate::value::{integer_attribute, text_attribute};
use obs_core::record::{Record, SpanFact};

/// The fields of `Span`.
pub(crate) mod span {
    pub(super) const TRACE: u32 = 1;
    pub(super) const ID: u32 = 2;
    pub(super) const STATE: u32 = 3;
    pub(super) const PARENT: u32 = 4;
    pub(super) const NAME: u32 = 5;
    pub(super) const KIND: u32 = 6;
    pub(super) const START: u32 = 7;
    pub(super) const END: u32 = 8;
    pub(super) const ATTRIBUTES: u32 = 9;
    pub(super) const ATTRIBUTES_DROPPED: u32 = 10;
    pub(crate) const EVENTS: u32 = 11;
    pub(super) const EVENTS_DROPPED: u32 = 12;
    pub(crate) const LINKS: u32 = 13;
    pub(super) const LINKS_DROPPED: u32 = 14;
    pub(super) const STATUS: u32 = 15;
    pub(super) const FLAGS: u32 = 16;
}

/// The fields of `Status`.
mod status {
    pub(super) const MESSAGE: u32 = 2;
    pub(super) const CODE: u32 = 3;
}

/// The bits of a span's flags: whether it is sampled, and that it is known whether its parent is in another process.
const SAMPLED: u32 = 1;
const HAS_REMOTE: u32 = 1 << 8;
const IS_REMOTE: u32 = 1 << 9;

/// Writes the fields of a span that was encoded before, and why it is sent though its trace is not sampled.
pub(crate) fn write_encoded(to: &mut Message, fields: &Message, why: &str) {
    to.append(fields.as_bytes());
    text_attribute(to, span::ATTRIBUTES, "obs.sampling", why);
}

/// Writes the fields of a span. Whether its status is an error.
pub(crate) fn write_span(
    to: &mut Message,
    record: &Record<'_>,
    ended: &SpanFact<'_>,
    kept: &Kept,
    limits: Limits,
) -> bool {
    let mut special = Special::default();
    let mut attributes = Attributes::new();
    attributes.put_all(record.run.named());
    attributes.put_all(record.context.named());
    let own = ended.scope.spans().next();
    for (name, value) in own.iter().flat_map(obs_core::record::ScopeSpan::fields) {
        if !special.take(name, &value) {
            attributes.put(name, value);
        }
    }
    to.bytes(span::TRACE, &ended.span.trace.to_bits().to_be_bytes());
    to.bytes(span::ID, &ended.span.span.to_bits().to_be_bytes());
    if let Some(state) = special.state() {
        to.text(span::STATE, state);
    }
    if let Some(parent) = ended.parent {
        to.bytes(span::PARENT, &parent.to_bits().to_be_bytes());
    }
    to.text(span::NAME, special.name(&ended.callsite.name));
    to.varint(span::KIND, special.kind());
    let end = ended.start.0.saturating_add(ended.duration_ns);
    to.fixed64(span::START, special.start.unwrap_or(ended.start.0));
    to.fixed64(span::END, special.end.unwrap_or(end));
    source(to, span::ATTRIBUTES, record, Some(ended.callsite));
    if ended.is_unfinished {
        crate::value::pair(to, span::ATTRIBUTES, "obs.unfinished", |to| {
            crate::value::any_value(to, &obs_core::Value::Bool(true), 0);
        });
    }
    if own.is_none() {
        text_attribute(to, span::ATTRIBUTES, "obs.attributes", "evicted");
    }
    let left_out = attributes.write(to, span::ATTRIBUTES, limits);
    to.append(kept.fields.as_bytes());
    let dropped = [
        (span::ATTRIBUTES_DROPPED, left_out),
        (span::EVENTS_DROPPED, kept.events_left_out),
        (span::LINKS_DROPPED, kept.links_left_out),
    ];
    dropped.iter().filter(|(_, count)| *count > 0).for_each(|(field, count)| {
        to.varint(*field, *count);
    });
    let is_error = write_status(to, ended, &special, kept);
    let sampled = if ended.is_sampled { SAMPLED } else { 0 };
    let remote = if ended.is_parent_remote { HAS_REMOTE | IS_REMOTE } else { HAS_REMOTE };
    to.fixed32(span::FLAGS, sampled | remote);
    is_error
}

/// A status that the program set counts; else an error within, or that the span never ended. Whether it is an error.
fn write_status(
    to: &mut Message,
    ended: &SpanFact<'_>,
    special: &Special<'_>,
    kept: &Kept,
) -> bool {
    let unfinished = ended.is_unfinished.then_some("the run ended before the span did");
    let found = kept.error.as_deref().or(unfinished).map(|why| (ERROR, Some(why)));
    let Some((code, message)) = special.status().or(found) else { return false };
    to.message(span::STATUS, |to| {
        if let Some(message) = message.filter(|message| code == ERROR && !message.is_empty()) {
            to.text(status::MESSAGE, message);
        }
        to.varint(status::CODE, code);
    });
    code == ERROR
}

/// Writes what is known of the line and the thread that made a record.
pub(crate) fn source(
    to: &mut Message,
    field: u32,
    record: &Record<'_>,
    callsite: Option<&obs_core::Callsite>,
) {
    if let Some(file) = callsite.and_then(|callsite| callsite.file.as_ref()) {
        text_attribute(to, field, "code.file.path", file);
    }
    if let Some(line) = callsite.and_then(|callsite| callsite.line) {
        integer_attribute(to, field, "code.line.number", line.into());
    }
    if let Some(thread) = record.thread {
        integer_attribute(to, field, "thread.id", thread.tid.into());
        if !thread.name.is_empty() {
            text_attribute(to, field, "thread.name", &thread.name);
        }
    }
    integer_attribute(to, field, "obs.seq", record.seq);
}
