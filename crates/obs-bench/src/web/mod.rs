//! The example service under load: served with nothing, with ours and with what is glued together today.
pub(crate) mod load;
mod ours;
mod peer;
pub(crate) mod receiver;

use anyhow::Context as _;
use axum::Router;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::path::Path;

/// What observes the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Observer {
    /// Nothing at all.
    Nothing,
    /// Our layer, and a run with everything: journal, `log.jsonl`, `spans.jsonl`, spans and log records by OTLP.
    Ours,
    /// tower-http's layers, tracing-opentelemetry, the appender for logs, and the SDK's batches by OTLP; no files.
    Peer,
}

impl Observer {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Ours => "obs",
            Self::Peer => "tower-http+tracing-otel+sdk",
        }
    }

    /// Starts it in this process, and lays it around the service. It lasts as long as what is returned.
    pub(crate) fn around(
        self,
        routes: Router,
        directory: &Path,
        endpoint: &str,
    ) -> anyhow::Result<(Router, Box<dyn Any>)> {
        Ok(match self {
            Self::Nothing => (routes, Box::new(())),
            Self::Ours => {
                let run = ours::start(directory, endpoint).context("obs")?;
                (routes.layer(obs::http::ServerLayer::new()), Box::new(run))
            }
            Self::Peer => {
                let providers = peer::start(endpoint).context("the SDK")?;
                (peer::around(routes), Box::new(providers))
            }
        })
    }
}
