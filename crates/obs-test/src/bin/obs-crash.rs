//! `obs-crash [--kills N] [--seed S] [--threads N] [--root DIR]`: kills programs that log, recovers what they left, and
//! prints one JSON object. Fails unless everything that was acknowledged is there, once and in order.
#![forbid(unsafe_code)]

use obs_test::crash::{Plan, kill_many, live, recover};
use obs_test::options::{Options, end, exit};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = "obs-crash";
const KNOWN: [&str; 4] = ["--kills", "--seed", "--threads", "--root"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match given.as_slice() {
        ["live", root, ledger, threads, death, life] => {
            let (threads, life) = (threads.parse().unwrap_or(8), life.parse().unwrap_or(0));
            live(Path::new(root), Path::new(ledger), threads, death, Duration::from_micros(life));
            ExitCode::SUCCESS
        }
        ["recover", root, run] => exit(NAME, recover(Path::new(root), Path::new(run))),
        options => exit(NAME, command(options)),
    }
}

fn command(arguments: &[&str]) -> Result<(), String> {
    let options = Options::read(NAME, &KNOWN, arguments)?;
    let root = options.root();
    let plan = Plan {
        kills: options.number("--kills", 50)?,
        seed: options.number("--seed", 1)?,
        threads: options.number("--threads", 8)?.clamp(1, 64) as usize,
        root: root.clone(),
    };
    let verdict = kill_many(&plan)
        .map_err(|error| format!("cannot go on, see {}: {error}", root.display()))?;
    end(&verdict, verdict.is_good(), &root)
}
