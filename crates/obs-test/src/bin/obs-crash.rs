//! `obs-crash [--kills N] [--seed S] [--threads N] [--root DIR]`: kills programs that log, recovers what they left, and
//! prints one JSON object. Fails unless everything that was acknowledged is there, once and in order.
#![forbid(unsafe_code)]

use obs_test::crash::{Plan, kill_many, live, recover};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match given.as_slice() {
        ["live", root, ledger, threads, death, life] => {
            let (threads, life) = (threads.parse().unwrap_or(8), life.parse().unwrap_or(0));
            live(Path::new(root), Path::new(ledger), threads, death, Duration::from_micros(life));
            ExitCode::SUCCESS
        }
        ["recover", root, run] => match recover(Path::new(root), Path::new(run)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        },
        options => command(options),
    }
}

fn command(options: &[&str]) -> ExitCode {
    let value = |name: &str| {
        let at = options.iter().position(|option| *option == name)?;
        options.get(at + 1).copied()
    };
    let number = |name: &str, default: u64| {
        value(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let root = value("--root").map_or_else(
        || std::env::temp_dir().join(format!("obs-crash-{}", std::process::id())),
        PathBuf::from,
    );
    let plan = Plan {
        kills: number("--kills", 50),
        seed: number("--seed", 1),
        threads: number("--threads", 8).clamp(1, 64) as usize,
        root: root.clone(),
    };
    let verdict = match kill_many(&plan) {
        Ok(verdict) => verdict,
        Err(error) => return fail(&format!("cannot go on, see {}: {error}", root.display())),
    };
    report(&serde_json::to_string(&verdict).unwrap_or_default());
    if !verdict.is_good() {
        return fail("a promise is broken");
    }
    match std::fs::remove_dir_all(&root) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("cannot remove {}: {error}", root.display())),
    }
}

#[expect(clippy::print_stdout, reason = "the outcome of a command")]
fn report(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "why a command failed")]
fn fail(text: &str) -> ExitCode {
    eprintln!("obs-crash: {text}");
    ExitCode::FAILURE
}
