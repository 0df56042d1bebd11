//! `obs-bundles [--bundles N] [--rounds N] [--rate N] [--kept MIB] [--root DIR] [--obs PROGRAM]`: has bundles made of a
//! program under load, and prints one JSON object. Fails unless every one is whole and holds no secret; what it says of
//! the program's events, without and with bundles being made, is for people to judge.
#![forbid(unsafe_code)]

use obs_test::bundles::{Load, Plan, bundle_many, live};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match given.as_slice() {
        ["live", root, rate, kept, phases] => {
            let number = |text: &str| text.parse().unwrap_or(1);
            let phases = number(phases) as usize;
            let (events_per_s, kept_mib) = (number(rate), number(kept));
            match live(&Load { root: root.into(), events_per_s, kept_mib, phases }) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&error.to_string()),
            }
        }
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
    let beside = std::env::current_exe().map(|path| path.with_file_name("obs"));
    let root = value("--root").map_or_else(
        || std::env::temp_dir().join(format!("obs-bundles-{}", std::process::id())),
        PathBuf::from,
    );
    let plan = Plan {
        bundles: number("--bundles", 200),
        rounds: number("--rounds", 10).max(1),
        events_per_s: number("--rate", 20_000),
        kept_mib: number("--kept", 4),
        obs: value("--obs").map_or_else(|| beside.unwrap_or_default(), PathBuf::from),
        root: root.clone(),
    };
    if !plan.obs.is_file() {
        return fail(&format!(
            "{} is not there: `cargo xtask bundles` builds it",
            plan.obs.display()
        ));
    }
    if let Err(error) = std::fs::create_dir_all(&root) {
        return fail(&format!("cannot make {}: {error}", root.display()));
    }
    let verdict = match bundle_many(&plan) {
        Ok(verdict) => verdict,
        Err(error) => return fail(&format!("cannot go on, see {}: {error}", root.display())),
    };
    report(&serde_json::to_string(&verdict).unwrap_or_default());
    if !verdict.is_good() {
        return fail(&format!("a promise is broken, see {}", root.display()));
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
    eprintln!("obs-bundles: {text}");
    ExitCode::FAILURE
}
