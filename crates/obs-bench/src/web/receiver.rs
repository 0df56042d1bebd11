//! A receiver that takes everything, and keeps nothing: what it costs is little, and the same for all.
use anyhow::ensure;
use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::http::{HeaderValue, Response, header};
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// How long the first batch may take.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(5);

/// A receiver that runs as long as it is there.
pub(crate) struct Receiver {
    pub(crate) endpoint: String,
    bytes: Arc<AtomicU64>,
    _runtime: tokio::runtime::Runtime,
}

impl Receiver {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let bytes = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&bytes);
        let app = Router::new().fallback(move |body: Body| take(body, Arc::clone(&counted)));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Ok(Self { endpoint, bytes, _runtime: runtime })
    }

    /// Waits until something came, or finds that nothing does as nothing shall.
    pub(crate) fn wait_for_bytes(&self, shall_come: bool) -> anyhow::Result<()> {
        let mut polls = PATIENCE.as_millis() / POLL.as_millis();
        while shall_come && polls > 0 && self.bytes() == 0 {
            polls -= 1;
            thread::sleep(POLL);
        }
        let bytes = self.bytes();
        ensure!(shall_come == (bytes > 0), "{bytes} bytes were sent");
        Ok(())
    }

    /// Bytes of bodies so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

async fn take(mut body: Body, counted: Arc<AtomicU64>) -> Response<Body> {
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        match frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                counted.fetch_add(bytes, Ordering::Relaxed);
            }
            Some(Err(_)) | None => break,
        }
    }
    let mut response = Response::new(Body::empty());
    let kind = HeaderValue::from_static("application/x-protobuf");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
