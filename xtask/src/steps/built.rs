//! Steps that run what the workspace builds: programs, examples, generators of documents.

use anyhow::Result;

use super::runner::{Outcome, Runner};
use crate::bins::{
    OBS_BUNDLES, OBS_CRASH, OBS_SENDING, OBS_SIM, OBS_TABLES, Program, built_as_tested,
};
use crate::invocation::Invocation;
use crate::workspace::Package;

/// Arguments after `cargo`; each ends with `--check`, writes nothing, and fails when a document
/// in the repository differs from what it would write.
const GENERATORS: &[&[&str]] = &[];

const CRASH_ARGS: &[&str] = &["--kills", "60", "--seed", "1"];
const BUNDLES_ARGS: &[&str] = &["--bundles", "10", "--rounds", "2"];
const SENDING_ARGS: &[&str] =
    &["--records", "5000", "--seconds", "2", "--rate", "200", "--protocols", "alternate"];
const TABLES_ARGS: &[&str] = &["--records", "50000", "--kills", "10", "--lock", "6"];
const SIM_ARGS: &[&str] = &["--seeds", "2000"];

/// Arguments of examples that take some: (example, arguments).
const EXAMPLE_ARGS: &[(&str, &[&str])] = &[("quickstart", &["--files-max", "2000"])];

pub(crate) fn crash(runner: &mut Runner<'_>) -> Result<Outcome> {
    program(runner, &OBS_CRASH, CRASH_ARGS)
}

pub(crate) fn sim(runner: &mut Runner<'_>) -> Result<Outcome> {
    program(runner, &OBS_SIM, SIM_ARGS)
}

pub(crate) fn bundles(runner: &mut Runner<'_>) -> Result<Outcome> {
    program(runner, &OBS_BUNDLES, BUNDLES_ARGS)
}

pub(crate) fn sending(runner: &mut Runner<'_>) -> Result<Outcome> {
    program(runner, &OBS_SENDING, SENDING_ARGS)
}

pub(crate) fn tables(runner: &mut Runner<'_>) -> Result<Outcome> {
    program(runner, &OBS_TABLES, TABLES_ARGS)
}

fn program(runner: &mut Runner<'_>, program: &Program, args: &[&str]) -> Result<Outcome> {
    match program.missing(runner.workspace) {
        Some(why) => Ok(Outcome::absent(&why)),
        None => runner.call_all(&[built_as_tested(), program.tested(runner.workspace, args)]),
    }
}

pub(crate) fn documents(runner: &mut Runner<'_>) -> Result<Outcome> {
    if GENERATORS.is_empty() {
        return Ok(Outcome::absent("no document is generated"));
    }
    let calls = GENERATORS.iter().map(|args| Invocation::cargo(args.iter().copied()));
    runner.call_all(&calls.collect::<Vec<_>>())
}

/// Runs leave their directories below cargo's target directory.
pub(crate) fn examples(runner: &mut Runner<'_>) -> Result<Outcome> {
    let place = runner.workspace.target.join("example-runs");
    let place = place.to_string_lossy().into_owned();
    let mut calls = vec![built_as_tested()];
    for package in &runner.workspace.packages {
        for target in package.targets.iter().filter(|target| target.is("example")) {
            let call = runner.workspace.debug(&format!("examples/{}", target.name));
            let call = call.with("OBS_RUN_ROOT", &place);
            calls.push(example_args(&target.name).iter().fold(call, |call, arg| call.arg(*arg)));
        }
    }
    let programs = runner.workspace.packages.iter().filter(|package| is_example(package));
    for package in programs {
        let call = runner.workspace.debug(&package.name);
        calls.push(call.with("OBS_RUN_ROOT", &place).with("OBS_CONSOLE", "false"));
    }
    if calls.len() == 1 {
        return Ok(Outcome::absent("the workspace has no examples"));
    }
    runner.call_all(&calls)
}

/// Whether the package is a program below `examples`.
fn is_example(package: &Package) -> bool {
    let is_below = package.manifest_path.iter().rev().nth(2).is_some_and(|it| it == "examples");
    is_below && package.targets.iter().any(|target| target.is("bin"))
}

fn example_args(name: &str) -> &'static [&'static str] {
    let own = EXAMPLE_ARGS.iter().find(|(example, _)| *example == name);
    own.map_or(&[], |(_, args)| args)
}
