//! Programs under hostile conditions, with the toolkit as their users have it.
#![expect(clippy::unwrap_used, reason = "what helps a test may panic as the test may")]

mod abuse;
mod crash_loops;
mod ends;
mod filter;
mod flips;
mod fork;
mod idle;
mod injection;
#[path = "../../../obs-core/tests/it/redact/kinds.rs"]
mod kinds;
#[cfg(feature = "otlp")]
mod otlp;
mod places;
mod program;
#[cfg(feature = "layer")]
mod registry;
mod runtimes;
#[cfg(feature = "otlp")]
mod sampling;
mod secrets;
#[cfg(feature = "sql")]
mod sql;
mod starts;
mod terminal;
mod trees;
