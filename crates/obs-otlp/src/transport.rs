//! The way to a receiver.
use crate::answer::Answer;
use crate::error::OtlpError;
use crate::grpc::Grpc;
use crate::http::Http;
use obs_core::settings::OtlpProtocol;
use obs_core::settings::otel::Export;

/// Sends one request after the other.
pub(crate) trait Transport: Send {
    /// Sends a request, which is protobuf.
    fn send(&mut self, request: &[u8]) -> Answer;
}

/// The way that the settings want.
pub(crate) fn transport(export: &Export) -> Result<Box<dyn Transport>, OtlpError> {
    Ok(match export.protocol {
        OtlpProtocol::Grpc => Box::new(Grpc::new(export)?),
        _ => Box::new(Http::new(export)?),
    })
}

/// What receivers are told that this is.
pub(crate) const USER_AGENT: &str = concat!("obs-otlp/", env!("CARGO_PKG_VERSION"));
