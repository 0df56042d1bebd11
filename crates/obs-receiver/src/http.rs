//! The receiver's side of HTTP: one thread a connection.
use crate::behaviour::Verdict;
use crate::receiver::{ReceiverOptions, Shared};
use crate::store::Request;
use flate2::read::GzDecoder;
use prost::Message;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Names in small letters, and values.
pub(crate) type Headers = Vec<(String, String)>;

const HEAD_BYTES_MAX: u64 = 64 << 10;
const BODY_BYTES_MAX: usize = 64 << 20;

pub(crate) fn listen(
    listener: TcpListener,
    options: &ReceiverOptions,
    shared: Arc<Shared>,
) -> io::Result<()> {
    let tls = tls(options)?;
    thread::Builder::new().name("receiver".to_owned()).spawn(move || {
        for stream in listener.incoming().flatten() {
            let (shared, tls) = (Arc::clone(&shared), tls.clone());
            // A connection without a thread is cut: the other side sees it.
            drop(thread::Builder::new().name("receiver".to_owned()).spawn(move || {
                // So is one that breaks.
                drop(serve_stream(stream, tls, &shared));
            }));
        }
    })?;
    Ok(())
}

fn serve_stream(stream: TcpStream, tls: Option<Arc<ServerConfig>>, to: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match tls {
        None => serve(stream, to),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            serve(StreamOwned::new(connection, stream), to)
        }
    }
}

/// Answers one request after the other.
fn serve(stream: impl Read + Write, to: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some((path, headers)) = head(&mut stream)? {
        let header = |name: &str| {
            headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
        };
        let length = header("content-length").parse::<usize>().unwrap_or(0).min(BODY_BYTES_MAX);
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let decoded = decode(&path, header("content-type"), header("content-encoding"), &body);
        let out = stream.get_mut();
        let request = match decoded {
            Ok(request) => request,
            Err(status) => {
                answer(out, status, "", b"")?;
                continue;
            }
        };
        let (verdict, wait) = to.apply(request, headers);
        thread::sleep(wait);
        match verdict {
            Verdict::Good { rejected } => answer(out, 200, "", &good(rejected))?,
            Verdict::Refused { status, retry_after, .. } => {
                let header = retry_after.map(|after| format!("Retry-After: {after}\r\n"));
                answer(out, status, &header.unwrap_or_default(), b"not now")?;
            }
            Verdict::NoAnswer => return Ok(()),
            Verdict::Nonsense => answer(out, 200, "", b"\xff<html>welcome</html>")?,
        }
    }
    Ok(())
}

/// The path and the headers of a request, with names in small letters; `None` at the end of the connection.
fn head(stream: &mut impl BufRead) -> io::Result<Option<(String, Headers)>> {
    let mut lines = Vec::new();
    let mut left = stream.take(HEAD_BYTES_MAX);
    loop {
        let mut line = String::new();
        if left.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let headers = lines.iter().skip(1).filter_map(|line| line.split_once(':'));
    let headers =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Ok(Some((path.to_owned(), headers)))
}

/// The request, or the status for what is none.
fn decode(path: &str, content: &str, encoding: &str, body: &[u8]) -> Result<Request, u16> {
    let mut plain = Vec::new();
    let limit = BODY_BYTES_MAX as u64;
    let read = match encoding {
        "" | "identity" => body.take(limit).read_to_end(&mut plain),
        "gzip" => GzDecoder::new(body).take(limit).read_to_end(&mut plain),
        "zstd" => zstd::stream::read::Decoder::new(body)
            .and_then(|decoder| decoder.take(limit).read_to_end(&mut plain)),
        _ => return Err(415),
    };
    if content != "application/x-protobuf" {
        return Err(415);
    }
    read.map_err(|_| 400_u16)?;
    match path {
        "/v1/traces" => Message::decode(&*plain).map(Request::Traces),
        "/v1/logs" => Message::decode(&*plain).map(Request::Logs),
        _ => return Err(404),
    }
    .map_err(|_| 400)
}

/// The body of a good answer: the message is the same for all signals.
fn good(rejected: u64) -> Vec<u8> {
    use opentelemetry_proto::tonic::collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceResponse,
    };
    let partial_success = (rejected > 0).then(|| ExportTracePartialSuccess {
        rejected_spans: rejected as i64,
        error_message: "some were wrong".to_owned(),
    });
    ExportTraceServiceResponse { partial_success }.encode_to_vec()
}

fn answer(to: &mut impl Write, status: u16, headers: &str, body: &[u8]) -> io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Answer\r\nContent-Type: application/x-protobuf\r\n{headers}\
         Content-Length: {length}\r\n\r\n"
    );
    to.write_all(&[head.as_bytes(), body].concat())?;
    to.flush()
}

fn tls(options: &ReceiverOptions) -> io::Result<Option<Arc<ServerConfig>>> {
    let Some(certificates) = &options.certificates else { return Ok(None) };
    let made = || -> Result<ServerConfig, Box<dyn std::error::Error + Send + Sync>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = if options.wants_client {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(certificates.authority.as_bytes())?)?;
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let chain = vec![CertificateDer::from_pem_slice(certificates.server.as_bytes())?];
        let key = PrivateKeyDer::from_pem_slice(certificates.server_key.as_bytes())?;
        Ok(builder.with_single_cert(chain, key)?)
    };
    made().map(|config| Some(Arc::new(config))).map_err(io::Error::other)
}
