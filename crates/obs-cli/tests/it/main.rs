//! Tests of the command as its users have it: the program is run on what real runs left behind.
#![expect(clippy::unwrap_used, reason = "what helps a test may panic as the test may")]
#![expect(clippy::print_stderr, reason = "a test says what it could not look at")]

#[macro_use]
mod support;
mod tighten;

mod bundle;
mod contents;
mod doctor;
#[cfg(test)]
mod doctor_databases;
mod doctor_places;
mod doctor_receivers;
mod early;
mod export;
mod failures;
mod help;
#[path = "../../../obs-core/tests/it/redact/kinds.rs"]
mod kinds;
mod leaks;
mod live;
mod logs;
mod program;
mod recover;
mod redact;
mod runs;
mod safety;
mod sealed;
mod select;
mod send;
#[cfg(test)]
mod sql;
