//! What can be wrong with a receiver, or with the way to it.
use crate::kind::Kind;
use obs_otlp::FaultKind;

pub(super) const FINE: Kind =
    Kind::ok("otlp", "The receiver has taken a request that holds nothing.");
pub(super) const OFF: Kind = Kind::ok("otlp-off", "No receiver is set, or none that can be tried.");
pub(super) const PROXY: Kind = Kind::note(
    "otlp-proxy",
    "The environment puts a proxy before the receiver.",
    "Set `NO_PROXY` to the receiver's host, if it is to be asked itself.",
);

macro_rules! kinds {
    ($($name:ident $fault:ident $id:literal $words:literal $remedy:literal;)+) => {
        $(const $name: Kind = Kind::problem($id, concat!("Nothing is delivered: ", $words, "."), $remedy);)+

        pub(super) const KINDS: &[&Kind] = &[&FINE, &OFF, &PROXY, $(&$name),+, &OTHER];

        /// The kind of finding of a fault.
        pub(super) fn of(fault: FaultKind) -> &'static Kind {
            match fault {
                $(FaultKind::$fault => &$name,)+
                _ => &OTHER,
            }
        }

        /// What a fault means, in words.
        pub(super) fn words(fault: FaultKind) -> &'static str {
            match fault {
                $(FaultKind::$fault => $words,)+
                _ => "it is not known why",
            }
        }
    };
}

const OTHER: Kind = Kind::problem(
    "otlp-other",
    "Nothing is delivered, for a reason that this build does not know.",
    "The evidence is all there is.",
);

kinds! {
    ENDPOINT Endpoint "otlp-endpoint" "the endpoint is no address that can be asked"
        "Write it as `http://host:4318`.";
    HEADER Header "otlp-header" "a header cannot be sent"
        "`OTEL_EXPORTER_OTLP_HEADERS` is `name=value,other=value`, with `%20` for a space.";
    FILE CertificateFile "otlp-certificate-file" "a file of certificates, or of a key, cannot be used"
        "Name a file of PEM that the program's user can read; see `OTEL_EXPORTER_OTLP_CERTIFICATE`, \
         `…_CLIENT_CERTIFICATE` and `…_CLIENT_KEY`.";
    SYSTEM System "otlp-system" "the system refuses what is needed to send"
        "What it said is in the evidence: threads, memory, files.";
    PROXY_FAILS Proxy "otlp-proxy-fails" "the proxy that the environment names cannot be reached, or refuses"
        "Set `NO_PROXY` to the receiver's host, or correct the proxy's address.";
    NAME Name "otlp-name" "the host's name has no address"
        "Correct the endpoint; `getent hosts NAME` asks as programs do.";
    REFUSED Refused "otlp-refused" "nothing listens there"
        "Start the receiver, or correct host and port: 4318 is usual for HTTP, 4317 for gRPC.";
    UNREACHABLE Unreachable "otlp-unreachable" "there is no way there"
        "`ip route get ADDRESS` tells the way that is taken.";
    CONNECT ConnectTimeout "otlp-connect-timeout" "the connection is not made in time"
        "A firewall drops what it does not like: `nc -vz HOST PORT` from this machine, and from the receiver's.";
    NO_TLS NoTls "otlp-no-tls" "the endpoint says `https`, and who answers there speaks no TLS"
        "Write the endpoint with `http://`, or use the receiver's port for TLS.";
    WANTS_TLS WantsTls "otlp-wants-tls" "the endpoint says `http`, and who answers there wants TLS"
        "Write the endpoint with `https://`.";
    AUTHORITY UnknownAuthority "otlp-authority" "nobody who is trusted vouches for the server's certificate"
        "Set `OTEL_EXPORTER_OTLP_CERTIFICATE` to the certificate of the authority that does.";
    SERVER_NAME WrongName "otlp-server-name" "the server's certificate is for other names"
        "Use one of those names in the endpoint, or have the server's certificate made for this one.";
    EXPIRED Expired "otlp-certificate-expired" "the server's certificate is not valid any more, or not yet"
        "Renew it there; if it is valid, the time of this machine is wrong.";
    CLIENT ClientCertificate "otlp-client-certificate"
        "the server wants a certificate of the client, or refuses the one it is shown"
        "Set `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and `OTEL_EXPORTER_OTLP_CLIENT_KEY`.";
    TLS Tls "otlp-tls" "TLS fails"
        "What it says is in the evidence; `openssl s_client -connect HOST:PORT` says more.";
    GRPC_TO_HTTP GrpcToHttp "otlp-grpc-to-http" "gRPC is spoken to who speaks HTTP/1.1"
        "Set `OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`, or use the receiver's port for gRPC, usually 4317.";
    HTTP_TO_GRPC HttpToGrpc "otlp-http-to-grpc" "HTTP/1.1 is spoken to who speaks gRPC"
        "Set `OTEL_EXPORTER_OTLP_PROTOCOL=grpc`, or use the receiver's port for HTTP, usually 4318.";
    UNAUTHORIZED Unauthorized "otlp-unauthorized" "the receiver does not know who sends, or does not let him"
        "Set `OTEL_EXPORTER_OTLP_HEADERS` to the receiver's header of authorisation.";
    NOT_FOUND NotFound "otlp-not-found" "the receiver has nothing at this path"
        "The endpoint of all signals gets `/v1/traces` and `/v1/logs` behind its own path; a \
         signal's own is taken as it is.";
    TOO_LARGE TooLarge "otlp-too-large" "the receiver finds a request too large that holds nothing"
        "Allow requests of 4 MiB there, or in the proxy before it.";
    UNSUPPORTED Unsupported "otlp-unsupported" "the receiver does not understand compression or encoding"
        "Set `OTEL_EXPORTER_OTLP_COMPRESSION=none`.";
    BUSY Busy "otlp-busy" "the receiver takes nothing for the moment"
        "See its own log; what it does not take waits in the journal and is tried again.";
    REDIRECT Redirect "otlp-redirect" "the receiver is said to be elsewhere"
        "Set the endpoint to where it is: redirections are not followed.";
    STATUS Status "otlp-status" "the receiver refuses, by a status that says no more"
        "What it said is in the evidence; see its own log.";
    SILENT Silent "otlp-silent" "there is no answer in time"
        "See whether the receiver is well; `--timeout` and `OTEL_EXPORTER_OTLP_TIMEOUT` let it have longer.";
    CLOSED Closed "otlp-closed" "the connection is cut without an answer"
        "See the receiver's own log, and that of what stands before it.";
    NO_RECEIVER NoReceiver "otlp-no-receiver" "what answers there is no receiver of OTLP"
        "Correct host and port: 4318 is usual for HTTP, 4317 for gRPC.";
}
