//! The tracer provider.
use crate::current;
use crate::tracer::Tracer;
use obs_trace::Capture;
use opentelemetry::InstrumentationScope;
use opentelemetry::trace::TracerProvider;
use std::sync::Arc;

/// Gives out tracers whose spans go to the run that is alive. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Provider {
    capture: Capture,
}

impl Provider {
    /// Spans are recorded as far as `capture` wants those of their library, whose name is the target, at level info.
    #[must_use]
    pub fn new(capture: Capture) -> Self {
        Self { capture }
    }
}

impl TracerProvider for Provider {
    type Tracer = Tracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> Tracer {
        Tracer::new(Arc::from(scope.name()), self.capture.clone())
    }
}

/// Makes the runs of this process OpenTelemetry's global tracer provider, and lets spans of both APIs nest in each
/// other. Where a program sets another provider later, that one counts.
pub fn install(capture: Capture) {
    obs_trace::set_innermost(current::innermost);
    opentelemetry::global::set_tracer_provider(Provider::new(capture));
}
