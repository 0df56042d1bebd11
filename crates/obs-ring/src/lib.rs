//! Rings and stages: memory that outlives the process that wrote it.
//!
//! A [`ring`] holds the newest records of one thread: one producer, one consumer, no lock. A [`stage`] holds the newest
//! frames of a run: one writer, many readers. Both live in [`Memory`], a range of 64-bit words that is either a mapped
//! file or heap memory. Every access to it is an atomic access to a word, so neither a reader that is overtaken nor
//! another process that looks on can cause a data race.
//!
//! The crate knows bytes and positions, never what a record means. It is the only crate of the workspace with `unsafe`
//! code: the mapping, the time stamp counter, and the hooks for fork, exit and signals.

pub mod clock;
#[cfg(all(unix, not(loom)))]
pub mod crash;
#[cfg(all(unix, not(loom)))]
pub mod exit;
#[cfg(all(unix, not(loom)))]
pub mod fork;
mod header;
mod memory;
#[cfg(all(unix, not(loom)))]
pub mod place;
pub mod ring;
#[cfg(all(unix, not(loom)))]
pub mod signal;
pub mod stage;
mod sync;

pub use header::{HeaderError, Identity};
pub use memory::Memory;
