//! The words that every part of the toolkit shares: ids, context, records and their bytes, sinks, settings, redaction.
//!
//! Nothing here starts a thread, opens a socket or knows of `tracing`. The only input and output is that of
//! [`settings`]: the environment and one TOML file, read once at start-up.
#![forbid(unsafe_code)]

pub mod attributes;
mod callsite;
pub mod context;
mod delivery;
pub mod encode;
pub mod escape;
pub mod filter;
mod id;
mod ids;
pub mod io;
pub mod join;
pub mod level;
mod lost;
mod nearest;
pub mod own;
pub mod parse;
pub mod propagation;
pub mod record;
pub mod redact;
pub mod resource;
pub mod rewrite;
pub mod secret;
pub mod settings;
pub mod sink;
pub mod time;
pub mod value;
pub mod wire;

pub use callsite::{Callsite, CallsiteKind};
pub use context::{Context, ContextGuard, InContext, OwnedValue};
pub use delivery::{Delivery, SinkDelivery};
pub use filter::Filter;
pub use id::{ParseIdError, RunId, SpanId, TraceId};
pub use level::Level;
pub use lost::LostReason;
pub use parse::ParseError;
pub use record::Record;
pub use secret::Secret;
pub use settings::Settings;
pub use sink::{Batch, Sink, SinkError};
pub use time::UnixNanos;
pub use value::Value;
