//! What stands between a program and its receiver.

/// What went wrong, and how that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// What was seen: the address, what the system said, the answer; made safe for a terminal. An answer's text is cut
    /// at 300 characters, and not redacted.
    pub seen: String,
}

/// What stands between a program and its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// The endpoint is no address that can be asked.
    Endpoint,
    /// A header that cannot be sent.
    Header,
    /// A file of certificates, or of a key, cannot be used.
    CertificateFile,
    /// The system refuses what is needed to send.
    System,
    /// The proxy that the environment names cannot be reached, or refuses.
    Proxy,
    /// The host's name has no address.
    Name,
    /// Nothing listens there.
    Refused,
    /// There is no way there.
    Unreachable,
    /// The connection was not made in time.
    ConnectTimeout,
    /// TLS was spoken to somebody who speaks none.
    NoTls,
    /// Somebody who wants TLS was spoken to without.
    WantsTls,
    /// Nobody who is trusted vouches for the server's certificate.
    UnknownAuthority,
    /// The server's certificate is for other names.
    WrongName,
    /// The server's certificate is not valid any more, or not yet.
    Expired,
    /// The server wants a certificate of the client, or refuses the one that it was shown.
    ClientCertificate,
    /// TLS failed otherwise.
    Tls,
    /// gRPC was spoken to somebody who speaks HTTP/1.1.
    GrpcToHttp,
    /// HTTP/1.1 was spoken to somebody who speaks HTTP/2: a receiver of gRPC.
    HttpToGrpc,
    /// Who sends is not known, or may not.
    Unauthorized,
    /// There is nothing at this path, or no such call.
    NotFound,
    /// A request without anything in it is too large.
    TooLarge,
    /// The compression or the encoding is not understood.
    Unsupported,
    /// The receiver is there, and does not take anything for the moment.
    Busy,
    /// The receiver is said to be elsewhere.
    Redirect,
    /// Another status.
    Status,
    /// There was no answer in time.
    Silent,
    /// The connection was cut without an answer.
    Closed,
    /// What answers there is no receiver.
    NoReceiver,
}

impl Fault {
    pub(super) fn new(kind: FaultKind, seen: impl AsRef<str>) -> Self {
        Self { kind, seen: obs_core::escape::terminal(seen.as_ref()).into_owned() }
    }
}
