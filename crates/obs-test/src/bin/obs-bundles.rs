//! `obs-bundles [--bundles N] [--rounds N] [--rate N] [--kept MIB] [--root DIR] [--obs PROGRAM]`: has bundles made of a
//! program under load, and prints one JSON object. Fails unless every one is whole and holds no secret; what it says of
//! the program's events, without and with bundles being made, is for people to judge.
#![forbid(unsafe_code)]

use obs_test::bundles::{Load, Plan, bundle_many, live};
use obs_test::options::{Options, end, exit};
use std::path::PathBuf;
use std::process::ExitCode;

const NAME: &str = "obs-bundles";
const KNOWN: [&str; 6] = ["--bundles", "--rounds", "--rate", "--kept", "--root", "--obs"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match given.as_slice() {
        ["live", root, rate, kept, phases] => {
            let number = |text: &str| text.parse().unwrap_or(1);
            let phases = number(phases) as usize;
            let (events_per_s, kept_mib) = (number(rate), number(kept));
            exit(NAME, live(&Load { root: root.into(), events_per_s, kept_mib, phases }))
        }
        options => exit(NAME, command(options)),
    }
}

fn command(arguments: &[&str]) -> Result<(), String> {
    let options = Options::read(NAME, &KNOWN, arguments)?;
    let beside = || std::env::current_exe().map(|path| path.with_file_name("obs"));
    let root = options.root();
    let plan = Plan {
        bundles: options.number("--bundles", 200)?,
        rounds: options.number("--rounds", 10)?.max(1),
        events_per_s: options.number("--rate", 20_000)?,
        kept_mib: options.number("--kept", 4)?,
        obs: match options.value("--obs") {
            Some(path) => PathBuf::from(path),
            None => beside().map_err(|error| error.to_string())?,
        },
        root: root.clone(),
    };
    if !plan.obs.is_file() {
        return Err(format!(
            "{} is not there: `cargo xtask bundles` builds it",
            plan.obs.display()
        ));
    }
    std::fs::create_dir_all(&root)
        .map_err(|error| format!("cannot make {}: {error}", root.display()))?;
    let verdict = bundle_many(&plan)
        .map_err(|error| format!("cannot go on, see {}: {error}", root.display()))?;
    end(&verdict, verdict.is_good(), &root)
}
