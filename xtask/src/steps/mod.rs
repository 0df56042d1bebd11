//! `cargo xtask test` and `cargo xtask ci`: steps that run one after the other.

mod built;
mod collector;
mod runner;
mod tables;
mod tools;

use std::io::Write;

use anyhow::{Result, bail};

use crate::command::{Command, Verdict};
use crate::options::Options;
use crate::workspace::Workspace;
use runner::{Runner, Step};
use tables::{EXTRA_STEPS, TEST_STEPS};

pub(crate) const TEST: Command = Command {
    name: "test",
    line: "all checks that need nothing but Rust",
    help: "\
usage: cargo xtask test [--list | --only STEP]...

Runs every step in order, stops at the first that fails, and says how to repeat that one.

  --list        the steps, one a line, and run none
  --only STEP   this step alone; may be given more than once",
    run: |args, out| run(args, out, &[TEST_STEPS]),
};

pub(crate) const CI: Command = Command {
    name: "ci",
    line: "test, and what needs tools: cargo-deny, loom, fuzz targets",
    help: "\
usage: cargo xtask ci [--extras] [--list | --only STEP]...

Runs the steps of `cargo xtask test`, then those that need tools or more time. cargo-deny is
installed when it is missing.

  --extras      without the steps of `cargo xtask test`
  --list        the steps, one a line, and run none
  --only STEP   this step alone; may be given more than once",
    run: ci,
};

fn ci(args: &[String], out: &mut dyn Write) -> Result<Verdict> {
    let (extras, rest): (Vec<_>, Vec<_>) = args.iter().cloned().partition(|arg| arg == "--extras");
    let all: &[&[Step]] = &[TEST_STEPS, EXTRA_STEPS];
    run(&rest, out, if extras.is_empty() { all } else { &all[1..] })
}

fn run(args: &[String], out: &mut dyn Write, tables: &[&[Step]]) -> Result<Verdict> {
    let options = Options::parse(args, &["--list"], &["--only"])?;
    let steps = tables.iter().flat_map(|table| table.iter());
    let steps = chosen(&steps.collect::<Vec<_>>(), &options.values("--only"))?;
    if options.has("--list") {
        for step in steps {
            writeln!(out, "{:<12}{}", step.name, step.line)?;
        }
        return Ok(Verdict::Passed);
    }
    let workspace = Workspace::load()?;
    Runner { workspace: &workspace, out }.run(&steps)
}

/// The steps that `only` names, in the order of the table; all when it is empty.
fn chosen<'a>(steps: &[&'a Step], only: &[&str]) -> Result<Vec<&'a Step>> {
    for name in only {
        if !steps.iter().any(|step| step.name == *name) {
            let known: Vec<_> = steps.iter().map(|step| step.name).collect();
            bail!("no step `{name}`; there are {}", known.join(", "));
        }
    }
    let wanted = |step: &&&Step| only.is_empty() || only.contains(&step.name);
    Ok(steps.iter().filter(wanted).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::tables::{EXTRA_STEPS, TEST_STEPS};
    use super::{Step, chosen};

    #[test]
    fn steps_are_chosen_by_name_and_keep_their_order() {
        let all: Vec<&Step> = TEST_STEPS.iter().collect();
        let names = |steps: Vec<&Step>| steps.iter().map(|step| step.name).collect::<Vec<_>>();
        assert_eq!(names(chosen(&all, &["tidy", "fmt"]).unwrap()), ["fmt", "tidy"]);
        assert_eq!(chosen(&all, &[]).unwrap().len(), all.len());
        let error = chosen(&all, &["fnt"]).err().unwrap().to_string();
        assert!(error.starts_with("no step `fnt`; there are fmt, layers, "), "{error}");
    }

    #[test]
    fn every_step_has_a_name_of_its_own() {
        let mut names: Vec<_> = TEST_STEPS.iter().chain(EXTRA_STEPS).map(|it| it.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
