//! What every manifest of ours declares.

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::member::Member;
use super::table::FEATURE_CRATE;
use crate::finding::Finding;

/// What the manifest of `member` lacks, or has too much.
///
/// # Errors
///
/// When it is no TOML.
pub(crate) fn check(member: &Member<'_>) -> Result<Vec<Finding>> {
    let table: Table =
        member.text.parse().with_context(|| format!("cannot parse {}", member.path))?;
    let mut findings = Vec::new();
    let mut find = |line, what: String, rule| {
        findings.push(Finding { path: member.path.clone(), line, what, rule });
    };
    if let Some(what) = wrong_folder(member) {
        find(member.line_of_key("package", "name"), what, "manifest");
    }
    let package = table.get("package");
    if package.and_then(|package| package.get("rust-version")).is_none() {
        let line = member.line_of_key("package", "name");
        find(line, "rust-version is not declared".to_owned(), "manifest");
    }
    for key in ["license", "publish"] {
        if !inherits(package.and_then(|package| package.get(key))) {
            let line = member.line_of_key("package", key);
            find(line, format!("write `{key}.workspace = true`"), "manifest");
        }
    }
    if !inherits(table.get("lints")) {
        let line = member.line_of_key("lints", "workspace");
        find(line, "write `[lints] workspace = true`".to_owned(), "manifest");
    }
    findings.extend(features(member, &table));
    Ok(findings)
}

fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")) == Some(&Value::Boolean(true))
}

fn wrong_folder(member: &Member<'_>) -> Option<String> {
    let name = &member.package.name;
    let folder = member.path.strip_suffix("/Cargo.toml").unwrap_or_default();
    let expected = if folder.starts_with("crates/") || name.starts_with("obs-") {
        format!("crates/{name}")
    } else if folder.starts_with("examples/") {
        format!("examples/{name}")
    } else {
        name.clone()
    };
    (folder != expected).then(|| format!("crate {name} belongs into the folder {expected}"))
}

fn features(member: &Member<'_>, table: &Table) -> Vec<Finding> {
    let package = member.package;
    if package.name == FEATURE_CRATE {
        return Vec::new();
    }
    let find = |line, what| Finding { path: member.path.clone(), line, what, rule: "features" };
    let mut findings = Vec::new();
    if table.contains_key("features") {
        let line = member.line_of_header("features").unwrap_or(1);
        findings.push(find(line, format!("cargo features live in {FEATURE_CRATE} alone")));
    }
    for dependency in package.dependencies.iter().filter(|dependency| dependency.optional) {
        let what = format!(
            "{} is optional, which makes it a cargo feature; those live in {FEATURE_CRATE} alone",
            dependency.name
        );
        findings.push(find(member.line_of(dependency), what));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::member::tests::{with_member, with_member_at};
    use super::check;

    const GOOD: &str = "\
[package]
name = \"obs-log\"
license.workspace = true
publish = { workspace = true }
rust-version = \"1.95\"

[lints]
workspace = true
";

    fn judge(name: &str, manifest: &str) -> Vec<String> {
        with_member(name, manifest, |member| {
            let findings = check(member).unwrap();
            findings.iter().map(|f| format!("{}: {} ({})", f.line, f.what, f.rule)).collect()
        })
    }

    #[test]
    fn a_manifest_that_declares_all_is_clean() {
        assert_eq!(judge("obs-log", GOOD), [""; 0]);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            judge("obs-log", "[package]\nname = \"obs-log\"\npublish = false\n"),
            [
                "2: rust-version is not declared (manifest)",
                "1: write `license.workspace = true` (manifest)",
                "3: write `publish.workspace = true` (manifest)",
                "1: write `[lints] workspace = true` (manifest)",
            ]
        );
    }

    #[test]
    fn the_folder_is_named_as_the_crate() {
        let judge = |path: &str, name: &str| {
            with_member_at(path, name, &GOOD.replace("obs-log", name), |member| {
                check(member).unwrap().into_iter().map(|f| f.what).collect::<Vec<_>>()
            })
        };
        let said = judge("crates/log/Cargo.toml", "obs-log");
        assert_eq!(said, ["crate obs-log belongs into the folder crates/obs-log"]);
        let said = judge("crates/extra/Cargo.toml", "other");
        assert_eq!(said, ["crate other belongs into the folder crates/other"]);
        let said = judge("examples/other/Cargo.toml", "service");
        assert_eq!(said, ["crate service belongs into the folder examples/service"]);
        assert_eq!(judge("xtask/Cargo.toml", "xtask"), [""; 0]);
    }

    #[test]
    fn features_live_in_the_facade_alone() {
        let extra = "[features]\nfast = []\n[dependencies]\nlog = { optional = true }\n";
        assert_eq!(
            judge("obs-log", &format!("{GOOD}{extra}")),
            [
                "9: cargo features live in obs-facade alone (features)",
                "12: log is optional, which makes it a cargo feature; those live in obs-facade \
                 alone (features)",
            ]
        );
        let facade = format!("{GOOD}{extra}").replace("obs-log", "obs-facade");
        assert_eq!(judge("obs-facade", &facade), [""; 0]);
    }
}
