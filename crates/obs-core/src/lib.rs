//! The words that every part of the toolkit shares: levels, filters, settings, time, redaction and
//! escaping.
//!
//! Nothing here starts a thread, opens a socket or knows of `tracing`. The only input and output is
//! that of [`settings`]: the environment and one TOML file, read once at start-up.
#![forbid(unsafe_code)]

pub mod escape;
pub mod filter;
pub mod level;
mod nearest;
pub mod parse;
pub mod redact;
pub mod secret;
pub mod settings;
pub mod time;

pub use filter::Filter;
pub use level::Level;
pub use parse::ParseError;
pub use secret::Secret;
pub use settings::Settings;
pub use time::UnixNanos;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/settings.md")]
struct SettingsManual;
