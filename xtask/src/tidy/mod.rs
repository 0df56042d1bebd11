//! `cargo xtask tidy`: the floors of the house style.

mod classes;
mod items;
mod listing;
mod modules;
mod paths;
mod reach;
mod rules;
mod source;
mod test_code;
mod text;
mod tokens;
mod tree;

use std::io::Write;

use anyhow::Result;

use crate::command::{Command, Verdict};
use crate::finding::{Finding, report};
use crate::options::Options;
use crate::workspace::Workspace;
use tree::Tree;

pub(crate) const COMMAND: Command = Command {
    name: "tidy",
    line: "the floors of the house style",
    help: "\
usage: cargo xtask tidy

Reads every file that git knows or would add, and prints `path:line: what (rule)`.

sizes      file-length (500 lines), file-median (200, outside of tests), function-length (70),
           parameters (5, self not counted), required-methods (2 in a public trait)
names      type-name (no Manager, Helper, …), get (no `get_…`), word (sink, not exporter, …)
code       unwrap, marker (unfinished work), feature (cfg(feature) outside of obs-facade),
           safety (a SAFETY comment above each unsafe block), ordering (a reason above SeqCst),
           sleep and ignore (in tests), dead-file, parse
comments   comment-share (plain comments on 5 % of a crate's lines; SAFETY: and ordering: are free)
text       line-length (120), trailing-space, final-newline, machine-path, link (in Markdown)",
    run,
};

fn run(args: &[String], out: &mut dyn Write) -> Result<Verdict> {
    Options::parse(args, &[], &[])?;
    check(&Workspace::load()?, out)
}

/// Prints every finding.
///
/// # Errors
///
/// When a file of the workspace cannot be read.
pub(crate) fn check(workspace: &Workspace, out: &mut dyn Write) -> Result<Verdict> {
    let tree = Tree::read(workspace)?;
    let count = tree.texts.len();
    report(findings(&tree), &format!("tidy: {count} files hold the floors"), out)
}

fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = tree.dead_files();
    for text in &tree.texts {
        findings.extend(rules::TEXT.iter().flat_map(|rule| rule(text)));
    }
    for source in tree.sources.values() {
        findings.extend(rules::SOURCE.iter().flat_map(|rule| rule(source)));
    }
    findings.extend(rules::links::check(tree));
    findings.extend(rules::comments::check(tree));
    findings.extend(rules::sizes::median(tree.sources.values()));
    findings
}
