//! A sink that sends spans or log records by OTLP, over HTTP or gRPC.
//!
//! One [`OtlpSink`] is one signal, with a cursor and a thread of its own, so that a receiver that takes no logs holds
//! up no spans. What the receiver does not take for the moment stays in the journal; nothing is dropped but what it
//! refuses for good, and that is counted. Records keep their times, however late they are sent.
#![forbid(unsafe_code)]

mod answer;
mod clock;
mod compress;
mod error;
mod fields;
mod grpc;
mod http;
mod pace;
mod probe;
mod retry_after;
mod sink;
mod tail;
mod tls;
mod transport;

pub use error::{OtlpError, OtlpErrorKind};
pub use obs_otlp_data::Resource;
pub use probe::{Fault, FaultKind, Probe, probe};
pub use sink::{OtlpOptions, OtlpSink};
pub use tail::TailRules;
