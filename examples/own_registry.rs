//! A program with a `tracing` registry of its own: its lines on standard error are those of `fmt`, and the run has them
//! all, with more detail for as long as that is needed.
#![forbid(unsafe_code)]

use obs::Context;
use std::time::Duration;
use tracing::{debug, info, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};

fn main() -> anyhow::Result<()> {
    // `obs::init_beside` and OBS_CONSOLE=false in one: `fmt` is the console.
    let mut settings = obs::Settings::from_env();
    settings.service = "own-registry".into();
    (settings.subscriber, settings.console) = (false, false);
    let run = obs::init_with(settings)?;
    let registry = tracing_subscriber::registry()
        .with(fmt::layer().with_writer(std::io::stderr).with_filter(LevelFilter::WARN))
        .with(obs::layer(&run));
    tracing::subscriber::set_global_default(registry)?;
    obs::install_logger(&run)?;

    run.set_context(&Context::new().with("version", "1.0"));
    let batch = info_span!("batch", number = 7).entered();
    info!(rows = 1500, "batch loaded");
    log::warn!(target: "legacy", attempts = 3; "from the log crate");

    debug!(target: "app::db", "nobody wants to know");
    run.set_filter_for(run.filter().with("app::db=debug")?, Duration::from_secs(600));
    debug!(target: "app::db", pool = 4, "for ten minutes");
    drop(batch);

    let directory = run.dir().map(|path| path.display().to_string());
    let delivery = run.finish(Duration::from_secs(5));
    anyhow::ensure!(delivery.is_complete(), "{delivery}");
    let words = format!("{delivery}\n{}\n", directory.unwrap_or_default());
    std::io::Write::write_all(&mut std::io::stdout(), words.as_bytes())?;
    Ok(())
}
