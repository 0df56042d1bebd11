//! Protobuf over HTTP.
use crate::answer::{Answer, Certainty};
use crate::clock;
use crate::compress::{compress, encoding};
use crate::error::{OtlpError, OtlpErrorKind};
use crate::retry_after::retry_after;
use crate::tls::Tls;
use crate::transport::{Transport, USER_AGENT};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use obs_core::settings::Compression;
use obs_core::settings::otel::Export;
use std::io;
use ureq::{Agent, Body, Timeout};

/// More of an answer than this is not read.
const ANSWER_BYTES_MAX: u64 = 64 << 10;

pub(crate) struct Http {
    agent: Agent,
    uri: Uri,
    headers: HeaderMap,
    compression: Compression,
    body: Vec<u8>,
}

impl Http {
    pub(crate) fn new(export: &Export) -> Result<Self, OtlpError> {
        let uri: Uri = export.endpoint.to_string().parse().map_err(|error| {
            let message = format!("{}: {error}", export.endpoint);
            OtlpError::new(OtlpErrorKind::Endpoint, message)
        })?;
        let mut config = Agent::config_builder()
            .timeout_global(Some(export.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(USER_AGENT);
        if export.endpoint.is_secure() == Some(true) {
            config = config.tls_config(Tls::load(export)?.of_http()?);
        }
        let mut headers = headers(export)?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        if let Some(encoding) = encoding(export.compression) {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        let agent = Agent::new_with_config(config.build());
        let compression = export.compression;
        Ok(Self { agent, uri, headers, compression, body: Vec::new() })
    }

    fn post(&self, body: &[u8]) -> Result<http::Response<Body>, ureq::Error> {
        let mut request = http::Request::post(&self.uri).body(body)?;
        *request.headers_mut() = self.headers.clone();
        self.agent.run(request)
    }

    /// Sends a request, and gives what comes back as it is.
    pub(crate) fn exchange(
        &mut self,
        request: &[u8],
    ) -> Result<http::Response<Body>, ExchangeError> {
        self.body.clear();
        let mut body = std::mem::take(&mut self.body);
        let response = match compress(self.compression, request, &mut body) {
            Ok(()) => self.post(&body).map_err(ExchangeError::Way),
            Err(error) => Err(ExchangeError::Compression(error)),
        };
        self.body = body;
        response
    }

    /// Host and port of the proxy that the environment puts before the receiver.
    pub(crate) fn proxy(&self) -> Option<(String, u16)> {
        let proxy = self.agent.config().proxy().filter(|proxy| !proxy.is_no_proxy(&self.uri))?;
        Some((proxy.host().to_owned(), proxy.port()))
    }
}

/// Why nothing came back.
#[derive(Debug)]
pub(crate) enum ExchangeError {
    Compression(io::Error),
    Way(ureq::Error),
}

impl Transport for Http {
    fn send(&mut self, request: &[u8]) -> Answer {
        match self.exchange(request) {
            Ok(response) => read(response),
            Err(ExchangeError::Way(error)) => failed(&error),
            Err(ExchangeError::Compression(error)) => Answer::Later {
                why: format!("cannot compress: {error}"),
                after: None,
                certainty: Certainty::NotTaken,
            },
        }
    }
}

/// What a body holds, as far as it is read.
pub(crate) fn body_of(response: &mut http::Response<Body>) -> Result<Vec<u8>, ureq::Error> {
    response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()
}

/// The answer of a response.
fn read(mut response: http::Response<Body>) -> Answer {
    let status = response.status();
    let after = response.headers().get(RETRY_AFTER).and_then(|header| header.to_str().ok());
    let after = after.and_then(|header| retry_after(header, clock::wall()));
    match body_of(&mut response) {
        Ok(body) if status.is_success() => Answer::of_response(&body),
        // The status is the answer; what it goes on to say cannot be read.
        Err(_) if status.is_success() => Answer::of_response(&[]),
        body => Answer::of_status(status.as_u16(), after, &body.unwrap_or_default()),
    }
}

/// The answer where there is none.
fn failed(error: &ureq::Error) -> Answer {
    let certainty = match error {
        ureq::Error::Io(error) if is_before_request(error) => Certainty::NotTaken,
        ureq::Error::Io(_) | ureq::Error::Protocol(_) => Certainty::Unclear,
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => Certainty::NotTaken,
        ureq::Error::Timeout(_) => Certainty::Unclear,
        _ => Certainty::NotTaken,
    };
    Answer::Later { why: why(error), after: None, certainty }
}

/// What went wrong on the way, in words.
pub(crate) fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "the host's name is not known".to_owned(),
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(timeout) => format!("no answer in time ({timeout})"),
        other => other.to_string(),
    }
}

/// Whether the connection failed before a request was sent.
fn is_before_request(error: &io::Error) -> bool {
    let is_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
    let kinds = [
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::HostUnreachable,
        io::ErrorKind::NetworkUnreachable,
        io::ErrorKind::AddrNotAvailable,
    ];
    is_tls || kinds.contains(&error.kind())
}

/// The headers of every request. None of their values is shown anywhere.
fn headers(export: &Export) -> Result<HeaderMap, OtlpError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &export.headers {
        let wrong = || {
            let name = obs_core::escape::terminal(name).into_owned();
            OtlpError::new(OtlpErrorKind::Header, format!("the header {name} cannot be sent"))
        };
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}
