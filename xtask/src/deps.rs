//! `cargo xtask deps`: how many crates of other people each of ours brings along.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::command::{Command, Verdict};
use crate::invocation::Invocation;
use crate::options::Options;
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "deps",
    line: "how many third-party crates each of ours brings along",
    help: "\
usage: cargo xtask deps [--json | --list CRATE]

Counts, for each crate of ours, the distinct third-party crates (name and version) that cargo
builds for it with default features on this host: normal and build dependencies at any depth,
procedural macros among them; not what only tests need. Fails when a crate brings more than its
limit, or one that it must not bring (xtask/src/deps.rs).

  --json         one JSON object: crates, each with name, count, limit and third_party
  --list CRATE   the third-party crates of CRATE, one a line",
    run,
};

/// What the default tree of one of our crates may hold.
#[derive(Debug, Clone, Copy)]
struct Limit {
    name: &'static str,
    count_max: usize,
    never: &'static [&'static str],
}

const LIMITS: &[Limit] =
    &[Limit { name: "obs-facade", count_max: 60, never: &["tokio", "tonic", "sqlx"] }];

/// The dependencies of one of our crates.
#[derive(Debug, Serialize)]
struct Weight {
    name: String,
    count: usize,
    limit: Option<usize>,
    /// `name version`.
    third_party: BTreeSet<String>,
}

fn run(args: &[String], out: &mut dyn Write) -> Result<Verdict> {
    let options = Options::parse(args, &["--json"], &["--list"])?;
    let workspace = Workspace::load()?;
    if let Some(name) = options.values("--list").first() {
        if workspace.package(name).is_none() {
            bail!("no crate `{name}` in the workspace");
        }
        for name in &weigh(&workspace, name)?.third_party {
            writeln!(out, "{name}")?;
        }
        return Ok(Verdict::Passed);
    }
    let weights = weigh_all(&workspace)?;
    if options.has("--json") {
        let json = serde_json::json!({ "crates": weights });
        writeln!(out, "{json:#}")?;
        return verdict(&weights, &mut std::io::stderr());
    }
    table(&weights, out)
}

/// Prints the table of all crates, and what breaks a limit.
///
/// # Errors
///
/// When cargo cannot resolve the dependencies.
pub(crate) fn check(workspace: &Workspace, out: &mut dyn Write) -> Result<Verdict> {
    table(&weigh_all(workspace)?, out)
}

fn table(weights: &[Weight], out: &mut dyn Write) -> Result<Verdict> {
    writeln!(out, "third-party crates, normal and build, default features, this host:")?;
    for weight in weights {
        let limit = weight.limit.map_or(String::new(), |limit| format!("  (at most {limit})"));
        writeln!(out, "{:>5}  {}{limit}", weight.count, weight.name)?;
    }
    verdict(weights, out)
}

fn verdict(weights: &[Weight], out: &mut dyn Write) -> Result<Verdict> {
    let broken = broken(weights, LIMITS);
    for what in &broken {
        writeln!(out, "{what}")?;
    }
    Ok(if broken.is_empty() { Verdict::Passed } else { Verdict::Failed })
}

fn weigh_all(workspace: &Workspace) -> Result<Vec<Weight>> {
    let names = workspace.packages.iter().map(|package| package.name.as_str());
    names.map(|name| weigh(workspace, name)).collect()
}

fn weigh(workspace: &Workspace, name: &str) -> Result<Weight> {
    let args = ["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let tree = Invocation::cargo(args).arg("--package").arg(name).read(&workspace.root)?;
    let third_party = third_party(&tree, |name| workspace.package(name).is_some());
    let third_party = third_party.with_context(|| format!("cannot read the tree of {name}"))?;
    let limit = LIMITS.iter().find(|limit| limit.name == name).map(|limit| limit.count_max);
    Ok(Weight { name: name.to_owned(), count: third_party.len(), limit, third_party })
}

/// Reads lines such as `syn v3.0.9`, `serde_derive v1.0.229 (proc-macro) (*)`.
fn third_party(tree: &str, is_ours: impl Fn(&str) -> bool) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let pair = words.next().zip(words.next().and_then(|word| word.strip_prefix('v')));
        let Some((name, version)) = pair else { bail!("unexpected line `{line}`") };
        if !is_ours(name) {
            found.insert(format!("{name} {version}"));
        }
    }
    Ok(found)
}

fn broken(weights: &[Weight], limits: &[Limit]) -> Vec<String> {
    let mut broken = Vec::new();
    for limit in limits {
        let Some(weight) = weights.iter().find(|weight| weight.name == limit.name) else {
            continue;
        };
        let Weight { name, count, third_party, .. } = weight;
        if *count > limit.count_max {
            let most = limit.count_max;
            broken.push(format!("{name} brings {count} third-party crates, at most {most}"));
        }
        for line in third_party {
            let own = line.split(' ').next().unwrap_or_default();
            if limit.never.contains(&own) {
                broken.push(format!("{name} must not bring {own} by default"));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::{Limit, Weight, broken, third_party};

    const TREE: &str = "\
obs-core v0.1.0 (/somewhere/crates/obs-core)
thiserror v2.0.21
thiserror-impl v2.0.21 (proc-macro)
syn v3.0.9
syn v2.0.119
syn v3.0.9 (*)

obs-ring v0.1.0 (/somewhere/crates/obs-ring) (*)
";

    fn weight() -> Weight {
        let third_party = third_party(TREE, |name| name.starts_with("obs-")).unwrap();
        Weight { name: "obs-core".to_owned(), count: third_party.len(), limit: None, third_party }
    }

    #[test]
    fn each_version_counts_once_and_ours_do_not() {
        let found = weight().third_party.into_iter().collect::<Vec<_>>();
        assert_eq!(
            found,
            ["syn 2.0.119", "syn 3.0.9", "thiserror 2.0.21", "thiserror-impl 2.0.21"]
        );
    }

    #[test]
    fn a_line_that_is_no_crate_is_an_error() {
        let error = third_party("[build-dependencies]\n", |_| false).unwrap_err();
        assert_eq!(error.to_string(), "unexpected line `[build-dependencies]`");
    }

    #[test]
    fn a_limit_breaks_by_number_and_by_name() {
        let limit = |count_max, never| [Limit { name: "obs-core", count_max, never }];
        assert_eq!(broken(&[weight()], &limit(4, &["tokio"])), [""; 0]);
        assert_eq!(
            broken(&[weight()], &limit(3, &["thiserror"])),
            [
                "obs-core brings 4 third-party crates, at most 3",
                "obs-core must not bring thiserror by default",
            ]
        );
        assert_eq!(broken(&[], &limit(0, &[])), [""; 0]);
    }
}
