//! opentelemetry-appender-tracing over the SDK's batch processor, with an exporter that counts records and does nothing
//! else. The attributes of spans are not copied to records, which is how the appender is fastest. The processor drops
//! what its queue has no room for: the queue is as long as those of others.
use super::{QUEUE_RECORDS, System, tracing_json};
use crate::work::Work;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{
    BatchConfigBuilder, BatchLogProcessor, LogBatch, LogExporter, SdkLoggerProvider,
};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub(crate) struct OpentelemetryLogs {
    provider: SdkLoggerProvider,
    made: AtomicU64,
    taken: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Counting {
    taken: Arc<AtomicU64>,
}

impl LogExporter for Counting {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.taken.fetch_add(batch.iter().count() as u64, Ordering::Relaxed);
        Ok(())
    }
}

impl OpentelemetryLogs {
    pub(crate) fn start(_: &Path) -> anyhow::Result<Self> {
        let taken = Arc::new(AtomicU64::new(0));
        let queue = BatchConfigBuilder::default().with_max_queue_size(QUEUE_RECORDS).build();
        let processor = BatchLogProcessor::builder(Counting { taken: Arc::clone(&taken) })
            .with_batch_config(queue)
            .build();
        let provider = SdkLoggerProvider::builder().with_log_processor(processor).build();
        let layer = OpenTelemetryTracingBridge::new(&provider);
        tracing_subscriber::registry().with(EnvFilter::new("info")).with(layer).try_init()?;
        Ok(Self { provider, made: AtomicU64::new(0), taken })
    }
}

impl System for OpentelemetryLogs {
    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        if matches!(work, Work::Event | Work::EventStr) {
            self.made.fetch_add(numbers.end - numbers.start, Ordering::Relaxed);
        }
        matches!(work, Work::Event | Work::EventStr | Work::Disabled)
            && tracing_json::work(work, numbers)
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        self.provider.shutdown()?;
        let taken = self.taken.load(Ordering::Relaxed);
        Ok(Some(self.made.load(Ordering::Relaxed).saturating_sub(taken)))
    }
}
