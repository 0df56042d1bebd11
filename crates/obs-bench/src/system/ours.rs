//! obs, with all its defaults: redaction, journal, `log.jsonl`, `spans.jsonl` and the console, whose standard error is
//! a file here.
use super::{System, tracing_json};
use crate::work::Work;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

pub(crate) struct Ours {
    run: obs::Run,
}

impl Ours {
    pub(crate) fn start(directory: &Path) -> anyhow::Result<Self> {
        let mut settings = obs::Settings::from_env();
        settings.service = "bench".to_owned();
        settings.run_root = Some(directory.to_owned());
        Ok(Self { run: obs::init_with(settings)? })
    }
}

impl System for Ours {
    fn within_spans(&self, inside: &mut dyn FnMut()) {
        tracing_json::within_spans(inside);
    }

    fn run(&self, work: Work, numbers: Range<u64>) -> bool {
        tracing_json::work(work, numbers)
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Option<u64>> {
        let delivery = self.run.finish(Duration::from_secs(60));
        anyhow::ensure!(delivery.error.is_none(), "{delivery}");
        Ok(Some(delivery.lost))
    }
}
