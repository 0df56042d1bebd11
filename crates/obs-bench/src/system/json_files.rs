//! tracing-subscriber with several layers, each of which makes lines of JSON for a file and a thread of its own.
use super::{System, tracing_json};
use std::path::Path;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub(crate) struct JsonFiles {
    _guards: Vec<WorkerGuard>,
}

impl JsonFiles {
    pub(crate) fn start(directory: &Path, files: u32) -> anyhow::Result<Self> {
        let (layers, guards): (Vec<_>, Vec<_>) = (0..files)
            .map(|number| {
                let (writer, guard) =
                    tracing_json::writer(directory, &format!("log-{number}.jsonl"));
                (tracing_subscriber::fmt::layer().json().with_writer(writer).boxed(), guard)
            })
            .unzip();
        tracing_subscriber::registry().with(layers.with_filter(LevelFilter::INFO)).try_init()?;
        Ok(Self { _guards: guards })
    }
}

impl System for JsonFiles {}
