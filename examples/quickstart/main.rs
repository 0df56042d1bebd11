//! Indexes a tree of sources with several threads and an async stage, and shows what is left of that afterwards.
//!
//! `main` starts a run and ends it; all other modules use nothing but `tracing`, `log` and `obs::traced`.
#![forbid(unsafe_code)]

mod command;
mod crash;
mod executor;
mod file;
mod index;
mod language;
mod options;
mod progress;
mod promise;
mod queue;
mod report;
mod summary;
mod totals;
mod tree;
mod workers;

use obs::settings::Origin;
use obs::{Context, Run, Settings};
use options::{Options, USAGE};
use serde_json::json;
use std::io::Write;
use std::time::Duration;

/// How long it may take until every sink has everything.
const FINISH_MAX: Duration = Duration::from_secs(30);

fn main() -> anyhow::Result<()> {
    let Some(mut options) = Options::parse(std::env::args_os().skip(1))? else {
        return Ok(std::io::stdout().write_all(USAGE.as_bytes())?);
    };
    let settings = settings();
    options.shows_progress &= !settings.console;
    let run = obs::init_with(settings)?;
    let directory = run.dir().map(ToOwned::to_owned);
    describe(&run, &options);
    let indexed = index::index(&run, &options)?;
    let delivery = run.finish(FINISH_MAX);
    report::print(&indexed, &delivery, directory.as_deref())
}

/// The console shows a line for each file, so it is on only where somebody asks for it.
fn settings() -> Settings {
    let mut settings = Settings::from_env();
    settings.service = "quickstart".to_owned();
    if settings.origin("console") == Some(Origin::Default) {
        settings.console = false;
    }
    settings
}

/// Attributes of every line, and a section of `env.json`.
fn describe(run: &Run, options: &Options) {
    let system = rustix::system::uname();
    let host = system.nodename().to_string_lossy();
    run.set_context(&Context::new().with("host", host).with("cores", options::cores()));
    let section = json!({
        "root": options.root.to_string_lossy(),
        "threads": options.threads,
        "files_max": options.files_max,
        "crash": options.crash,
    });
    run.env_section("index", section);
}
