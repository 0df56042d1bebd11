//! The project's own commands: `cargo xtask <command>`.
#![forbid(unsafe_code)]

mod bench;
mod bins;
mod command;
mod deps;
mod finding;
mod invocation;
mod layers;
mod options;
mod services;
mod steps;
mod tidy;
mod workspace;

use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> io::Result<ExitCode> {
    match command::dispatch(std::env::args_os().skip(1), &mut io::stdout()) {
        Ok(verdict) => Ok(verdict.into()),
        Err(error) => {
            writeln!(io::stderr(), "error: {error:#}")?;
            Ok(ExitCode::from(command::COULD_NOT_RUN))
        }
    }
}
