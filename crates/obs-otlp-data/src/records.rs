//! Records of one signal on their way to a receiver, by the loggers that they come from.
use crate::attributes::Limits;
use crate::encoded::EncodedSpan;
use crate::events::SpanEvents;
use crate::proto::{Fields, Message, Wire};
use crate::resource::Resource;
use crate::{json, logs, traces};
use obs_core::record::{Record, SpanFact};
use std::collections::HashMap;
use std::ops::Range;

/// The fields of requests, of `ResourceSpans` and `ResourceLogs`, `ScopeSpans` and `ScopeLogs`, which are the same.
const OF_RESOURCES: u32 = 1;
const RESOURCE: u32 = 1;
const OF_SCOPES: u32 = 2;
const SCOPE: u32 = 1;
const RECORDS: u32 = 2;
/// The field of `InstrumentationScope`.
const NAME: u32 = 1;
/// More scopes than this are forgotten when the records are.
const SCOPES_KEPT: usize = 256;

/// Records of one signal, encoded, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Records {
    limits: Limits,
    scopes: Vec<String>,
    numbers: HashMap<String, u32>,
    entries: Vec<Entry>,
    /// The records, one behind the other, as fields of their scopes' messages.
    bytes: Message,
    request: Message,
    order: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    scope: u32,
    /// Where the record ends; it begins where the one before does.
    end: usize,
    seq: u64,
}

impl Records {
    /// No records yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Adds a span that has ended, with what is kept of it.
    pub fn add_span(&mut self, record: &Record<'_>, ended: &SpanFact<'_>, events: &mut SpanEvents) {
        let kept = events.take(ended.span.span).unwrap_or_default();
        let limits = self.limits;
        self.add(&ended.callsite.target, record.seq, |to| {
            traces::write_span(to, record, ended, &kept, limits);
        });
    }

    /// Encodes a span that has ended, with what is kept of it, without adding it.
    #[must_use]
    pub fn encode_span(
        &self,
        record: &Record<'_>,
        ended: &SpanFact<'_>,
        events: &mut SpanEvents,
    ) -> EncodedSpan {
        let kept = events.take(ended.span.span).unwrap_or_default();
        let mut fields = Message::default();
        let is_error = traces::write_span(&mut fields, record, ended, &kept, self.limits);
        EncodedSpan { scope: ended.callsite.target.clone(), fields, is_error }
    }

    /// Adds a span that has waited, and why it is sent at last, with the number of the record that decided so.
    pub fn add_encoded(&mut self, span: &EncodedSpan, why: &str, seq: u64) {
        self.add(&span.scope, seq, |to| traces::write_encoded(to, &span.fields, why));
    }

    /// Adds a record, if it is one that logs show: an event, a loss, a beginning or an end.
    pub fn add_log(&mut self, record: &Record<'_>) {
        let limits = self.limits;
        if let Some(scope) = logs::scope(&record.fact) {
            self.add(scope, record.seq, |to| logs::write_log(to, record, limits));
        }
    }

    fn add(&mut self, name: &str, seq: u64, write: impl FnOnce(&mut Message)) {
        let scope = match self.numbers.get(name) {
            Some(scope) => *scope,
            None => {
                let scope = self.scopes.len() as u32;
                self.scopes.push(name.to_owned());
                self.numbers.insert(name.to_owned(), scope);
                scope
            }
        };
        self.bytes.message(RECORDS, write);
        self.entries.push(Entry { scope, end: self.bytes.len(), seq });
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The number within the run of the record at `place`.
    #[must_use]
    pub fn seq(&self, place: usize) -> Option<u64> {
        self.entries.get(place).map(|entry| entry.seq)
    }

    /// How many of the records from `start` on, `count_max` at most, take no more than `bytes_max` together; one at
    /// least, if there is one.
    #[must_use]
    pub fn fitting(&self, start: usize, count_max: usize, bytes_max: usize) -> usize {
        let from = self.start_of(start);
        let rest = self.entries.get(start..).unwrap_or_default();
        let fits = rest.iter().take(count_max).take_while(|entry| entry.end - from <= bytes_max);
        fits.count().max(rest.len().min(1))
    }

    /// The request with the records of `range`: an `ExportTraceServiceRequest` or `ExportLogsServiceRequest`; which is
    /// the same as `TracesData` or `LogsData`.
    ///
    /// # Panics
    ///
    /// If `range` reaches beyond the last record.
    pub fn request(&mut self, resource: &Resource, range: Range<usize>) -> &[u8] {
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend(range.start as u32..range.end as u32);
        order.sort_by_key(|place| self.entries[*place as usize].scope);
        let mut request = std::mem::take(&mut self.request);
        request.clear();
        request.message(OF_RESOURCES, |to| {
            to.bytes(RESOURCE, resource.as_bytes());
            let scope_of = |place: &u32| self.entries[*place as usize].scope;
            for places in order.chunk_by(|one, other| scope_of(one) == scope_of(other)) {
                to.message(OF_SCOPES, |to| {
                    let name = &self.scopes[scope_of(&places[0]) as usize];
                    to.message(SCOPE, |to| to.text(NAME, name));
                    places.iter().for_each(|place| to.append(self.bytes_of(*place as usize)));
                });
            }
        });
        (self.order, self.request) = (order, request);
        self.request.as_bytes()
    }

    /// The scope of the record at `place`: its logger.
    ///
    /// # Panics
    ///
    /// If there are not so many records.
    #[must_use]
    pub fn scope(&self, place: usize) -> &str {
        &self.scopes[self.entries[place].scope as usize]
    }

    /// Writes the record at `place`, which is a span, as OTLP's JSON.
    ///
    /// # Panics
    ///
    /// If there are not so many records.
    pub fn write_span_json(&self, place: usize, out: &mut String) {
        json::span(out, self.message_of(place));
    }

    /// The same for a log record.
    ///
    /// # Panics
    ///
    /// If there are not so many records.
    pub fn write_log_json(&self, place: usize, out: &mut String) {
        json::log_record(out, self.message_of(place));
    }

    /// Forgets all records.
    pub fn clear(&mut self) {
        if self.scopes.len() > SCOPES_KEPT {
            (self.scopes, self.numbers) = (Vec::new(), HashMap::new());
        }
        self.entries.clear();
        self.bytes.clear();
    }

    fn message_of(&self, place: usize) -> &[u8] {
        let (_, message) = Fields::new(self.bytes_of(place)).next().unwrap_or((0, Wire::Number(0)));
        message.bytes()
    }

    fn bytes_of(&self, place: usize) -> &[u8] {
        &self.bytes.as_bytes()[self.start_of(place)..self.entries[place].end]
    }

    fn start_of(&self, place: usize) -> usize {
        let before = place.checked_sub(1).and_then(|before| self.entries.get(before));
        before.map_or(0, |entry| entry.end)
    }
}
