//! A receiver of OTLP for tests: it decodes with the official types, keeps what it takes, and misbehaves on demand.
//!
//! [`Receiver`] listens for HTTP and gRPC on ports of its own; a [`Gate`] in front of it is a network that breaks.
#![forbid(unsafe_code)]

mod behaviour;
mod certificates;
mod gate;
mod grpc;
mod http;
mod receiver;
mod store;
mod values;

pub use behaviour::Behaviour;
pub use certificates::Certificates;
pub use gate::{Gate, Weather};
pub use opentelemetry_proto::tonic as proto;
pub use receiver::{Receiver, ReceiverOptions};
pub use store::{NO_NUMBERS, Received, Store};
pub use values::{attribute, attributes, text};
