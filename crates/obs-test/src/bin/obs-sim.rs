//! `obs-sim [--seeds N] [--from SEED]`: runs seeds of the simulation; stops at the first that breaks a promise.
#![forbid(unsafe_code)]

use std::panic::catch_unwind;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (from, seeds) = (number("--from", 1), number("--seeds", 1_000));
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str().is_some() {
            before(panic);
        }
    }));
    let (mut committed, mut refused, mut lost, mut recovered, mut cuts) = (0, 0, 0, 0, 0);
    for seed in from..from + seeds {
        let Ok(outcome) = catch_unwind(|| obs_test::sim::run(seed)) else {
            report(&format!("seed {seed} broke a promise; repeat it with --from {seed} --seeds 1"));
            return ExitCode::FAILURE;
        };
        committed += outcome.committed;
        refused += outcome.refused;
        lost += outcome.lost;
        recovered += outcome.recovered;
        cuts += u64::from(outcome.power_cut);
    }
    report(&format!(
        "{seeds} seeds: {committed} records committed, {refused} refused, {lost} lost and counted, \
         {recovered} recovered after a kill, {cuts} power cuts"
    ));
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "the outcome of a command")]
fn report(text: &str) {
    println!("{text}");
}
