//! The layer.
use crate::logger;
use crate::names::Names;
use obs_trace::Capture;
use obs_trace::spans::{self, Around, OpenSpan, around, scope};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Interest, LevelFilter, Metadata, Subscriber};
use tracing_log::NormalizeEvent;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

/// The target of the events that `tracing-log` makes of the records of `log`.
const OF_LOG: &str = "log";

/// A layer that gives events and spans to the run that is alive, as far as `capture` wants them.
///
/// It has a filter of its own: what is not captured is not disabled for other layers, and their filters, as long as
/// they are theirs alone, disable nothing for this one.
pub fn layer<S>(capture: &Capture) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let names = Names::new();
    Recording { capture: capture.clone(), names }.with_filter(Captured { capture: capture.clone() })
}

/// Gives events and spans to the recorder.
#[derive(Debug)]
struct Recording {
    capture: Capture,
    names: Names,
}

/// The filter. It answers for callsites, and lets through every event: [`Recording`] itself looks whether it is
/// captured.
///
/// The registry would keep a "no" for this event in the thread until a layer has passed over an event. After a mere
/// question, as `enabled!` asks it, that would be the next one, whatever it is.
#[derive(Debug)]
struct Captured {
    capture: Capture,
}

impl<S> Filter<S> for Captured {
    #[inline]
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.capture.interest(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.capture.level_hint())
    }
}

impl<S> Layer<S> for Recording
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.capture.join_layer(dispatch, |dispatch| dispatch.is::<Self>());
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !self.capture.wants_callsite(attributes.metadata()) {
            return;
        }
        let parent = match attributes.parent() {
            Some(parent) => self.nearest(parent, &context),
            None if attributes.is_root() => None,
            None => around(),
        };
        if let Some(span) = OpenSpan::begin(attributes, parent) {
            self.names.add(id, span);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let (Some(span), Some(metadata)) = (self.names.span(id), context.metadata(id)) {
            span.record(metadata, values);
        }
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, _: Context<'_, S>) {
        if let (Some(span), Some(follows)) = (self.names.span(id), self.names.span(follows)) {
            span.follows(follows);
        }
    }

    #[inline]
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() == OF_LOG && event.is_log() {
            return logger::record_event(event, &self.capture);
        }
        if !self.capture.wants_callsite(metadata) {
            return;
        }
        let scope = match event.parent() {
            Some(parent) => self.nearest(parent, &context).map(|around| around.span),
            None if event.is_root() => None,
            None => scope(),
        };
        spans::event(event, scope);
    }

    #[inline]
    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        if let Some(span) = self.names.span(id) {
            span.enter();
        }
    }

    #[inline]
    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        if let Some(span) = self.names.span(id) {
            span.exit();
        }
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        if let Some(span) = self.names.remove(&id) {
            let is_closed = span.release();
            debug_assert!(is_closed, "the registry alone holds it");
        }
    }
}

impl Recording {
    /// The span that was named as a parent, or where that is not captured, the nearest around it that is.
    fn nearest<S>(&self, id: &Id, context: &Context<'_, S>) -> Option<Around>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let named = self.names.span(id).and_then(OpenSpan::around);
        named.or_else(|| {
            let around = |id: &Id| self.names.span(id).and_then(OpenSpan::around);
            context.span_scope(id)?.find_map(|span| around(&span.id()))
        })
    }
}
