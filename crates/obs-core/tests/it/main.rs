//! What the crate promises, through its public interface.
#![expect(clippy::unwrap_used, reason = "what helps a test may panic as the test may")]

mod attributes;
mod escape;
mod filter;
mod frame;
mod level;
mod numbers;
mod otel;
mod propagation;
mod redact;
mod secret;
mod settings;
mod settings_file;
mod settings_manual;
mod settings_sql;
mod span_flags;
mod time;
