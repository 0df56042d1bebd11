//! `obs-bench [NAME]... [--json] [--full]`: measures obs beside its peers, in turn with them.
//! `obs-bench instructions [--keep]`: counts the instructions of the hot path, and compares them with those kept.
#![forbid(unsafe_code)]

mod bench;
mod child;
mod instructions;
mod line;
mod sample;
mod system;
mod work;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((first, rest)) if first == "child" => child::live(rest),
        Some((first, rest)) if first == "instructions" => {
            instructions::run(rest, &mut std::io::stdout())
        }
        _ => bench::run(&arguments, &mut std::io::stdout()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody listens there is nothing to be done.
            drop(writeln!(std::io::stderr(), "error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
