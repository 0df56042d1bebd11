//! The tables of steps.

use anyhow::Result;

use super::built::{bundles, crash, documents, examples, sending, sim, tables};
use super::collector::collector;
use super::runner::{Outcome, Runner, Step};
use super::tools::{advisories, bench, deny, fuzz, instructions, loom, smoke};
use crate::invocation::Invocation;
use crate::{deps, layers, tidy};

/// What needs nothing but Rust, quick ones first.
pub(crate) const TEST_STEPS: &[Step] = &[
    Step { name: "fmt", line: "the sources are formatted", run: fmt },
    Step { name: "layers", line: "crates keep to their rows", run: layers },
    Step { name: "tidy", line: "the floors hold", run: tidy },
    Step { name: "clippy", line: "no lint speaks", run: clippy },
    Step { name: "tests", line: "unit, integration and documentation tests", run: tests },
    Step { name: "doc", line: "the documentation builds without a warning", run: doc },
    Step { name: "deps", line: "crates keep to their number of dependencies", run: deps },
    Step { name: "documents", line: "generated documents are up to date", run: documents },
    Step { name: "crash", line: "kills lose nothing", run: crash },
    Step { name: "sim", line: "simulated runs hold", run: sim },
    Step { name: "bundles", line: "bundles of a live run are whole", run: bundles },
    Step { name: "sending", line: "what is sent arrives, whatever happens", run: sending },
    Step { name: "tables", line: "what databases get is there once", run: tables },
    Step { name: "examples", line: "every example runs", run: examples },
];

/// What needs tools, or builds of its own.
pub(crate) const EXTRA_STEPS: &[Step] = &[
    Step { name: "deny", line: "licences, bans and sources of dependencies", run: deny },
    Step { name: "advisories", line: "known faults of dependencies", run: advisories },
    Step { name: "collector", line: "traces are whole behind a foreign collector", run: collector },
    Step { name: "loom", line: "every order of the ring protocol's steps", run: loom },
    Step { name: "fuzz", line: "the fuzz targets compile", run: fuzz },
    Step { name: "bench", line: "the benches compile, and no lint speaks", run: bench },
    Step { name: "smoke", line: "every bench runs, for a moment", run: smoke },
    Step { name: "instructions", line: "the hot path has not grown", run: instructions },
];

fn fmt(runner: &mut Runner<'_>) -> Result<Outcome> {
    runner.call(&Invocation::cargo(["fmt", "--all", "--check"]))
}

fn layers(runner: &mut Runner<'_>) -> Result<Outcome> {
    Ok(Outcome::of(layers::check(runner.workspace, runner.out)?, "layers"))
}

fn tidy(runner: &mut Runner<'_>) -> Result<Outcome> {
    Ok(Outcome::of(tidy::check(runner.workspace, runner.out)?, "tidy"))
}

fn clippy(runner: &mut Runner<'_>) -> Result<Outcome> {
    let args = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    runner.call(&Invocation::cargo(args))
}

fn tests(runner: &mut Runner<'_>) -> Result<Outcome> {
    runner.call(&Invocation::cargo(["test", "--workspace"]))
}

fn doc(runner: &mut Runner<'_>) -> Result<Outcome> {
    let doc = Invocation::cargo(["doc", "--workspace", "--no-deps"]);
    runner.call(&doc.with("RUSTDOCFLAGS", "-D warnings"))
}

fn deps(runner: &mut Runner<'_>) -> Result<Outcome> {
    Ok(Outcome::of(deps::check(runner.workspace, runner.out)?, "deps"))
}
