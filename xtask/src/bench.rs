//! `cargo xtask bench`: obs-bench, built for release in a workspace of its own.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};

use crate::command::{Command, Verdict};
use crate::invocation::Invocation;
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "bench",
    line: "measure obs beside its peers, in turn with them",
    help: "\
usage: cargo xtask bench [NAME]... [--json] [--full | --smoke] [--docs]
       cargo xtask bench instructions [--keep]

Builds obs-bench for release, on a lock file of its own, and runs the benches or workloads that
NAME names, or all. Below the table stands what was promised, and whether it holds.

  --json        a JSON object a line instead of a table
  --full        longer, some ten minutes; without a NAME it writes docs/benchmarks.md
  --smoke       as little as shows that every bench works
  --docs        writes docs/benchmarks.md without --full, too

`instructions` counts those of an event and a span with Valgrind, and fails where there are more
than 5 % on top of those in instructions.json, or where six sinks change those of an event by
more than 1 %; with --keep it writes them there.",
    run,
};

/// Where its manifest is; what its peers need is not in the workspace's lock file.
const MANIFEST: &str = "crates/obs-bench/Cargo.toml";

/// Whether there is anything to call.
pub(crate) fn is_there(workspace: &Workspace) -> bool {
    workspace.root.join(MANIFEST).exists()
}

/// A call of cargo for obs-bench, whose output goes to a folder of its own.
pub(crate) fn invocation(workspace: &Workspace, verb: &str) -> Invocation {
    let place = workspace.target.join("bench");
    Invocation::cargo([verb, "--locked", "--manifest-path", MANIFEST, "--target-dir"])
        .arg(place.to_string_lossy())
}

/// How obs-bench is built.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Profile {
    /// To measure.
    Release,
    /// For checks that measure no time: what the instructions are counted of is as in a release.
    Smoke,
}

impl Profile {
    pub(crate) const fn flag(self) -> &'static str {
        match self {
            Self::Release => "--release",
            Self::Smoke => "--profile=smoke",
        }
    }
}

/// A call of the bench itself.
pub(crate) fn call(workspace: &Workspace, profile: Profile, args: &[&str]) -> Invocation {
    let run = invocation(workspace, "run").arg(profile.flag()).arg("--");
    args.iter().fold(run, |run, arg| run.arg(*arg))
}

fn run(args: &[String], out: &mut dyn Write) -> Result<Verdict> {
    let workspace = Workspace::load()?;
    if !is_there(&workspace) {
        bail!("there is no {MANIFEST}");
    }
    out.flush()?;
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let status = call(&workspace, Profile::Release, &args).run(Path::new("."))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(Verdict::Failed, Verdict::Code))
}
