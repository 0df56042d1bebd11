//! HTTP in and out, as layers of tower: for axum, hyper, tonic, and whatever else takes `http::Request`.
//!
//! [`ServerLayer`] gives every request a span, named by its route and never by its path, which continues the caller's
//! trace; an id, which is in the response, and in every span and log record of its handling; and its session's id.
//! [`ClientLayer`] gives every try of a request a span, and sends trace, baggage and the request's id along.
//!
//! Names are those of OpenTelemetry's semantic conventions, version 1.30: HTTP's are stable, RPC's are not yet.
#![forbid(unsafe_code)]

mod attempt;
mod client;
mod exchange;
mod grpc;
mod head;
mod incoming;
mod method;
mod outgoing;
mod server;

pub use attempt::{Attempt, ResendCount, UrlTemplate};
pub use client::{Client, ClientFuture, ClientLayer};
pub use incoming::{REQUEST_ID, SESSION_ID};
pub use outgoing::inject;
pub use server::{ClientAddress, Route, Server, ServerBody, ServerFuture, ServerLayer};
