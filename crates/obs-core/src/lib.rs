//! The words that every part of the toolkit shares: levels, filters, settings, time, redaction and
//! escaping.
//!
//! Nothing here starts a thread, opens a socket or knows of `tracing`.
#![forbid(unsafe_code)]

pub mod escape;
pub mod filter;
pub mod level;
mod nearest;
pub mod parse;
pub mod redact;
pub mod secret;

pub use filter::Filter;
pub use level::Level;
pub use parse::ParseError;
pub use secret::Secret;
