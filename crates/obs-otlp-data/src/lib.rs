//! Records as OTLP's data model has them: spans with their events and links, log records, and where they come from.
//!
//! [`Records`] collects records of one signal and gives the bytes of requests, which are protobuf. They are written as
//! the records come, without a tree of objects between.
//!
//! What is ours is named `obs.*`; everything else is named as OpenTelemetry's semantic conventions have it, or as the
//! program does.
#![forbid(unsafe_code)]

mod attributes;
mod encoded;
mod events;
mod json;
mod logs;
mod proto;
mod records;
mod resource;
mod severity;
mod special;
mod traces;
mod value;

pub use attributes::Limits;
pub use encoded::EncodedSpan;
pub use events::{SpanEvents, SpanEventsLimits};
pub use json::text as json_text;
pub use records::Records;
pub use resource::Resource;
pub use value::text;
