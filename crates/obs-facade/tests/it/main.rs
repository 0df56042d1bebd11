//! Programs under hostile conditions, with the toolkit as their users have it.
#![expect(clippy::unwrap_used, reason = "what helps a test may panic as the test may")]

mod abuse;
mod ends;
mod filter;
mod flips;
mod fork;
mod idle;
mod injection;
mod places;
mod program;
#[cfg(feature = "layer")]
mod registry;
mod runtimes;
mod starts;
mod terminal;
