//! tracing-opentelemetry over the SDK's batch processor, with an exporter that takes spans and does nothing.
use super::System;
use super::tracing_json;
use crate::work::Work;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use std::ops::Range;
use std::path::Path;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub(crate) struct TracingOpentelemetry {
    provider: SdkTracerProvider,
}

#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        drop(spans);
        Ok(())
    }
}

impl TracingOpentelemetry {
    pub(crate) fn start(_: &Path) -> anyhow::Result<Self> {
        let provider = SdkTracerProvider::builder().with_batch_exporter(Nowhere).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
        tracing_subscriber::registry().with(EnvFilter::new("info")).with(layer).try_init()?;
        Ok(Self { provider })
    }
}

impl System for TracingOpentelemetry {
    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        let is_span = matches!(work, Work::Span | Work::SpanAsync | Work::SpanDeep);
        is_span && tracing_json::work(work, numbers)
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        self.provider.shutdown()?;
        Ok(None)
    }
}
