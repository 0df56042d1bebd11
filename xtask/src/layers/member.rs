//! One member of the workspace with the text of its manifest.

use std::fs;

use anyhow::{Context, Result};

use super::table::UNSAFE_CRATE;
use crate::workspace::{Dependency, DependencyKind, Package, Workspace};

#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub(crate) package: &'a Package,
    /// The manifest's path from the workspace root.
    pub(crate) path: String,
    /// The manifest's text.
    pub(crate) text: String,
}

impl<'a> Member<'a> {
    /// Reads the manifest of `package`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) fn read(workspace: &Workspace, package: &'a Package) -> Result<Self> {
        let path = workspace.relative(&package.manifest_path);
        let text = fs::read_to_string(&package.manifest_path)
            .with_context(|| format!("cannot read {path}"))?;
        Ok(Self { package, path, text })
    }

    /// The root files, as (path, text), of the targets that must forbid unsafe code.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub(crate) fn guarded_roots(&self, workspace: &Workspace) -> Result<Vec<(String, String)>> {
        if self.package.name == UNSAFE_CRATE {
            return Ok(Vec::new());
        }
        let kinds = ["lib", "rlib", "proc-macro", "bin"];
        let targets = self.package.targets.iter().filter(|t| kinds.iter().any(|kind| t.is(kind)));
        targets
            .map(|target| {
                let path = workspace.relative(&target.src_path);
                let text = fs::read_to_string(&target.src_path)
                    .with_context(|| format!("cannot read {path}"))?;
                Ok((path, text))
            })
            .collect()
    }

    /// The line that names `dependency`; 1 when it is written in an unusual way.
    pub(crate) fn line_of(&self, dependency: &Dependency) -> usize {
        let key = dependency.rename.as_deref().unwrap_or(&dependency.name);
        let section = match dependency.kind {
            DependencyKind::Normal => "dependencies",
            DependencyKind::Dev => "dev-dependencies",
            DependencyKind::Build => "build-dependencies",
        };
        self.line_in(key, |own| own == section || own.ends_with(&format!(".{section}")))
            .or_else(|| self.line_of_header(&format!("{section}.{key}")))
            .unwrap_or(1)
    }

    /// The line of `key` in `[section]`, else that of the section, else 1.
    pub(crate) fn line_of_key(&self, section: &str, key: &str) -> usize {
        self.line_in(key, |own| own == section)
            .or_else(|| self.line_of_header(section))
            .unwrap_or(1)
    }

    /// The line of `[name]`.
    pub(crate) fn line_of_header(&self, name: &str) -> Option<usize> {
        let at = self.text.lines().position(|line| header(line) == Some(name));
        at.map(|index| index + 1)
    }

    fn line_in(&self, key: &str, is_section: impl Fn(&str) -> bool) -> Option<usize> {
        let mut inside = false;
        for (index, line) in self.text.lines().enumerate() {
            if let Some(name) = header(line) {
                inside = is_section(name);
            } else if inside && written_key(line) == key {
                return Some(index + 1);
            }
        }
        None
    }
}

fn header(line: &str) -> Option<&str> {
    line.trim().strip_prefix('[')?.split(']').next()
}

fn written_key(line: &str) -> &str {
    line.trim_start().split(['=', '.', ' ']).next().unwrap_or_default().trim_matches('"')
}

#[cfg(test)]
pub(crate) mod tests {
    use toml::{Table, Value};

    use super::Member;
    use crate::workspace::{Dependency, DependencyKind, Package};

    /// Calls `judge` with a member whose manifest in `crates/NAME` is `text`.
    pub(crate) fn with_member<T>(name: &str, text: &str, judge: impl Fn(&Member<'_>) -> T) -> T {
        with_member_at(&format!("crates/{name}/Cargo.toml"), name, text, judge)
    }

    pub(crate) fn with_member_at<T>(
        path: &str,
        name: &str,
        text: &str,
        judge: impl Fn(&Member<'_>) -> T,
    ) -> T {
        let table: Table = text.parse().unwrap();
        let mut dependencies = in_sections(&table);
        for target in table.get("target").and_then(Value::as_table).into_iter().flatten() {
            dependencies.extend(in_sections(target.1.as_table().unwrap()));
        }
        let package = Package { name: name.to_owned(), dependencies, ..Package::default() };
        judge(&Member { package: &package, path: path.to_owned(), text: text.to_owned() })
    }

    fn in_sections(table: &Table) -> Vec<Dependency> {
        let sections = [
            ("dependencies", DependencyKind::Normal),
            ("dev-dependencies", DependencyKind::Dev),
            ("build-dependencies", DependencyKind::Build),
        ];
        let mut dependencies = Vec::new();
        for (section, kind) in sections {
            for (key, value) in table.get(section).and_then(Value::as_table).into_iter().flatten() {
                dependencies.push(dependency(key, value, kind));
            }
        }
        dependencies
    }

    fn dependency(key: &str, value: &Value, kind: DependencyKind) -> Dependency {
        let features = value.get("features").and_then(Value::as_array).into_iter().flatten();
        let package = value.get("package").and_then(Value::as_str);
        Dependency {
            name: package.unwrap_or(key).to_owned(),
            rename: package.map(|_| key.to_owned()),
            kind,
            optional: value.get("optional") == Some(&Value::Boolean(true)),
            features: features.map(|name| name.as_str().unwrap().to_owned()).collect(),
        }
    }

    #[test]
    fn a_dependency_is_found_however_it_is_written() {
        let text = "\
[package]
name = \"a\"
[dependencies]
log = \"1\"
serde.workspace = true
\"toml\" = {}
[dependencies.syn]
version = \"3\"
[target.'cfg(unix)'.dev-dependencies]
log = \"1\"
";
        let lines = with_member("a", text, |member| {
            let dependencies = member.package.dependencies.iter();
            dependencies.map(|it| (it.name.clone(), member.line_of(it))).collect::<Vec<_>>()
        });
        let lines: Vec<_> = lines.iter().map(|(name, line)| (name.as_str(), *line)).collect();
        assert_eq!(lines, [("log", 4), ("serde", 5), ("syn", 7), ("toml", 6), ("log", 10)]);
    }
}
