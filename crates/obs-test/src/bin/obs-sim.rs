//! `obs-sim [--seeds N] [--from SEED]`: runs seeds of the simulation; stops at the first that breaks a promise.
#![forbid(unsafe_code)]

use obs_test::options::{Options, exit, report};
use std::panic::catch_unwind;
use std::process::ExitCode;

const NAME: &str = "obs-sim";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    exit(NAME, simulate(&given))
}

fn simulate(arguments: &[&str]) -> Result<(), String> {
    let options = Options::read(NAME, &["--seeds", "--from"], arguments)?;
    let (from, seeds) = (options.number("--from", 1)?, options.number("--seeds", 1_000)?);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str().is_some() {
            before(panic);
        }
    }));
    let (mut committed, mut refused, mut lost, mut recovered, mut cuts) = (0, 0, 0, 0, 0);
    for seed in from..from + seeds {
        let Ok(outcome) = catch_unwind(|| obs_test::sim::run(seed)) else {
            let again = format!("repeat it with --from {seed} --seeds 1");
            return Err(format!("seed {seed} broke a promise; {again}"));
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
    Ok(())
}
