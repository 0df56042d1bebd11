//! The quickstart, run as people run it, and what it leaves behind.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what helps a test may panic as the test may")]

mod crashed;
mod finished;
mod program;
mod tree;
