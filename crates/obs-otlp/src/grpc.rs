//! gRPC, in a runtime of its own that only runs while a request is under way.
use crate::answer::{Answer, Cause, Certainty, retry_delay, said};
use crate::clock::Moment;
use crate::error::{OtlpError, OtlpErrorKind};
use crate::tls::Tls;
use crate::transport::{Transport, USER_AGENT};
use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use obs_core::settings::Compression;
use obs_core::settings::otel::{Export, Signal};
use std::error::Error;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{Ascii, MetadataKey, MetadataMap, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

/// A connection that nobody used for so long is made anew: nothing has looked after it meanwhile.
const IDLE_MAX: Duration = Duration::from_secs(10);

pub(crate) struct Grpc {
    runtime: Runtime,
    way: Way,
    channel: Option<(Channel, Moment)>,
}

/// How a request is sent.
struct Way {
    endpoint: Endpoint,
    path: PathAndQuery,
    metadata: MetadataMap,
    compression: Compression,
    timeout: Duration,
}

impl Grpc {
    pub(crate) fn new(export: &Export) -> Result<Self, OtlpError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .thread_name("obs-otlp-names")
            .on_thread_start(obs_core::own::mark_thread)
            .build()
            .map_err(|error| {
                OtlpError::new(OtlpErrorKind::System, format!("cannot start a runtime: {error}"))
            })?;
        let way = Way {
            endpoint: endpoint(export)?,
            path: PathAndQuery::from_static(path(export.signal)),
            metadata: metadata(export)?,
            compression: export.compression,
            timeout: export.timeout,
        };
        Ok(Self { runtime, way, channel: None })
    }
}

fn path(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        _ => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    }
}

fn endpoint(export: &Export) -> Result<Endpoint, OtlpError> {
    let wrong = |error: tonic::transport::Error| {
        let message = format!("{}: {}", export.endpoint, causes(&error));
        OtlpError::new(OtlpErrorKind::Endpoint, message)
    };
    let endpoint = Endpoint::from_shared(export.endpoint.to_string()).map_err(wrong)?;
    let endpoint = endpoint.user_agent(USER_AGENT).map_err(wrong)?;
    let endpoint = endpoint.connect_timeout(export.timeout);
    if export.endpoint.is_secure() == Some(true) {
        return endpoint.tls_config(Tls::load(export)?.of_grpc()).map_err(wrong);
    }
    Ok(endpoint)
}

/// What goes along with every call. None of the values is shown anywhere.
fn metadata(export: &Export) -> Result<MetadataMap, OtlpError> {
    let mut metadata = MetadataMap::new();
    for (name, value) in &export.headers {
        let wrong = || {
            let name = obs_core::escape::terminal(name).into_owned();
            OtlpError::new(OtlpErrorKind::Header, format!("the header {name} cannot be sent"))
        };
        let key: MetadataKey<Ascii> = name.to_ascii_lowercase().parse().map_err(|_| wrong())?;
        let value: MetadataValue<Ascii> = value.expose().parse().map_err(|_| wrong())?;
        metadata.append(key, value);
    }
    Ok(metadata)
}

/// What came back of a call.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The message of a good answer.
    Good(Vec<u8>),
    /// A status other than a good one; it has a source where nobody on the other side said so.
    Status(Status),
    /// Nothing was sent.
    NotConnected(String),
    /// Nothing, in this time.
    Silence(Duration),
}

impl Grpc {
    /// Calls with a request, and gives what comes back as it is.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Reply {
        let channel = self.channel.take().filter(|(_, used)| used.elapsed() < IDLE_MAX);
        let channel = channel.map(|(channel, _)| channel);
        let request = Bytes::copy_from_slice(request);
        let sent =
            async { tokio::time::timeout(self.way.timeout, self.way.call(channel, request)).await };
        match self.runtime.block_on(sent) {
            Ok((reply, channel)) => {
                self.channel = channel.map(|channel| (channel, Moment::now()));
                reply
            }
            Err(_) => Reply::Silence(self.way.timeout),
        }
    }
}

impl Transport for Grpc {
    fn send(&mut self, request: &[u8]) -> Answer {
        match self.exchange(request) {
            Reply::Good(message) => Answer::of_response(&message),
            Reply::Status(status) => of_status(&status),
            Reply::NotConnected(why) => {
                Answer::Later { why, after: None, certainty: Certainty::NotTaken }
            }
            Reply::Silence(time) => Answer::Later {
                why: format!("no answer in {time:?}"),
                after: None,
                certainty: Certainty::Unclear,
            },
        }
    }
}

impl Way {
    /// What came back, and the connection if it can be used again.
    async fn call(&self, channel: Option<Channel>, body: Bytes) -> (Reply, Option<Channel>) {
        let channel = match channel {
            Some(channel) => channel,
            None => match self.endpoint.connect().await {
                Ok(channel) => channel,
                Err(error) => return (Reply::NotConnected(causes(&error)), None),
            },
        };
        let mut client = tonic::client::Grpc::new(channel.clone());
        client = match self.compression {
            Compression::Gzip => client.send_compressed(CompressionEncoding::Gzip),
            Compression::Zstd => client.send_compressed(CompressionEncoding::Zstd),
            _ => client,
        };
        client = client
            .accept_compressed(CompressionEncoding::Gzip)
            .accept_compressed(CompressionEncoding::Zstd);
        if let Err(error) = client.ready().await {
            return (Reply::NotConnected(causes(&error)), None);
        }
        let mut request = Request::new(body);
        *request.metadata_mut() = self.metadata.clone();
        request.set_timeout(self.timeout);
        match client.unary(request, self.path.clone(), Plain).await {
            Ok(response) => (Reply::Good(response.into_inner()), Some(channel)),
            Err(status) => {
                let is_broken = status.source().is_some();
                (Reply::Status(status), (!is_broken).then_some(channel))
            }
        }
    }
}

/// What follows from a status other than a good one.
fn of_status(status: &Status) -> Answer {
    if let Some(source) = status.source() {
        // Nobody on the other side said so: the connection broke, or it was no gRPC.
        let why = causes(source);
        return Answer::Later { why, after: None, certainty: Certainty::Unclear };
    }
    let message = said(status.message().as_bytes());
    let why = format!("gRPC {:?}", status.code());
    let why = if message.is_empty() { why } else { format!("{why}: {message}") };
    let after = retry_delay(status.details());
    let certainty = match status.code() {
        Code::DeadlineExceeded | Code::Cancelled => Certainty::Unclear,
        _ => Certainty::NotTaken,
    };
    let is_later = match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => true,
        Code::ResourceExhausted => after.is_some(),
        _ => false,
    };
    if is_later {
        return Answer::Later { why, after, certainty };
    }
    let cause = match status.code() {
        Code::InvalidArgument | Code::ResourceExhausted => Cause::Content,
        _ => Cause::Sender,
    };
    Answer::Refused { why, cause }
}

/// An error with what caused it.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text += ": ";
            text += &cause_text;
        }
        next = cause.source();
    }
    text
}

/// Messages as they are.
#[derive(Debug, Clone, Copy)]
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(item);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; from.remaining()];
        from.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}
