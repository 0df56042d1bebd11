//! The tracer of one library.
use crate::callsites;
use crate::current;
use crate::ids::{around_of, context_of};
use crate::span::{Recording, Span};
use crate::values;
use obs_core::Level;
use obs_recorder::emit;
use obs_trace::{Around, Capture, Place};
use opentelemetry::trace::{SpanBuilder, SpanContext, SpanKind, TraceContextExt};
use opentelemetry::{Context, trace};
use std::sync::Arc;

/// Begins spans for one library.
#[derive(Debug, Clone)]
pub struct Tracer {
    scope: Arc<str>,
    capture: Capture,
}

impl Tracer {
    pub(crate) fn new(scope: Arc<str>, capture: Capture) -> Self {
        Self { scope, capture }
    }
}

impl trace::Tracer for Tracer {
    type Span = Span;

    /// The span in `parent_cx` is its parent; where there is none, the span of `tracing` that this thread is in; where
    /// there is none either, it continues what came in with the current [`obs_core::Context`], or begins a trace.
    fn build_with_context(&self, builder: SpanBuilder, parent_cx: &Context) -> Span {
        let given = parent_cx.has_active_span().then(|| parent_cx.span().span_context().clone());
        let is_current =
            |given: &SpanContext| Context::map_current(|it| it.span().span_context() == given);
        // Of the current context it is not known whether a span of `tracing` was entered later.
        let named = given.as_ref().filter(|given| !is_current(given));
        let around = named.and_then(around_of).or_else(obs_trace::around);
        let is_wanted =
            !parent_cx.is_telemetry_suppressed() && self.capture.wants(&self.scope, Level::Info);
        if !is_wanted {
            let context = given.or_else(|| around.map(context_of));
            return Span::silent(context.unwrap_or(SpanContext::NONE));
        }
        self.begin(builder, around)
    }
}

impl Tracer {
    fn begin(&self, builder: SpanBuilder, around: Option<Around>) -> Span {
        let Place { span, parent, flags } = Place::within(around);
        let own = obs_trace::own_span();
        let site = callsites::site(&self.scope, &builder.name);
        let is_named = !site.is_shared();
        let started = site.with(|source| {
            emit::span_start(source, span, parent, flags, |mut fields| {
                if !is_named {
                    fields.named("otel.name", |encoder, key| encoder.text(key, &builder.name));
                }
                if let Some(kind) = builder.span_kind.as_ref().and_then(word_of) {
                    fields.named("otel.kind", |encoder, key| encoder.text(key, kind));
                }
                if let Some(time) = builder.start_time {
                    values::time(&mut fields, values::START_TIME, time);
                }
                builder
                    .attributes
                    .iter()
                    .flatten()
                    .for_each(|it| values::attribute(&mut fields, it));
            })
        });
        let context = context_of(Around::new(span, flags.is_sampled, false));
        let Some(started) = started else { return Span::silent(context) };
        current::begun(span.span, own.map(|own| own.span.span));
        let recording =
            Recording { site, scope: Arc::clone(&self.scope), span, parent, flags, started };
        let mut made = Span::recording(context, recording);
        for link in builder.links.into_iter().flatten() {
            trace::Span::add_link(&mut made, link.span_context, link.attributes);
        }
        for event in builder.events.into_iter().flatten() {
            made.event(&event.name, Some(event.timestamp), &event.attributes);
        }
        made
    }
}

/// The word for a kind that is not the usual one.
fn word_of(kind: &SpanKind) -> Option<&'static str> {
    match kind {
        SpanKind::Client => Some("client"),
        SpanKind::Server => Some("server"),
        SpanKind::Producer => Some("producer"),
        SpanKind::Consumer => Some("consumer"),
        SpanKind::Internal => None,
    }
}
