//! `cargo xtask layers`: which crate may depend on what.

mod arrows;
mod manifest;
mod member;
mod roots;
mod table;
mod uses;

use std::io::Write;

use anyhow::Result;

use crate::command::{Command, Verdict};
use crate::finding::{Finding, report};
use crate::options::Options;
use crate::workspace::Workspace;
use member::Member;

pub(crate) const COMMAND: Command = Command {
    name: "layers",
    line: "who may depend on whom, and who may use what",
    help: "\
usage: cargo xtask layers

Compares the manifests of the workspace with the table in xtask/src/layers/table.rs:
  arrow      a crate depends only on those of ours that its row names, all in lower layers;
             dev-dependencies may also name obs-test
  crate      every crate has a row
  use        some dependencies belong to some crates (tokio, sqlx, opentelemetry, libc, …)
  unsafe     every library and binary but those of obs-ring forbids unsafe code at its root
  features   only obs-facade has cargo features and optional dependencies
  manifest   the folder is named as the crate; rust-version is declared; license, publish and
             lints come from the workspace",
    run,
};

fn run(args: &[String], out: &mut dyn Write) -> Result<Verdict> {
    Options::parse(args, &[], &[])?;
    check(&Workspace::load()?, out)
}

/// Prints every broken rule.
///
/// # Errors
///
/// When a manifest or the root file of a target cannot be read.
pub(crate) fn check(workspace: &Workspace, out: &mut dyn Write) -> Result<Verdict> {
    let mut findings = arrows::upward(table::ROWS);
    for package in &workspace.packages {
        let member = Member::read(workspace, package)?;
        findings.extend(member_findings(&member)?);
        for (path, text) in member.guarded_roots(workspace)? {
            findings.extend(roots::check(&path, &text));
        }
    }
    let clean = format!("layers: {} crates keep to their rows", workspace.packages.len());
    report(findings, &clean, out)
}

fn member_findings(member: &Member<'_>) -> Result<Vec<Finding>> {
    let mut findings = arrows::check(member, table::ROWS);
    findings.extend(uses::check(member, table::USES));
    findings.extend(manifest::check(member)?);
    Ok(findings)
}
