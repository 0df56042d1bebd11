//! What the crate promises, through its public interface.
#![expect(clippy::unwrap_used, reason = "what helps a test may panic as the test may")]
#![expect(clippy::print_stdout, reason = "a test says what it could not look at")]

mod artifacts;
mod bounded;
mod chosen;
mod collectors;
mod early;
mod environment;
mod faults;
mod fixture;
mod flips;
mod hostile;
mod journal;
#[path = "../../../obs-core/tests/it/redact/kinds.rs"]
mod kinds;
mod live;
mod memory;
mod mutants;
mod preview;
mod rawzip;
mod sealed;
mod secrets;
mod segment;
mod size;
mod structures;
mod tampered;
mod tighten;
mod tools;
mod written;
