//! Events and spans of `tracing`, records of `log` and panics, as sinks see them.
#![expect(clippy::unwrap_used, reason = "what helps a test may panic as the test may")]

mod capture;
mod carry;
mod events;
mod log_records;
mod nested;
mod panics;
mod race;
mod recording;
mod spans;
mod traces;

/// The front ends that these are tests of.
fn capture() -> obs_trace::Capture {
    obs_trace::install().unwrap()
}
