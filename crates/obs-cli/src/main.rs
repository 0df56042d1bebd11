//! The `obs` command: what runs left behind, listed, read, recovered and bundled.
//!
//! | command | does |
//! |---|---|
//! | `obs runs [SERVICE]` | lists runs, newest first, from `run.json` alone; `--failures` the ways in which they failed |
//! | `obs logs [RUN] [FIELD=VALUE]...` | shows a run's records from its journal, also while it is alive |
//! | `obs recover [RUN]` | completes what a dead run left, and says how it ended |
//! | `obs send [RUN]` | sends what receivers have not got of a run, by OTLP |
//! | `obs sql` | looks after the database that records are kept in: `migrate`, `cleanup`, `import`, `query` |
//! | `obs doctor` | says what is wrong with the set-up of a program, and what to do |
//! | `obs redact` | takes secrets out of standard input |
//! | `obs bundle [RUN]` | puts a run into one file; `obs bundle list` tells before what would be in it |
//! | `obs bundle redact ZIP` | makes a bundle of a bundle, redacted once more and with fewer files |
//! | `obs bundle verify ZIP` | checks such a file; `view` and `summary` read it without unpacking it |
//!
//! Results go to standard output, everything else to standard error: an error is one line `obs: …`, perhaps with lines
//! `hint: …` behind it. Text from records and file names is made safe for a terminal.
//!
//! | exit code | means |
//! |---|---|
//! | 0 | done |
//! | 1 | it could not be done |
//! | 2 | the command line makes no sense |
//! | 3 | there is no such run |
//! | 4 | `bundle verify`, `redact`, `view` or `summary`: the bundle is not whole |
//! | 5 | done in part: what is missing is listed |
//! | 6 | the run is alive, so it cannot be recovered or sent |
//! | 7 | `doctor`: there is a warning or a problem |
//! | 130 | `bundle`: ended by signals, and nothing was written |
//!
//! A reader that goes away (`obs logs | head`) is no error.
#![forbid(unsafe_code)]

mod bundle;
mod catalog;
mod command;
mod digest;
mod doctor;
mod encoding;
mod exit;
mod export;
mod failure;
mod failures;
mod filter;
mod journal;
mod like;
mod lines;
mod list;
mod logs;
mod markdown;
mod options;
mod otlp;
mod output;
mod paint;
mod recover;
mod recovered;
mod redact;
mod runs;
mod seal;
mod select;
mod send;
mod signals;
mod size;
mod spans;
mod sql;
mod stage;
mod state;
mod summary;
mod table;
mod tail;
mod tighten;
mod value;
mod verify;
mod view;

use clap::Parser;
use obs_core::Settings;
use options::Options;
use output::Output;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => return output::say_usage(&error).into(),
    };
    let mut settings = Settings::from_env();
    if options.root.is_some() {
        settings.run_root.clone_from(&options.root);
    }
    let mut output = Output::new(options.color.unwrap_or(settings.color));
    let outcome = command::run(&options.command, &settings, &mut output);
    match outcome.and_then(|exit| output.finish().map(|()| exit)) {
        Ok(exit) => exit.into(),
        Err(failure) => output.say_failure(&failure).into(),
    }
}
