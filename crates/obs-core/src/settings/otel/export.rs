//! What the settings come to for one signal.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::super::choice::{Compression, OtlpProtocol};
use super::{AttributeLimits, Batching, COUNT_MAX, Endpoint, Otel, Otlp};
use crate::secret::Secret;

const TIMEOUT: Duration = Duration::from_secs(10);
const EXPORT_TIMEOUT: Duration = Duration::from_secs(30);
/// A limit that nobody notices.
const WITHOUT_END: Duration = Duration::from_secs(365 * 86_400);

/// A kind of telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
}

/// Where and how one signal is sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Export {
    /// What is sent.
    pub signal: Signal,
    /// Where to: with a scheme, and for HTTP with the signal's path.
    pub endpoint: Endpoint,
    /// By which protocol.
    pub protocol: OtlpProtocol,
    /// What goes along with every request.
    pub headers: Vec<(String, Secret<String>)>,
    /// How requests are compressed.
    pub compression: Compression,
    /// How long a request may take.
    pub timeout: Duration,
    /// A PEM file of the certificates that vouch for the server; `None` is the system's.
    pub certificate: Option<PathBuf>,
    /// PEM files of the client's certificate and its private key.
    pub client: Option<(PathBuf, PathBuf)>,
    /// Records of one request; `None` is as the receiver's pace wants it.
    pub batch_records: Option<u32>,
    /// The least time between two deliveries, unless much is waiting; zero to send what there is.
    pub delay: Duration,
    /// How much a record may carry.
    pub limits: AttributeLimits,
}

/// Why a signal cannot be sent as the settings want it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// HTTP needs a scheme.
    #[error("its endpoint has no scheme: http:// or https:// belongs in front")]
    Scheme,
    /// One is nothing without the other.
    #[error("a client certificate needs its key, and a client key its certificate")]
    Client,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Traces, Self::Logs];

    /// The word for it: `traces`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
        }
    }

    /// The path behind the endpoint of all signals.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Traces => "/v1/traces",
            Self::Logs => "/v1/logs",
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Otel {
    /// Where and how a signal is sent; `None` if it is not: nobody asked for it, or it is switched off.
    ///
    /// It is sent once an endpoint is set, to which `OTEL_TRACES_EXPORTER` and `OTEL_LOGS_EXPORTER` can say no, or
    /// where they name `otlp`: then to a receiver on this machine if no endpoint is set.
    ///
    /// # Errors
    ///
    /// [`ExportError`] where settings contradict each other.
    pub fn export(&self, signal: Signal) -> Result<Option<Export>, ExportError> {
        let (own, batching, exporters) = match signal {
            Signal::Traces => (&self.otlp_traces, self.bsp, self.traces_exporter),
            Signal::Logs => (&self.otlp_logs, self.blrp, self.logs_exporter),
        };
        let has_endpoint = own.endpoint.is_some() || self.otlp.endpoint.is_some();
        let is_wanted = exporters.map_or(has_endpoint, |exporters| exporters.otlp);
        if self.sdk_disabled || !is_wanted {
            return Ok(None);
        }
        let protocol = own.protocol.or(self.otlp.protocol).unwrap_or(OtlpProtocol::HttpProtobuf);
        let secrets = own.headers.as_ref().or(self.otlp.headers.as_ref());
        let headers = secrets.into_iter().flat_map(super::Headers::iter);
        Ok(Some(Export {
            signal,
            endpoint: self.endpoint(signal, own, protocol)?,
            protocol,
            headers: headers.map(|(name, value)| (name.to_owned(), value.clone())).collect(),
            compression: own.compression.or(self.otlp.compression).unwrap_or(Compression::None),
            timeout: self.timeout(own, batching),
            certificate: own.certificate.clone().or_else(|| self.otlp.certificate.clone()),
            client: self.client(own)?,
            batch_records: batching.max_export_batch_size,
            delay: batching.schedule_delay.unwrap_or_default(),
            limits: self.limits(signal),
        }))
    }

    fn endpoint(
        &self,
        signal: Signal,
        own: &Otlp,
        protocol: OtlpProtocol,
    ) -> Result<Endpoint, ExportError> {
        let is_grpc = protocol == OtlpProtocol::Grpc;
        let local = Endpoint::local(if is_grpc { 4317 } else { 4318 });
        if is_grpc {
            let endpoint = own.endpoint.clone().or_else(|| self.otlp.endpoint.clone());
            let is_insecure = own.insecure.or(self.otlp.insecure).unwrap_or(false);
            return Ok(endpoint.unwrap_or(local).or_secure(!is_insecure));
        }
        let endpoint = match &own.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => self.otlp.endpoint.as_ref().unwrap_or(&local).join(signal.path()),
        };
        if endpoint.is_secure().is_none() { Err(ExportError::Scheme) } else { Ok(endpoint) }
    }

    /// The shorter of the exporter's own limit and that of what it is fed by.
    fn timeout(&self, own: &Otlp, batching: Batching) -> Duration {
        let own = own.timeout.or(self.otlp.timeout).unwrap_or(TIMEOUT);
        let batching = batching.export_timeout.unwrap_or(EXPORT_TIMEOUT);
        let finite = |limit: Duration| if limit.is_zero() { WITHOUT_END } else { limit };
        finite(own).min(finite(batching))
    }

    fn client(&self, own: &Otlp) -> Result<Option<(PathBuf, PathBuf)>, ExportError> {
        let certificate = own.client_certificate.as_ref().or(self.otlp.client_certificate.as_ref());
        let key = own.client_key.as_ref().or(self.otlp.client_key.as_ref());
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate.clone(), key.clone()))),
            (None, None) => Ok(None),
            _ => Err(ExportError::Client),
        }
    }

    fn limits(&self, signal: Signal) -> AttributeLimits {
        let own = match signal {
            Signal::Traces => self.span,
            Signal::Logs => self.log_record,
        };
        AttributeLimits {
            value_length_max: own.value_length_max.or(self.attributes.value_length_max),
            count_max: own.count_max.or(self.attributes.count_max).or(Some(COUNT_MAX)),
        }
    }
}
