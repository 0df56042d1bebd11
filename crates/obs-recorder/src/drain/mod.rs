//! The drain: records from all rings, in one order, numbered, into the stage.
//!
//! It touches no disk, so a stalled disk never stalls it. It is a step machine: a thread drives it while the program
//! lives, recovery drives it over the rings of a dead run, and a simulation drives it between two kills.
mod contexts;
mod frames;
mod intake;
mod pass;

pub use pass::{Drain, Parts, Pass};

pub(crate) use frames::Own;
