//! Trying the way to a receiver, step by step, by a request that holds nothing.
mod deadline;
mod fault;
mod reply;
mod speech;
mod way;

use crate::error::{OtlpError, OtlpErrorKind};
use crate::grpc::Grpc;
use crate::http::Http;
use crate::tls::Tls;
use deadline::Deadline;
pub use fault::{Fault, FaultKind};
use obs_core::settings::OtlpProtocol;
use obs_core::settings::otel::{Export, Signal};
use std::net::SocketAddr;
use std::time::Duration;
use way::Way;

/// How far a request for a receiver gets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Probe {
    /// What would be sent.
    pub signal: Signal,
    /// Where to.
    pub endpoint: String,
    /// By which protocol.
    pub protocol: OtlpProtocol,
    /// Host and port of the proxy between, if the environment names one and the protocol uses it.
    pub proxy: Option<String>,
    /// What went well, in its order: the addresses of the name, the connection, TLS, the answer.
    pub steps: Vec<String>,
    /// What did not, if anything: the last step.
    pub fault: Option<Fault>,
}

/// Tries to send nothing: a request without a span or log record, by the endpoint, protocol, headers, compression and
/// certificates of the settings. Where that fails, finds out what it is that answers there, by asking it otherwise.
///
/// Takes `timeout` at most, or as long as the settings give a request if that is less. A resolver of the system that
/// hangs is left behind on its thread. Makes up to four connections, one request that a receiver counts, and on a
/// failure up to two that it refuses. The thread should be marked by [`obs_core::own::mark_thread`] where the process
/// has a run: what the client logs is nobody's record.
///
/// ```
/// use obs_core::Settings;
/// use obs_core::settings::otel::Signal;
/// use obs_otlp::{FaultKind, probe};
/// use std::time::Duration;
///
/// let settings = Settings::from_vars([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")]);
/// let export = settings.otel.export(Signal::Traces)?.expect("an endpoint is set");
/// let fault = probe(&export, Duration::from_secs(5)).fault.expect("nothing listens there");
/// assert_eq!(fault.kind, FaultKind::Refused);
/// # Ok::<(), obs_core::settings::otel::ExportError>(())
/// ```
#[must_use]
pub fn probe(export: &Export, timeout: Duration) -> Probe {
    let mut probe = Probe {
        signal: export.signal,
        endpoint: export.endpoint.to_string(),
        protocol: export.protocol,
        proxy: None,
        steps: Vec::new(),
        fault: None,
    };
    let deadline = Deadline::after(timeout.min(export.timeout));
    probe.fault = attempt(export, deadline, &mut probe).err();
    probe
}

/// A transport that was not used yet.
enum Sender {
    Http(Box<Http>),
    Grpc(Box<Grpc>),
}

impl Sender {
    fn new(export: &Export) -> Result<Self, OtlpError> {
        Ok(match export.protocol {
            OtlpProtocol::Grpc => Self::Grpc(Box::new(Grpc::new(export)?)),
            _ => Self::Http(Box::new(Http::new(export)?)),
        })
    }

    fn proxy(&self) -> Option<(String, u16)> {
        match self {
            Self::Http(http) => http.proxy(),
            Self::Grpc(_) => None,
        }
    }
}

fn attempt(export: &Export, deadline: Deadline, probe: &mut Probe) -> Result<(), Fault> {
    let sender = Sender::new(export).map_err(unusable)?;
    let way = Way::to(export, deadline);
    match sender.proxy() {
        Some((host, port)) => {
            probe.proxy = Some(format!("{host}:{port}"));
            let reached = way.addresses(&host, port, probe);
            let reached = reached.and_then(|addresses| way.connect(&addresses, probe));
            reached.map_err(|fault| Fault { kind: FaultKind::Proxy, ..fault })?;
            send(export, deadline, None, probe)
        }
        None => {
            let (host, port) = way.target();
            let addresses = way.addresses(host, port, probe)?;
            let stream = way.connect(&addresses, probe)?;
            if export.endpoint.is_secure() == Some(true) {
                let tls = Tls::load(export).map_err(unusable)?;
                way.handshake(stream, &tls, probe)?;
            } else {
                // Some serve one connection after the other.
                drop(stream);
            }
            send(export, deadline, Some((&way, &addresses)), probe)
        }
    }
}

/// Sends the request. By `way` it is found out what answers there, if it is no receiver.
fn send(
    export: &Export,
    deadline: Deadline,
    way: Option<(&Way<'_>, &[SocketAddr])>,
    probe: &mut Probe,
) -> Result<(), Fault> {
    let mut export = export.clone();
    export.timeout = deadline.most_left();
    let begun = Deadline::after(Duration::MAX);
    let found = match Sender::new(&export).map_err(unusable)? {
        Sender::Http(mut http) => reply::of_http(http.exchange(&[]), way),
        Sender::Grpc(mut grpc) => reply::of_grpc(grpc.exchange(&[]), way),
    };
    let time = begun.passed();
    let step = found.map_err(|mut fault| {
        fault.seen = format!("an empty request to {}: {}", probe.endpoint, fault.seen);
        fault
    })?;
    probe.steps.push(format!("an empty request was taken within {time:.1?}: {step}"));
    Ok(())
}

/// Settings by which nothing can be sent.
fn unusable(error: OtlpError) -> Fault {
    let kind = match error.kind() {
        OtlpErrorKind::Certificate => FaultKind::CertificateFile,
        OtlpErrorKind::Header => FaultKind::Header,
        OtlpErrorKind::Endpoint => FaultKind::Endpoint,
        OtlpErrorKind::System => FaultKind::System,
    };
    Fault { kind, seen: error.to_string() }
}
