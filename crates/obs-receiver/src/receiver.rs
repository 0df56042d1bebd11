//! The receiver itself.
use crate::behaviour::{Behaviour, Verdict};
use crate::certificates::Certificates;
use crate::store::{Request, Store};
use crate::{grpc, http};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a receiver is started.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ReceiverOptions {
    /// Certificates to show, and whose clients are let in; without them there is no TLS.
    pub certificates: Option<Certificates>,
    /// Whether clients need a certificate.
    pub wants_client: bool,
}

/// A receiver of OTLP on this machine, on ports that were free.
#[derive(Debug)]
pub struct Receiver {
    http: SocketAddr,
    grpc: SocketAddr,
    is_secure: bool,
    shared: Arc<Shared>,
}

/// What its threads share.
#[derive(Debug)]
pub(crate) struct Shared {
    store: Mutex<Store>,
    behaviour: Mutex<(Behaviour, u64)>,
}

impl Receiver {
    /// A receiver without TLS.
    ///
    /// # Errors
    ///
    /// What the system says when it listens.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&ReceiverOptions::default())
    }

    /// A receiver as wanted.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_with(options: &ReceiverOptions) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            store: Mutex::default(),
            behaviour: Mutex::new((Behaviour::Take, 0)),
        });
        let listener = || TcpListener::bind("127.0.0.1:0");
        let (for_http, for_grpc) = (listener()?, listener()?);
        let receiver = Self {
            http: for_http.local_addr()?,
            grpc: for_grpc.local_addr()?,
            is_secure: options.certificates.is_some(),
            shared,
        };
        http::listen(for_http, options, Arc::clone(&receiver.shared))?;
        grpc::listen(for_grpc, options, Arc::clone(&receiver.shared))?;
        Ok(receiver)
    }

    /// Where it listens for HTTP.
    #[must_use]
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Where it listens for gRPC.
    #[must_use]
    pub fn grpc(&self) -> SocketAddr {
        self.grpc
    }

    /// The endpoint of a protocol: `grpc` or any other.
    #[must_use]
    pub fn endpoint(&self, protocol: &str) -> String {
        let address = if protocol == "grpc" { self.grpc } else { self.http };
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://localhost:{}", address.port())
    }

    /// Behaves so from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        *lock(&self.shared.behaviour) = (behaviour, u64::MAX);
    }

    /// Behaves so for the next `requests` requests, and takes those behind them.
    pub fn behave_for(&self, requests: u64, behaviour: Behaviour) {
        *lock(&self.shared.behaviour) = (behaviour, requests);
    }

    /// What it has taken.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.shared.store)
    }
}

impl Shared {
    /// Does with a request what is to be done.
    pub(crate) fn apply(&self, request: Request, headers: http::Headers) -> (Verdict, Duration) {
        let behaviour = {
            let mut current = lock(&self.behaviour);
            match &mut *current {
                (_, 0) => Behaviour::Take,
                (behaviour, left) => {
                    *left = if *left == u64::MAX { u64::MAX } else { *left - 1 };
                    behaviour.clone()
                }
            }
        };
        let mut store = lock(&self.store);
        store.headers = headers;
        behaviour.apply(request, &mut store)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
