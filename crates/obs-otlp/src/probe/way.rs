//! The steps before a request: name, connection, TLS.
use super::Probe;
use super::deadline::Deadline;
use super::fault::{Fault, FaultKind};
use super::speech::{self, Speech};
use crate::tls::Tls;
use obs_core::settings::OtlpProtocol;
use obs_core::settings::otel::Export;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, ClientConnection, StreamOwned};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;

/// How long a single one of several addresses is tried, as a part of what is left.
const SHARE: u32 = 2;

/// The way to the receiver of an export.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'a> {
    export: &'a Export,
    deadline: Deadline,
}

impl<'a> Way<'a> {
    pub(super) fn to(export: &'a Export, deadline: Deadline) -> Self {
        Self { export, deadline }
    }

    /// Host and port of the receiver.
    pub(super) fn target(&self) -> (&'a str, u16) {
        let endpoint = &self.export.endpoint;
        let usual = if endpoint.is_secure() == Some(true) { 443 } else { 80 };
        (endpoint.host(), endpoint.port().unwrap_or(usual))
    }

    /// The addresses of a host.
    pub(super) fn addresses(
        &self,
        host: &str,
        port: u16,
        probe: &mut Probe,
    ) -> Result<Vec<SocketAddr>, Fault> {
        let (tell, told) = mpsc::sync_channel(1);
        let name = host.to_owned();
        let resolve = move || {
            obs_core::own::mark_thread();
            let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            // Nobody waits for it any more where that fails.
            drop(tell.send(found));
        };
        let thread = thread::Builder::new().name("obs-otlp-names".to_owned()).spawn(resolve);
        thread.map_err(|error| Fault::new(FaultKind::System, format!("a thread: {error}")))?;
        let left = self.deadline.left();
        let wrong = |why: String| Fault::new(FaultKind::Name, format!("the name {host}: {why}"));
        match told.recv_timeout(left) {
            Ok(Ok(addresses)) if addresses.is_empty() => Err(wrong("it has no address".to_owned())),
            Ok(Ok(addresses)) => {
                probe.steps.push(format!("the name {host} is {}", hosts(&addresses)));
                Ok(addresses)
            }
            Ok(Err(error)) => Err(wrong(error.to_string())),
            Err(_) => Err(wrong(format!("the resolver did not answer within {left:.1?}"))),
        }
    }

    /// A connection to the first of the addresses that takes one.
    pub(super) fn connect(
        &self,
        addresses: &[SocketAddr],
        probe: &mut Probe,
    ) -> Result<TcpStream, Fault> {
        let mut seen = Vec::new();
        let mut kind = FaultKind::Unreachable;
        for (number, address) in addresses.iter().enumerate() {
            let left = self.deadline.left();
            let is_last = number + 1 == addresses.len();
            let patience = if is_last { left } else { left / SHARE };
            let begun = Deadline::after(patience);
            match TcpStream::connect_timeout(address, patience) {
                Ok(stream) => {
                    let time = begun.passed();
                    probe.steps.push(format!("connected to {address} within {time:.1?}"));
                    return Ok(stream);
                }
                Err(error) => {
                    kind = match (error.kind(), kind) {
                        (ErrorKind::ConnectionRefused, _) | (_, FaultKind::Refused) => {
                            FaultKind::Refused
                        }
                        (ErrorKind::TimedOut, _) | (_, FaultKind::ConnectTimeout) => {
                            FaultKind::ConnectTimeout
                        }
                        _ => FaultKind::Unreachable,
                    };
                    seen.push(format!("{address}: {error}"));
                }
            }
        }
        Err(Fault::new(kind, seen.join("; ")))
    }

    /// A handshake by itself, to see what TLS says.
    pub(super) fn handshake(
        &self,
        stream: TcpStream,
        tls: &Tls,
        probe: &mut Probe,
    ) -> Result<(), Fault> {
        let address = stream.peer_addr();
        match self.secured(stream, tls)? {
            Ok(stream) => {
                let version = stream.conn.protocol_version();
                let version = version.map_or_else(String::new, |version| format!(" {version:?}"));
                probe.steps.push(format!("TLS{version}, and its certificate is trusted"));
                Ok(())
            }
            Err(error) => {
                let mut fault = self.of_tls(&error);
                if matches!(fault.kind, FaultKind::Tls | FaultKind::Closed | FaultKind::Silent)
                    && let Ok(address) = address
                    && let Some(plain) = speech::plain(address, self.deadline)
                {
                    let seen = format!("{}; without TLS it answers {plain}", fault.seen);
                    fault = Fault::new(FaultKind::NoTls, seen);
                }
                Err(fault)
            }
        }
    }

    /// What a receiver says that is spoken to as its address wants it, in HTTP/1.1.
    pub(super) fn speech(&self, addresses: &[SocketAddr]) -> Option<Speech> {
        for address in addresses {
            let Ok(stream) = TcpStream::connect_timeout(address, self.deadline.left()) else {
                continue;
            };
            if self.export.endpoint.is_secure() != Some(true) {
                return Some(speech::of(stream, *address, self.deadline));
            }
            let tls = Tls::load(self.export).ok()?;
            return match self.secured_for(stream, &tls, &[]).ok()? {
                Ok(stream) => Some(speech::hear(stream, self.deadline)),
                Err(_) => None,
            };
        }
        None
    }

    fn secured(&self, stream: TcpStream, tls: &Tls) -> Result<io::Result<Stream>, Fault> {
        let alpn: &[&[u8]] =
            if self.export.protocol == OtlpProtocol::Grpc { &[b"h2"] } else { &[] };
        self.secured_for(stream, tls, alpn)
    }

    fn secured_for(
        &self,
        stream: TcpStream,
        tls: &Tls,
        alpn: &[&[u8]],
    ) -> Result<io::Result<Stream>, Fault> {
        let config = tls.of_handshake(alpn).map_err(super::unusable)?;
        let name = ServerName::try_from(self.export.endpoint.host().to_owned());
        let name = name.map_err(|error| Fault::new(FaultKind::Endpoint, error.to_string()))?;
        let connection = ClientConnection::new(Arc::new(config), name);
        let connection =
            connection.map_err(|error| Fault::new(FaultKind::Tls, error.to_string()))?;
        Ok(shake_hands(connection, stream, self.deadline))
    }

    /// The fault of a handshake that failed.
    fn of_tls(&self, error: &io::Error) -> Fault {
        let what = format!("the TLS handshake with {}: ", self.export.endpoint.authority());
        let fault = match of_rustls(error) {
            Some((kind, seen)) => Fault::new(kind, what + &seen),
            None => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                    Fault::new(FaultKind::Silent, what + "no answer in time")
                }
                _ => Fault::new(FaultKind::Closed, format!("{what}{error}")),
            },
        };
        let is_grpc = self.export.protocol == OtlpProtocol::Grpc;
        match alert_of(error) {
            Some(AlertDescription::NoApplicationProtocol) if is_grpc => {
                Fault { kind: FaultKind::GrpcToHttp, ..fault }
            }
            _ => fault,
        }
    }
}

pub(super) type Stream = StreamOwned<ClientConnection, TcpStream>;

fn hosts(addresses: &[SocketAddr]) -> String {
    let mut hosts: Vec<String> = addresses.iter().map(|it| it.ip().to_string()).collect();
    hosts.dedup();
    hosts.join(", ")
}

/// Shakes hands, and says goodbye where that fails.
pub(super) fn shake_hands(
    mut connection: ClientConnection,
    mut stream: TcpStream,
    deadline: Deadline,
) -> io::Result<Stream> {
    while connection.is_handshaking() {
        if deadline.is_over() {
            return Err(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(deadline.left()))?;
        stream.set_write_timeout(Some(deadline.left()))?;
        if connection.wants_write() {
            connection.write_tls(&mut stream)?;
        } else if connection.read_tls(&mut stream)? == 0 {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "it was cut"));
        } else if let Err(error) = connection.process_new_packets() {
            // That the other side is told why is a courtesy.
            drop(connection.write_tls(&mut stream));
            return Err(io::Error::new(ErrorKind::InvalidData, error));
        }
    }
    Ok(StreamOwned::new(connection, stream))
}

/// What TLS complains of, if it is TLS that does.
pub(super) fn of_rustls(error: &io::Error) -> Option<(FaultKind, String)> {
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let kind = match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                FaultKind::UnknownAuthority
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                FaultKind::WrongName
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => FaultKind::Expired,
            _ => FaultKind::Tls,
        },
        rustls::Error::AlertReceived(alert) if is_of_client(*alert) => FaultKind::ClientCertificate,
        _ => FaultKind::Tls,
    };
    Some((kind, error.to_string()))
}

fn alert_of(error: &io::Error) -> Option<AlertDescription> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(alert) => Some(*alert),
        _ => None,
    }
}

/// Whether it is the client's certificate that is complained of.
fn is_of_client(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
    )
}
