//! The receiver's side of gRPC: a runtime on a thread of its own.
use crate::behaviour::Verdict;
use crate::receiver::{ReceiverOptions, Shared};
use crate::store::Request as Decoded;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::codec::CompressionEncoding;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Code, Request, Response, Status};

struct Service {
    shared: Arc<Shared>,
}

pub(crate) fn listen(
    listener: TcpListener,
    options: &ReceiverOptions,
    shared: Arc<Shared>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut server = Server::builder();
    if let Some(certificates) = &options.certificates {
        let identity = Identity::from_pem(&certificates.server, &certificates.server_key);
        let mut tls = ServerTlsConfig::new().identity(identity);
        if options.wants_client {
            tls = tls.client_ca_root(Certificate::from_pem(&certificates.authority));
        }
        server = server.tls_config(tls).map_err(io::Error::other)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let traces = TraceServiceServer::new(Service { shared: Arc::clone(&shared) })
        .accept_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Zstd)
        .send_compressed(CompressionEncoding::Gzip);
    let logs = LogsServiceServer::new(Service { shared })
        .accept_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Zstd);
    thread::Builder::new().name("receiver-grpc".to_owned()).spawn(move || {
        runtime.block_on(async move {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            let served = server
                .add_service(traces)
                .add_service(logs)
                .serve_with_incoming(TcpListenerStream::new(listener));
            // It serves as long as the process lives.
            drop(served.await);
        });
    })?;
    Ok(())
}

impl Service {
    /// Does with a request what is to be done, and says how many of its records were rejected.
    async fn apply<T>(&self, request: Request<T>, of: fn(T) -> Decoded) -> Result<u64, Status> {
        let text = |value: &tonic::metadata::AsciiMetadataValue| {
            value.to_str().unwrap_or_default().to_owned()
        };
        let metadata = request.metadata().iter().filter_map(|entry| match entry {
            tonic::metadata::KeyAndValueRef::Ascii(name, value) => {
                Some((name.as_str().to_owned(), text(value)))
            }
            tonic::metadata::KeyAndValueRef::Binary(..) => None,
        });
        let headers = metadata.collect();
        let (verdict, wait) = self.shared.apply(of(request.into_inner()), headers);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        match verdict {
            Verdict::Good { rejected } => Ok(rejected),
            Verdict::Refused { code, retry_info, .. } => {
                let details = retry_info.map(|seconds| status_with_retry(code, seconds));
                let details = details.unwrap_or_default().into();
                Err(Status::with_details(Code::from_i32(code), "not now", details))
            }
            Verdict::NoAnswer | Verdict::Nonsense => Err(Status::unknown("nonsense")),
        }
    }
}

/// A `google.rpc.Status` that asks for patience.
fn status_with_retry(code: i32, seconds: u32) -> Vec<u8> {
    use prost::encoding::{bytes, int32, uint32};
    let nested =
        |number: u32, message: &Vec<u8>, to: &mut Vec<u8>| bytes::encode(number, message, to);
    let (mut duration, mut info, mut any, mut status) = (vec![], vec![], vec![], vec![]);
    uint32::encode(1, &seconds, &mut duration);
    nested(1, &duration, &mut info);
    nested(1, &b"type.googleapis.com/google.rpc.RetryInfo".to_vec(), &mut any);
    nested(2, &info, &mut any);
    int32::encode(1, &code, &mut status);
    nested(3, &any, &mut status);
    status
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let rejected_spans = self.apply(request, Decoded::Traces).await? as i64;
        let partial_success = (rejected_spans > 0).then(|| ExportTracePartialSuccess {
            rejected_spans,
            error_message: "some were wrong".to_owned(),
        });
        Ok(Response::new(ExportTraceServiceResponse { partial_success }))
    }
}

#[tonic::async_trait]
impl LogsService for Service {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let rejected_log_records = self.apply(request, Decoded::Logs).await? as i64;
        let partial_success = (rejected_log_records > 0).then(|| ExportLogsPartialSuccess {
            rejected_log_records,
            error_message: "some were wrong".to_owned(),
        });
        Ok(Response::new(ExportLogsServiceResponse { partial_success }))
    }
}
