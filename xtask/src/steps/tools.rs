//! Steps that need tools, or a build of their own.

use anyhow::Result;
use std::process::Command;

use super::runner::{Outcome, Runner};
use crate::bench::{self, Profile};
use crate::invocation::Invocation;

/// What deny.toml is written for.
const DENY_VERSION: &str = "0.20";

pub(crate) fn deny(runner: &mut Runner<'_>) -> Result<Outcome> {
    let check = Invocation::cargo(["deny", "check", "licenses", "bans", "sources"]);
    match with_deny(runner)? {
        Outcome::Passed => runner.call(&check),
        missing => Ok(missing),
    }
}

/// Fails when a dependency has a known fault, not when nobody could be asked.
pub(crate) fn advisories(runner: &mut Runner<'_>) -> Result<Outcome> {
    let installed = with_deny(runner)?;
    if installed != Outcome::Passed {
        return Ok(installed);
    }
    let fetch = Invocation::cargo(["deny", "fetch", "db"]);
    if runner.call(&fetch)? != Outcome::Passed {
        return Ok(Outcome::left_out("the advisory database cannot be fetched from here"));
    }
    runner.call(&Invocation::cargo(["deny", "check", "--disable-fetch", "advisories"]))
}

fn with_deny(runner: &mut Runner<'_>) -> Result<Outcome> {
    let version = Invocation::cargo(["deny", "--version"]).read(&runner.workspace.root);
    if version.is_ok_and(|said| said.contains(&format!(" {DENY_VERSION}."))) {
        return Ok(Outcome::Passed);
    }
    let install = Invocation::cargo(["install", "--debug", "--locked", "cargo-deny", "--version"]);
    runner.call(&install.arg(format!("~{DENY_VERSION}")))
}

pub(crate) fn loom(runner: &mut Runner<'_>) -> Result<Outcome> {
    if !runner.workspace.has_target("obs-ring", "test", "loom") {
        return Ok(Outcome::absent("obs-ring has no test named loom"));
    }
    let place = runner.workspace.target.join("loom");
    let test = ["test", "--package", "obs-ring", "--release", "--test", "loom", "--target-dir"];
    let test = Invocation::cargo(test).arg(place.to_string_lossy());
    runner.call(&test.with("RUSTFLAGS", "--cfg loom"))
}

pub(crate) fn fuzz(runner: &mut Runner<'_>) -> Result<Outcome> {
    let manifest = "fuzz/targets/Cargo.toml";
    if !runner.workspace.root.join(manifest).exists() {
        return Ok(Outcome::absent("there are no fuzz targets"));
    }
    let place = runner.workspace.target.join("fuzz");
    let check = ["check", "--locked", "--manifest-path", manifest, "--target-dir"];
    runner.call(&Invocation::cargo(check).arg(place.to_string_lossy()))
}

pub(crate) fn bench(runner: &mut Runner<'_>) -> Result<Outcome> {
    if !bench::is_there(runner.workspace) {
        return Ok(Outcome::absent("there is no obs-bench"));
    }
    let call = |verb| bench::invocation(runner.workspace, verb).arg(Profile::Smoke.flag());
    let lints = ["--all-targets", "--", "-D", "warnings"];
    let lints = lints.into_iter().fold(call("clippy"), Invocation::arg);
    let test = call("test");
    runner.call_all(&[lints, test])
}

pub(crate) fn smoke(runner: &mut Runner<'_>) -> Result<Outcome> {
    if !bench::is_there(runner.workspace) {
        return Ok(Outcome::absent("there is no obs-bench"));
    }
    runner.call(&bench::call(runner.workspace, Profile::Smoke, &["--smoke"]))
}

pub(crate) fn instructions(runner: &mut Runner<'_>) -> Result<Outcome> {
    if !bench::is_there(runner.workspace) {
        return Ok(Outcome::absent("there is no obs-bench"));
    }
    let valgrind = Command::new("valgrind").arg("--version").output();
    if valgrind.map_or(true, |said| !said.status.success()) {
        return Ok(Outcome::absent("valgrind is not there"));
    }
    runner.call(&bench::call(runner.workspace, Profile::Smoke, &["instructions"]))
}
