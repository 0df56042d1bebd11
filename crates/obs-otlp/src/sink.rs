//! The sink of one signal.
use crate::answer::{Answer, Cause, Certainty};
use crate::clock::Moment;
use crate::error::OtlpError;
use crate::pace::{BYTES_MAX, Pace};
use crate::tail::{Tail, TailRules};
use crate::transport::{Transport, transport};
use obs_core::record::{Fact, Record, SpanFact};
use obs_core::settings::otel::{AttributeLimits, Export, Otel, Signal};
use obs_core::sink::Appetite;
use obs_core::wire::Kind;
use obs_core::{Batch, Level, Sink, SinkError};
use obs_otlp_data::{Limits, Records, Resource, SpanEvents, SpanEventsLimits};
use std::time::Duration;

/// What a sink sends, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OtlpOptions {
    /// Where to, and how.
    pub export: Export,
    /// Where the records come from.
    pub resource: Resource,
    /// The lowest level of log records that are sent.
    pub level: Level,
    /// How much is kept of spans until they end.
    pub span_events: SpanEventsLimits,
    /// For what a trace is sent that is not sampled; `None` for nothing.
    pub tail: Option<TailRules>,
}

impl OtlpOptions {
    /// What the settings say, for the source of records that `resource` describes.
    #[must_use]
    pub fn new(export: Export, otel: &Otel, resource: Resource) -> Self {
        let mut span_events = SpanEventsLimits::default();
        span_events.events_max = otel.span_events_max;
        span_events.links_max = otel.span_links_max;
        span_events.attributes =
            Limits { count_max: otel.event_attributes_max as usize, ..limits(export.limits) };
        Self { export, resource, level: Level::Info, span_events, tail: None }
    }
}

/// Sends the spans, or the log records, of a run by OTLP.
pub struct OtlpSink {
    name: &'static str,
    options: OtlpOptions,
    transport: Box<dyn Transport>,
    pace: Pace,
    records: Records,
    /// How many of them were sent.
    sent: usize,
    events: SpanEvents,
    /// Traces that are not sampled.
    tail: Option<Tail>,
    /// The number of the last record that was taken from the journal.
    last_seq: u64,
    /// The most that a request holds while a culprit is looked for.
    part: usize,
}

impl std::fmt::Debug for OtlpSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OtlpSink").field("options", &self.options).finish_non_exhaustive()
    }
}

fn limits(limits: AttributeLimits) -> Limits {
    let number = |limit: Option<u32>| limit.map_or(usize::MAX, |limit| limit as usize);
    Limits { count_max: number(limits.count_max), length_max: number(limits.value_length_max) }
}

impl OtlpSink {
    /// A sink that has sent nothing yet. Nothing is connected before there is something to send.
    ///
    /// # Errors
    ///
    /// [`OtlpError`] where the settings cannot be used: an address, a header, a certificate.
    pub fn new(options: OtlpOptions) -> Result<Self, OtlpError> {
        let name = match options.export.signal {
            Signal::Traces => "otlp-traces",
            _ => "otlp-logs",
        };
        Ok(Self {
            name,
            transport: transport(&options.export)?,
            pace: Pace::new(options.export.batch_records),
            records: Records::new(limits(options.export.limits)),
            sent: 0,
            events: SpanEvents::new(options.span_events),
            tail: options.tail.clone().map(Tail::new),
            last_seq: 0,
            part: usize::MAX,
            options,
        })
    }

    /// Takes records from the journal until the next requests are full.
    fn collect(&mut self, batch: &mut dyn Batch) {
        while self.records.len() < self.pace.most()
            && let Some(record) = batch.next()
        {
            // What is offered again after a failure is here already.
            if record.seq > self.last_seq {
                self.last_seq = record.seq;
                self.take(&record);
            }
        }
    }

    fn take(&mut self, record: &Record<'_>) {
        if let Some(tail) = &mut self.tail {
            tail.expire(record.time);
        }
        match (self.options.export.signal, &record.fact) {
            (Signal::Traces, Fact::Event(event)) => self.events.event(record, event),
            (Signal::Traces, Fact::SpanLink(span, follows)) => {
                self.events.link(record.seq, *span, *follows);
            }
            (Signal::Traces, Fact::SpanStart(span)) if !span.is_sampled => {
                if let Some(tail) = &mut self.tail {
                    tail.begun(record, span);
                }
            }
            (Signal::Traces, Fact::SpanEnd(ended)) => self.take_span(record, ended),
            (Signal::Logs, _) if record.is_shown(self.options.level) => {
                self.records.add_log(record);
            }
            _ => {}
        }
    }

    fn take_span(&mut self, record: &Record<'_>, ended: &SpanFact<'_>) {
        if ended.is_sampled {
            self.records.add_span(record, ended, &mut self.events);
        } else if let Some(tail) = &mut self.tail {
            let span = self.records.encode_span(record, ended, &mut self.events);
            tail.ended((record, ended), span, &mut self.records);
        } else {
            self.events.forget(ended.span.span);
        }
    }

    /// The number of the first record without which spans that are yet to be sent would lack something.
    fn keeps_from(&self) -> Option<u64> {
        let tail = self.tail.as_ref().and_then(Tail::first_seq);
        [self.events.first_seq(), tail].into_iter().flatten().min()
    }

    /// Sends what was collected, one request after the other, and says after each how far it came.
    fn send(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        while self.sent < self.records.len() {
            let wanted = self.pace.records().min(self.part);
            let count = self.records.fitting(self.sent, wanted, BYTES_MAX);
            let begun = Moment::now();
            let request =
                self.records.request(&self.options.resource, self.sent..self.sent + count);
            match self.transport.send(request) {
                Answer::Taken { rejected, message } => {
                    self.pace.taken(count, begun.elapsed());
                    self.part = self.part.saturating_mul(2);
                    if rejected > 0 {
                        batch.lose(rejected.min(count as u64), &format!("rejected: {message}"));
                    }
                }
                // One of them is the culprit: the others shall not go with it.
                Answer::Refused { cause: Cause::Content, .. } if count > 1 => {
                    self.part = count / 2;
                    continue;
                }
                Answer::Refused { why, .. } => batch.lose(count as u64, &why),
                Answer::Later { why, after, certainty } => {
                    if certainty == Certainty::Unclear {
                        self.pace.unclear();
                    }
                    return Err(self.later(&why, after));
                }
            }
            self.sent += count;
            let next = self.records.seq(self.sent);
            batch.settle(next.map_or(self.last_seq, |next| next - 1));
        }
        self.records.clear();
        self.sent = 0;
        batch.keep_from(self.keeps_from());
        batch.settle(self.last_seq);
        Ok(())
    }

    fn later(&self, why: &str, after: Option<Duration>) -> SinkError {
        let message = format!("{}: {why}", self.options.export.endpoint);
        match after {
            Some(after) => SinkError::retry_after(message, after),
            None => SinkError::transient(message),
        }
    }
}

impl Sink for OtlpSink {
    fn name(&self) -> &str {
        self.name
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        loop {
            self.collect(batch);
            let was_full = self.records.len() >= self.pace.most();
            self.send(batch)?;
            if !was_full {
                return Ok(());
            }
        }
    }

    fn pause(&self) -> Duration {
        self.options.export.delay
    }

    fn recall(&mut self, record: &Record<'_>) {
        if record.seq > self.last_seq {
            self.last_seq = record.seq;
            self.take(record);
            // It was sent.
            self.records.clear();
        }
    }

    /// What was sent cannot be taken back.
    fn appetite(&self) -> Appetite {
        Appetite::Synced
    }

    fn wants(&self, kind: Kind) -> bool {
        match self.options.export.signal {
            Signal::Traces => match kind {
                Kind::SpanEnd | Kind::SpanLink | Kind::Event => true,
                Kind::SpanStart => self.tail.is_some(),
                _ => false,
            },
            _ => {
                !matches!(kind, Kind::SpanStart | Kind::SpanEnd | Kind::SpanRecord | Kind::SpanLink)
            }
        }
    }
}
