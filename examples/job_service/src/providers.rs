//! The provider, as the service knows it.
use crate::intent::Kind;
use crate::provider::{Answer, Question};
use axum::body::Body;
use axum::http::{Request, StatusCode, Uri, header};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use obs::http::{ClientLayer, ResendCount, UrlTemplate};
use std::time::Duration;
use tower::{Layer, Service};
use tracing::warn;

/// How often a provider is asked.
const TRIES_MAX: u32 = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// Why the provider gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error("the provider cannot be reached")]
    Connection(#[from] hyper_util::client::legacy::Error),
    #[error("the provider answered {0}")]
    Status(StatusCode),
    #[error("the provider's answer makes no sense")]
    Answer(#[from] serde_json::Error),
    #[error("the provider's answer broke off")]
    Body(#[from] axum::Error),
    #[error("the provider's address makes no sense")]
    Address(#[from] axum::http::Error),
}

/// Asks the provider; each try has a span of its own.
#[derive(Debug, Clone)]
pub(crate) struct Providers {
    client: obs::http::Client<Client<HttpConnector, Body>>,
    base: String,
}

impl Providers {
    pub(crate) fn new(base: String) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client: ClientLayer::new().layer(client), base }
    }

    /// An answer, or why there is none after so many tries.
    pub(crate) async fn ask(&self, kind: Kind, text: &str) -> Result<String, ProviderError> {
        let mut pause = FIRST_PAUSE;
        for count in 0.. {
            match self.try_once(kind, text, count).await {
                Err(error) if count + 1 < TRIES_MAX && is_transient(&error) => {
                    warn!(error = &error as &dyn std::error::Error, count, "asking again");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                other => return other,
            }
        }
        Err(ProviderError::Status(StatusCode::SERVICE_UNAVAILABLE))
    }

    async fn try_once(&self, kind: Kind, text: &str, count: u32) -> Result<String, ProviderError> {
        let question = serde_json::to_vec(&Question { text: text.to_owned() })?;
        let uri: Uri = format!("{}/v1/{}", self.base, kind.as_str())
            .parse()
            .map_err(axum::http::Error::from)?;
        let request = Request::post(uri)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(UrlTemplate("/v1/{kind}".to_owned()))
            .extension(ResendCount(count))
            .body(Body::from(question))?;
        let response = self.client.clone().call(request).await?;
        if !response.status().is_success() {
            return Err(ProviderError::Status(response.status()));
        }
        let body = Body::new(response.into_body()).collect().await?.to_bytes();
        let answer: Answer = serde_json::from_slice(&body)?;
        Ok(answer.text)
    }
}

fn is_transient(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Connection(_))
        || matches!(error, ProviderError::Status(status) if status.is_server_error())
}
