//! `cargo xtask crash`, `sim`, `bundles`, `sending` and `tables`: programs of obs-test, built for release.

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

pub(crate) const BUNDLES: Command = Command {
    name: "bundles",
    line: "bundle a program under load, and take the time of its events",
    help: "\
usage: cargo xtask bundles [ARGUMENTS]

Builds obs and obs-bundles of obs-test for release and passes ARGUMENTS on to the latter. Its exit
code is ours. On a machine that does nothing else.

  --bundles N   so many bundles, 200 unless another number is given
  --rounds N    phases with bundles, each followed by one of its length without: 10
  --rate N      events a second from each of two producers: 20000
  --kept MIB    what log and journal may hold, each: 4
  --root DIR    where run and bundles go, a new directory",
    run: |args, out| pass_on(&OBS_BUNDLES, args, out),
};

pub(crate) const SENDING: Command = Command {
    name: "sending",
    line: "send by every way and through every fault, and count what arrives",
    help: "\
usage: cargo xtask sending [ARGUMENTS]

Builds obs-sending of obs-test for release and passes ARGUMENTS on to it. Its exit code is ours. On a
machine that does nothing else, for it takes the time of events.

  --records N     so many spans and log records by every way: 100000
  --seconds N     how long a fault lasts, and how long all is well before it: 30
  --rate N        spans a second from each of two producers, and as many log records: 500
  --protocols W   `all` faults by every protocol, or in turns: `alternate`
  --root DIR      where runs go, a new directory",
    run: |args, out| pass_on(&OBS_SENDING, args, out),
};

pub(crate) const TABLES: Command = Command {
    name: "tables",
    line: "write to databases, kill writers and servers, and read back what is there",
    help: "\
usage: cargo xtask tables [ARGUMENTS]

Builds obs-tables of obs-test for release and passes ARGUMENTS on to it. Its exit code is ours. Of
SQLite, PostgreSQL and MariaDB those are tested that are installed with their clients.

  --records N     so many records of all sorts into each: 1000000
  --kills N       so many programs are killed for each: 100
  --lock SECONDS  how long a lock is held on each: 60
  --seed N        what the moments of kills depend on: 1
  --databases W   `all`, or `sqlite` alone
  --mandatory yes fail where one is not installed
  --root DIR      where runs and files of SQLite go, a new directory",
    run: |args, out| pass_on(&OBS_TABLES, args, out),
};

/// A program of the workspace that a command stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    package: &'static str,
    name: &'static str,
    /// Another program that it runs and looks for beside itself: its package and its name.
    runs: Option<(&'static str, &'static str)>,
}

pub(crate) const OBS_CRASH: Program =
    Program { package: "obs-test", name: "obs-crash", runs: None };
pub(crate) const OBS_SIM: Program = Program { package: "obs-test", name: "obs-sim", runs: None };
pub(crate) const OBS_SENDING: Program =
    Program { package: "obs-test", name: "obs-sending", runs: None };
pub(crate) const OBS_TABLES: Program =
    Program { package: "obs-test", name: "obs-tables", runs: None };
pub(crate) const OBS_BUNDLES: Program =
    Program { package: "obs-test", name: "obs-bundles", runs: Some(("obs-cli", "obs")) };

impl Program {
    /// Why it cannot run, if the workspace does not have it.
    pub(crate) fn missing(&self, workspace: &Workspace) -> Option<String> {
        let mut needed = [(self.package, self.name)].into_iter().chain(self.runs);
        let (package, name) =
            needed.find(|(package, name)| !workspace.has_target(package, "bin", name))?;
        Some(format!("the workspace has no program {name} in crate {package}"))
    }

    /// The calls that build it for release, and what it runs, and run it with `args`. No package is named, so that all
    /// of them are built with the features of the whole workspace.
    fn released<S: AsRef<str>>(&self, args: &[S]) -> Vec<Invocation> {
        let call = |verb, name| Invocation::cargo([verb, "--release", "--bin", name]);
        let build = self.runs.map(|(_, name)| call("build", name));
        let run = call("run", self.name).arg("--");
        let run = args.iter().fold(run, |call, arg| call.arg(arg.as_ref()));
        build.into_iter().chain([run]).collect()
    }

    /// The call that runs it as [`built_as_tested`] has built it.
    pub(crate) fn tested(&self, workspace: &Workspace, args: &[&str]) -> Invocation {
        args.iter().fold(workspace.debug(self.name), |call, arg| call.arg(*arg))
    }
}

/// Builds all programs and examples as the tests are built, which have built most of them. A build of one alone would
/// have less features, and make half of the tree anew.
pub(crate) fn built_as_tested() -> Invocation {
    Invocation::cargo(["build", "--workspace", "--bins", "--examples"])
}

fn pass_on(program: &Program, args: &[String], out: &mut dyn Write) -> Result<Verdict> {
    let workspace = Workspace::load()?;
    if let Some(why) = program.missing(&workspace) {
        bail!("{why}");
    }
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    out.flush()?;
    let mut code = None;
    for call in program.released(args) {
        let status = call.run(Path::new("."))?;
        code = status.code().and_then(|code| u8::try_from(code).ok());
        if !status.success() {
            break;
        }
    }
    Ok(code.map_or(Verdict::Failed, Verdict::Code))
}
