//! A run whose journal is read afterwards.
use crate::process::Errand;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tracing::{info, info_span};

/// Makes records like those of a service, in a run below the directory.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Records {
    /// Spans, each with seven events in it.
    pub(crate) spans: u64,
    pub(crate) root: PathBuf,
}

impl Errand for Records {
    const KIND: &'static str = "records";
    type Found = PathBuf;

    fn run(&self, _: &Path) -> anyhow::Result<PathBuf> {
        let mut settings = obs::Settings::default();
        settings.service = "bench".to_owned();
        settings.run_root = Some(self.root.clone());
        (settings.console, settings.log_file) = (false, false);
        settings.overflow = obs::settings::Overflow::Block;
        settings.journal_bytes_max = 16 << 30;
        let run = obs::init_with(settings)?;
        let path = run.dir().unwrap_or_else(|| Path::new("")).to_owned();
        for number in 0..self.spans {
            let id = format!("{:08x}", number.wrapping_mul(0x9e37_79b9));
            let context = obs::Context::current().with("request_id", id.as_str()).enter();
            let span = info_span!("GET /orders/{id}", http.route = "/orders/{id}", number);
            let _inside = span.enter();
            for step in 0..7_u64 {
                let took_ms = (number % 97) as f64 / 8.0;
                info!(step, rows = number % 1000, took_ms, cached = step % 2 == 0, "step done");
            }
            drop(context);
        }
        let delivery = run.finish(Duration::from_secs(300));
        anyhow::ensure!(delivery.is_complete(), "{delivery}");
        Ok(path)
    }
}
