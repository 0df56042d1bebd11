//! `obs-bench [NAME]... [--json] [--full | --smoke] [--docs]`: measures obs beside its peers, in turn with them.
//! `obs-bench instructions [--keep]`: counts the instructions of the hot path, and compares them with those kept.
#![forbid(unsafe_code)]

mod bench;
mod budget;
mod child;
mod clock;
mod docs;
mod found;
mod instructions;
mod line;
mod log_text;
mod options;
mod place;
mod process;
mod sample;
mod scale;
mod suite;
mod system;
mod table;
mod web;
mod work;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((first, rest)) if first == "child" => child::bursts::live(rest),
        Some((first, rest)) if first == process::LIVE => child::live(rest),
        Some((first, rest)) if first == "instructions" => {
            instructions::run(rest, &mut std::io::stdout())
        }
        _ => suite::run(&arguments, &mut std::io::stdout()),
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
