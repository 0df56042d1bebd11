//! A span.
use crate::callsites::Site;
use crate::current;
use crate::ids::span_of;
use crate::values;
use obs_core::wire::body::{SpanFlags, SpanRef};
use obs_core::{Callsite, CallsiteKind, Level, SpanId};
use obs_recorder::Key;
use obs_recorder::emit::{self, Fields, Started};
use opentelemetry::KeyValue;
use opentelemetry::trace::{self, SpanContext, Status};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A time that is further from now was given on purpose.
const NOW: Duration = Duration::from_millis(10);
/// The event that tells of an error.
const EXCEPTION: &str = "exception";

/// A span of OpenTelemetry's API, in the run that is alive. It ends when it is dropped, at the latest.
#[derive(Debug)]
pub struct Span {
    context: SpanContext,
    /// `None` once it has ended, and for one that is not recorded.
    recording: Option<Recording>,
    status: Status,
}

/// What is needed to go on recording a span.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) site: &'static Site,
    pub(crate) scope: Arc<str>,
    pub(crate) span: SpanRef,
    pub(crate) parent: Option<SpanId>,
    pub(crate) flags: SpanFlags,
    pub(crate) started: Started,
}

impl Span {
    pub(crate) fn recording(context: SpanContext, recording: Recording) -> Self {
        Self { context, recording: Some(recording), status: Status::Unset }
    }

    /// One that is not recorded: it hands `context` on.
    pub(crate) fn silent(context: SpanContext) -> Self {
        Self { context, recording: None, status: Status::Unset }
    }

    /// Adds attributes.
    fn record(&self, fill: impl FnOnce(Fields<'_>)) {
        let Some(Recording { site, span, started, .. }) = &self.recording else { return };
        if started.generation == emit::generation() {
            site.with(|source| emit::span_record(source, span.span, fill));
        }
    }

    fn text(&self, name: &str, value: &str) {
        self.record(|mut fields| fields.named(name, |encoder, key| encoder.text(key, value)));
    }

    /// Something happened in it; `time` is when, if that was given.
    pub(crate) fn event(&self, name: &str, time: Option<SystemTime>, attributes: &[KeyValue]) {
        let Some(Recording { scope, span, .. }) = &self.recording else { return };
        let level = if name == EXCEPTION { Level::Error } else { Level::Info };
        let key = Key::Text(format!("opentelemetry:{level}:{scope}").into());
        let describe = || Callsite {
            kind: CallsiteKind::Event,
            level,
            name: String::new(),
            target: scope.to_string(),
            file: None,
            line: None,
            fields: vec!["message".to_owned()],
        };
        emit::event_by_key(&key, level, Some(*span), describe, |mut fields| {
            fields.text(0, name);
            if let Some(time) = time.filter(|time| is_given(*time)) {
                values::time(&mut fields, values::EVENT_TIME, time);
            }
            attributes.iter().for_each(|it| values::attribute(&mut fields, it));
        });
    }
}

fn is_given(time: SystemTime) -> bool {
    let now = opentelemetry::time::now();
    let distance = now.duration_since(time).or_else(|_| time.duration_since(now));
    distance.is_ok_and(|distance| distance > NOW)
}

impl trace::Span for Span {
    fn add_event_with_timestamp<T: Into<Cow<'static, str>>>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) {
        self.event(&name.into(), Some(timestamp), &attributes);
    }

    fn span_context(&self) -> &SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.record(|mut fields| values::attribute(&mut fields, &attribute));
    }

    fn set_attributes(&mut self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.record(|mut fields| {
            attributes.into_iter().for_each(|it| values::attribute(&mut fields, &it));
        });
    }

    /// Success is final, and nothing takes an error back but success.
    fn set_status(&mut self, status: Status) {
        if status <= self.status {
            return;
        }
        match &status {
            Status::Unset => {}
            Status::Ok => self.text("otel.status_code", "ok"),
            Status::Error { description } => self.record(|mut fields| {
                fields.named("otel.status_code", |encoder, key| encoder.text(key, "error"));
                fields.named("otel.status_description", |encoder, key| {
                    encoder.text(key, description);
                });
            }),
        }
        self.status = status;
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, new_name: T) {
        self.text("otel.name", &new_name.into());
    }

    /// The link's attributes are not kept.
    fn add_link(&mut self, span_context: SpanContext, _: Vec<KeyValue>) {
        if let (Some(Recording { span, .. }), Some(other)) =
            (&self.recording, span_of(&span_context))
        {
            emit::span_link(span.span, other);
        }
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        if is_given(timestamp) {
            self.record(|mut fields| values::time(&mut fields, values::END_TIME, timestamp));
        }
        let Some(recording) = self.recording.take() else { return };
        let Recording { span, parent, flags, started, .. } = recording;
        current::ended(span.span);
        emit::span_end(started, Level::Info, span, parent, flags);
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if self.recording.is_some() {
            trace::Span::end(self);
        }
    }
}
