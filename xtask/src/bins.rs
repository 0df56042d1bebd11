//! `cargo xtask crash` and `cargo xtask sim`: programs of obs-test, built for release.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};

use crate::command::{Command, Verdict};
use crate::invocation::Invocation;
use crate::workspace::Workspace;

pub(crate) const CRASH: Command = Command {
    name: "crash",
    line: "kill a logging program again and again, and count what it lost",
    help: "\
usage: cargo xtask crash [ARGUMENTS]

Builds obs-crash of obs-test for release and passes ARGUMENTS on to it. Its exit code is ours.
`cargo xtask crash -- --help` prints its own help.",
    run: |args, out| pass_on(&OBS_CRASH, args, out),
};

pub(crate) const SIM: Command = Command {
    name: "sim",
    line: "run the whole path over a simulated disk and clock, seed by seed",
    help: "\
usage: cargo xtask sim [ARGUMENTS]

Builds obs-sim of obs-test for release and passes ARGUMENTS on to it. Its exit code is ours.
`cargo xtask sim -- --help` prints its own help.",
    run: |args, out| pass_on(&OBS_SIM, args, out),
};

/// A program of the workspace that a command stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    package: &'static str,
    name: &'static str,
    profile: &'static str,
}

pub(crate) const OBS_CRASH: Program =
    Program { package: "obs-test", name: "obs-crash", profile: "crash" };
pub(crate) const OBS_SIM: Program =
    Program { package: "obs-test", name: "obs-sim", profile: "release" };

impl Program {
    /// Why it cannot run, if the workspace does not have it.
    pub(crate) fn missing(&self, workspace: &Workspace) -> Option<String> {
        let Self { package, name, .. } = self;
        let there = workspace.has_target(package, "bin", name);
        (!there).then(|| format!("the workspace has no program {name} in crate {package}"))
    }

    /// The call that builds it for release and runs it with `args`.
    pub(crate) fn invocation<S: AsRef<str>>(&self, args: &[S]) -> Invocation {
        let call =
            ["run", "--profile", self.profile, "--package", self.package, "--bin", self.name];
        let call = Invocation::cargo(call).arg("--");
        args.iter().fold(call, |call, arg| call.arg(arg.as_ref()))
    }
}

fn pass_on(program: &Program, args: &[String], out: &mut dyn Write) -> Result<Verdict> {
    let workspace = Workspace::load()?;
    if let Some(why) = program.missing(&workspace) {
        bail!("{why}");
    }
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    out.flush()?;
    let status = program.invocation(args).run(Path::new("."))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(Verdict::Failed, Verdict::Code))
}
