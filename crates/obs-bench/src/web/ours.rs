//! obs with everything that leaves the process.
use crate::system::ours::{Manner, settings};
use anyhow::Context as _;
use std::path::Path;

pub(super) fn start(directory: &Path, endpoint: &str) -> anyhow::Result<obs::Run> {
    let mut settings = settings(directory, Manner::Default);
    settings.console = false;
    settings.otel.otlp.endpoint = Some(endpoint.parse().context("the receiver's endpoint")?);
    Ok(obs::init_with(settings)?)
}
