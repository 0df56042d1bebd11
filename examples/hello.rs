//! The shortest program: a few records, a span, an error, and what became of them.
#![forbid(unsafe_code)]

use std::time::Duration;
use tracing::{error, info, info_span, warn};

fn main() -> anyhow::Result<()> {
    let run = obs::init("hello")?;
    run.set_context(&obs::Context::new().with("version", "1.0"));
    let batch = info_span!("batch", number = 7);
    let _entered = batch.enter();
    let _request = obs::Context::new().with("request_id", "7f3a").enter();
    info!(rows = 1500, password = "hunter2", "batch loaded");
    log::warn!(target: "legacy", attempts = 3; "from the log crate");
    warn!("a line\nthat tries \x1b[31mto forge another");
    error!(
        error = &std::io::Error::other("disk on fire") as &(dyn std::error::Error + 'static),
        "cannot save"
    );
    if std::env::args().any(|argument| argument == "--crash") {
        std::process::abort();
    }
    if std::env::args().any(|argument| argument == "--exit") {
        std::process::exit(3);
    }
    drop(_entered);
    drop(batch);
    let directory = run.dir().map(|path| path.display().to_string());
    let delivery = run.finish(Duration::from_secs(5));
    anyhow::ensure!(delivery.is_complete(), "{delivery}");
    std::io::Write::write_all(
        &mut std::io::stdout(),
        format!("{delivery}\n{}\n", directory.unwrap_or_default()).as_bytes(),
    )?;
    Ok(())
}
