//! OpenTelemetry's tracing API as a front end of the recorder: spans of crates that call
//! `opentelemetry::global::tracer` are in the same run as everything else, and in the same trace.
//!
//! [`install`] makes the run the process's tracer provider. A span that such a crate begins has the span around it as
//! its parent, whichever of the two APIs that was made by; so has an event or span of `tracing` within one that is
//! active.
#![forbid(unsafe_code)]

mod callsites;
mod current;
mod ids;
mod provider;
mod span;
mod tracer;
mod values;

pub use provider::{Provider, install};
pub use span::Span;
pub use tracer::Tracer;
