//! Requests that come in.
mod body;
mod future;
mod layer;
mod request;

pub use body::ServerBody;
pub use future::ServerFuture;
pub use layer::{Server, ServerLayer};
pub use request::{ClientAddress, Route};
