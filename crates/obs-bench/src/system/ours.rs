//! obs as a program has it from `obs::init`.
use super::System;
use obs::settings::Overflow;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tracing_subscriber::layer::SubscriberExt;

pub(crate) struct Ours {
    /// Threads log beside it, and it is not one that they may share.
    run: Mutex<obs::Run>,
}

/// How obs is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Manner {
    /// All defaults: redaction, journal, `log.jsonl`, `spans.jsonl` and the console, whose standard error is a file
    /// here.
    Default,
    /// For work without a pause: a thread whose ring is full waits as long as it takes, there is no console, and the
    /// files are rotated and removed so that no disk is filled. Peers that write lines have neither console nor
    /// compression either.
    Bounded,
    /// As [`Manner::Bounded`], and every line stays.
    Whole,
    /// As [`Manner::Default`], as a layer of a registry.
    Layer,
}

const ROTATE_BYTES: u64 = 64 << 20;

/// The settings of a run below `directory`.
pub(crate) fn settings(directory: &Path, manner: Manner) -> obs::Settings {
    let mut settings = obs::Settings::from_env();
    settings.service = "bench".to_owned();
    settings.run_root = Some(directory.to_owned());
    settings.subscriber = manner != Manner::Layer;
    if matches!(manner, Manner::Bounded | Manner::Whole) {
        settings.overflow = Overflow::Block;
        settings.console = false;
        settings.log_gzip = false;
        let is_bounded = manner == Manner::Bounded;
        settings.log_rotate_bytes = if is_bounded { ROTATE_BYTES } else { 0 };
        settings.log_files_max = u32::from(is_bounded);
    }
    settings
}

impl Ours {
    pub(crate) fn start(directory: &Path, manner: Manner) -> anyhow::Result<Self> {
        let run = obs::init_with(settings(directory, manner))?;
        if manner == Manner::Layer {
            let registry = tracing_subscriber::registry().with(obs::layer(&run));
            tracing::subscriber::set_global_default(registry)?;
        }
        Ok(Self { run: Mutex::new(run) })
    }
}

impl System for Ours {
    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        let run = self.run.into_inner().unwrap_or_else(PoisonError::into_inner);
        lost_of(&run.finish(Duration::from_secs(120)))
    }
}

/// The records that the journal or a sink did not get.
pub(super) fn lost_of(delivery: &obs::Delivery) -> anyhow::Result<Option<u64>> {
    anyhow::ensure!(delivery.error.is_none(), "{delivery}");
    let undelivered = delivery.sinks.iter().map(|sink| sink.lost + sink.pending).max();
    Ok(Some(delivery.lost.max(undelivered.unwrap_or(0))))
}
