//! The table of commands, and the way from arguments to one of them.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};

use crate::{bench, bins, deps, layers, services, steps, tidy};

/// Exit code of a call that was wrong or that could not be carried out.
pub(crate) const COULD_NOT_RUN: u8 = 2;

const CODES: &str = "\
exit codes: 0 all is well, 1 something was found or a step failed,
            2 the call was wrong or could not be carried out";

/// One `cargo xtask` command.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// What it does, on one line of the overview.
    pub(crate) line: &'static str,
    /// What `--help` prints: usage first.
    pub(crate) help: &'static str,
    pub(crate) run: fn(&[String], &mut dyn Write) -> Result<Verdict>,
}

const COMMANDS: &[Command] = &[
    steps::TEST,
    steps::CI,
    layers::COMMAND,
    tidy::COMMAND,
    deps::COMMAND,
    bins::CRASH,
    bins::SIM,
    bins::BUNDLES,
    bins::SENDING,
    bins::TABLES,
    services::COMMAND,
    bench::COMMAND,
];

/// How a command ended that could be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    Failed,
    /// The exit code of the program that the command passed its arguments to.
    Code(u8),
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::SUCCESS,
            Verdict::Failed => Self::FAILURE,
            Verdict::Code(code) => Self::from(code),
        }
    }
}

/// Runs the command that `args` names, or prints the help they ask for.
///
/// # Errors
///
/// When no such command or option exists, or when the command could not be carried out.
pub(crate) fn dispatch(
    args: impl Iterator<Item = OsString>,
    out: &mut dyn Write,
) -> Result<Verdict> {
    let args = args
        .map(|arg| arg.into_string().map_err(|arg| anyhow!("argument {arg:?} is not UTF-8")))
        .collect::<Result<Vec<_>>>()?;
    let Some((name, rest)) = args.split_first() else {
        overview(out)?;
        return Ok(Verdict::Code(COULD_NOT_RUN));
    };
    if asks_for_help(name) || name == "help" {
        overview(out)?;
        return Ok(Verdict::Passed);
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        bail!("no command `{name}`; `cargo xtask --help` lists them");
    };
    if rest.first().is_some_and(|arg| asks_for_help(arg)) {
        writeln!(out, "{}\n\n{CODES}", command.help.trim_end())?;
        return Ok(Verdict::Passed);
    }
    (command.run)(rest, out)
}

fn asks_for_help(arg: &str) -> bool {
    arg == "--help" || arg == "-h"
}

fn overview(out: &mut dyn Write) -> Result<()> {
    writeln!(out, "usage: cargo xtask COMMAND [OPTIONS]\n")?;
    for command in COMMANDS {
        writeln!(out, "  {:<9}{}", command.name, command.line)?;
    }
    writeln!(out, "\n`cargo xtask COMMAND --help` says more about one of them.\n{CODES}")?;
    Ok(())
}
