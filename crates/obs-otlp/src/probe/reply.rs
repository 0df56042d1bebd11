//! What an answer to an empty request says of who gave it.
use super::fault::{Fault, FaultKind};
use super::speech::Speech;
use super::way::{Way, of_rustls};
use crate::answer::{Answer, said};
use crate::fields::{Field, fields};
use crate::grpc::{Reply, causes};
use crate::http::{ExchangeError, body_of, why};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, Response, StatusCode};
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use tonic::{Code, Status};
use ureq::Body;

/// The way there, to ask again by.
type Again<'a> = Option<(&'a Way<'a>, &'a [SocketAddr])>;

/// What an answer over HTTP comes to.
pub(super) fn of_http(
    response: Result<Response<Body>, ExchangeError>,
    again: Again<'_>,
) -> Result<String, Fault> {
    match response {
        Ok(mut response) => {
            let status = response.status();
            match body_of(&mut response) {
                Ok(body) if status.is_success() => of_good(status, response.headers(), &body),
                Err(error) if status.is_success() => {
                    let seen = format!("HTTP {status}, and then {}", why(&error));
                    Err(Fault::new(FaultKind::NoReceiver, seen))
                }
                // The status is the answer, whatever becomes of what it goes on to say.
                body => Err(of_status(status, response.headers(), &body.unwrap_or_default())),
            }
        }
        Err(ExchangeError::Compression(error)) => {
            Err(Fault::new(FaultKind::System, format!("it cannot be compressed: {error}")))
        }
        Err(ExchangeError::Way(error)) => Err(of_way(&error, again)),
    }
}

fn of_good(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<String, Fault> {
    let kind = text_of(headers, CONTENT_TYPE);
    let is_json = kind.starts_with("application/json");
    if !(is_json && body.trim_ascii_start().starts_with(b"{") || is_response(body)) {
        let seen = format!("HTTP {status}, with \"{kind}\" that is no answer: {}", quoted(body));
        return Err(Fault::new(FaultKind::NoReceiver, seen));
    }
    let message = if is_json { String::new() } else { message_of(body) };
    Ok(format!("HTTP {status}{message}"))
}

/// What a good answer has to say.
fn message_of(body: &[u8]) -> String {
    match Answer::of_response(body) {
        Answer::Taken { message, .. } if !message.is_empty() => format!(", \"{message}\""),
        _ => String::new(),
    }
}

/// Whether it is an answer as OTLP has it: nothing, or `partial_success` alone.
fn is_response(body: &[u8]) -> bool {
    let mut length = 0;
    for (number, field) in fields(body) {
        let (1, Field::Bytes(partial)) = (number, field) else { return false };
        length += 1 + varint_bytes(partial.len()) + partial.len();
    }
    length == body.len()
}

fn varint_bytes(number: usize) -> usize {
    (usize::BITS - number.leading_zeros()).div_ceil(7).max(1) as usize
}

fn of_status(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Fault {
    let is_for_tls = || {
        let text = String::from_utf8_lossy(body).to_ascii_lowercase();
        text.contains("http request") && text.contains("https")
    };
    let kind = match status.as_u16() {
        400 if is_for_tls() => FaultKind::WantsTls,
        401 | 403 => FaultKind::Unauthorized,
        404 | 405 => FaultKind::NotFound,
        407 => FaultKind::Proxy,
        413 => FaultKind::TooLarge,
        415 => FaultKind::Unsupported,
        429 | 502 | 503 | 504 => FaultKind::Busy,
        300..=399 => FaultKind::Redirect,
        _ => FaultKind::Status,
    };
    let mut seen = format!("HTTP {status}");
    if kind == FaultKind::Redirect {
        seen += &format!(", to {}", said(text_of(headers, LOCATION).as_bytes()));
    }
    if !body.is_empty() {
        seen += &format!(", {}", quoted(body));
    }
    Fault::new(kind, seen)
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn quoted(body: &[u8]) -> String {
    format!("\"{}\"", said(body))
}

/// What follows where no answer came.
fn of_way(error: &ureq::Error, again: Again<'_>) -> Fault {
    let seen = why(error);
    let (kind, seen) = match error {
        ureq::Error::Timeout(_) => (FaultKind::Silent, seen),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => {
            (FaultKind::Proxy, seen)
        }
        ureq::Error::HostNotFound => (FaultKind::Name, seen),
        ureq::Error::Io(io) if let Some((kind, seen)) = of_rustls(io) => (kind, seen),
        ureq::Error::Io(io) if io.kind() == io::ErrorKind::TimedOut => (FaultKind::Silent, seen),
        _ => return by_speech(FaultKind::HttpToGrpc, seen, again),
    };
    Fault::new(kind, seen)
}

/// What follows from what is spoken there: `other` if it is the other one of the two protocols.
fn by_speech(other: FaultKind, seen: String, again: Again<'_>) -> Fault {
    let speech = again.and_then(|(way, addresses)| way.speech(addresses));
    let Some(speech) = speech else { return Fault::new(FaultKind::Closed, seen) };
    let kind = match &speech {
        Speech::Http2 if other == FaultKind::HttpToGrpc => other,
        Speech::Http1(_) if other == FaultKind::GrpcToHttp => other,
        Speech::Tls => FaultKind::WantsTls,
        Speech::Complaint(kind, _) => *kind,
        Speech::Other(_) => FaultKind::NoReceiver,
        Speech::Silence => FaultKind::Silent,
        Speech::Http1(_) | Speech::Http2 | Speech::Nothing => FaultKind::Closed,
    };
    Fault::new(kind, format!("{seen}; asked in HTTP/1.1, it answers {speech}"))
}

/// What an answer over gRPC comes to.
pub(super) fn of_grpc(reply: Reply, again: Again<'_>) -> Result<String, Fault> {
    match reply {
        Reply::Good(message) if is_response(&message) => {
            Ok(format!("gRPC OK{}", message_of(&message)))
        }
        Reply::Good(message) => {
            let seen = format!("gRPC OK, with a message that is no answer: {}", quoted(&message));
            Err(Fault::new(FaultKind::NoReceiver, seen))
        }
        Reply::NotConnected(why) => Err(by_speech(FaultKind::GrpcToHttp, why, again)),
        Reply::Silence(time) => Err(silence(&format!("no answer within {time:.1?}"), again)),
        Reply::Status(status) => Err(of_grpc_status(&status, again)),
    }
}

/// Nothing came. Some who speak HTTP/1.1 wait for more of what they take for a request.
fn silence(why: &str, again: Again<'_>) -> Fault {
    match by_speech(FaultKind::GrpcToHttp, why.to_owned(), again) {
        fault if fault.kind == FaultKind::Closed => Fault { kind: FaultKind::Silent, ..fault },
        fault => fault,
    }
}

fn of_grpc_status(status: &Status, again: Again<'_>) -> Fault {
    let message = said(status.message().as_bytes());
    if let Some(source) = status.source() {
        if let Some((kind, seen)) = tls_in(source) {
            return Fault::new(kind, seen);
        }
        let why = causes(source);
        return match status.code() {
            Code::Cancelled | Code::DeadlineExceeded if is_timeout(source) => silence(&why, again),
            // Cancelled is also what was under way on a connection that is cut.
            _ => by_speech(FaultKind::GrpcToHttp, why, again),
        };
    }
    let is_of_compression = || message.to_ascii_lowercase().contains("compress");
    let kind = match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => FaultKind::Unauthorized,
        Code::Unimplemented if is_of_compression() => FaultKind::Unsupported,
        Code::Unimplemented | Code::NotFound => FaultKind::NotFound,
        Code::ResourceExhausted | Code::Unavailable => FaultKind::Busy,
        Code::Cancelled | Code::DeadlineExceeded => FaultKind::Silent,
        _ => FaultKind::Status,
    };
    Fault::new(kind, format!("gRPC {:?}, \"{message}\"", status.code()))
}

/// Whether somewhere among the causes is that time was over.
fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<tonic::TimeoutExpired>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// What TLS complains of, somewhere among the causes.
fn tls_in(error: &(dyn Error + 'static)) -> Option<(FaultKind, String)> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<io::Error>().and_then(of_rustls) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::is_response;

    #[test]
    fn an_answer_is_empty_or_says_what_was_not_taken_and_nothing_else_is_one() {
        let long = [&[0x0a, 0xc8, 0x01, 0x12, 0xc5, 0x01][..], &[b'x'; 197]].concat();
        for good in [&b""[..], b"\x0a\x00", b"\x0a\x07\x08\x03\x12\x03bad", &long] {
            assert!(is_response(good), "{good:?}");
        }
        for bad in
            [&b"<html>"[..], b"\xff<html>", b"\x0a\x07\x08", b"{}", b"\x08\x01", b"\x0a\x00x"]
        {
            assert!(!is_response(bad), "{bad:?}");
        }
    }
}
