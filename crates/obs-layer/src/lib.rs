//! The recorder as a layer of a `tracing` registry that is the program's own, beside whatever layers there are.
//!
//! [`layer`] takes events and spans, [`install_logger`] the records of `log` with their key-values. Both follow the run
//! that is alive, as the subscriber of `obs-trace` does; without a run they want nothing.
#![forbid(unsafe_code)]

mod layer;
mod logger;
mod names;

pub use layer::layer;
pub use logger::{LoggerError, install_logger};
