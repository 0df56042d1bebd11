//! Programs under hostile conditions, with the toolkit as their users have it.
#![expect(clippy::unwrap_used, reason = "what helps a test may panic as the test may")]

mod abuse;
mod ends;
mod fork;
mod idle;
mod injection;
mod places;
mod program;
mod runtimes;
mod starts;
mod terminal;
