//! All that the rules look at.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};

use super::listing;
use super::reach::{Reach, Root, reach};
use super::source::{Role, Source};
use super::text::Text;
use crate::finding::Finding;
use crate::workspace::Workspace;

#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Every file, also those that are no text.
    pub(crate) files: BTreeSet<String>,
    /// Every file that is UTF-8.
    pub(crate) texts: Vec<Text>,
    /// The Rust sources, by path.
    pub(crate) sources: BTreeMap<String, Source>,
    reach: Reach,
    /// The folders of the workspace's members.
    folders: Vec<String>,
}

impl Tree {
    /// Reads the files of the workspace.
    ///
    /// # Errors
    ///
    /// When one cannot be read.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let files = listing::files(&workspace.root)?;
        let mut texts = Vec::new();
        for path in &files {
            let bytes = fs::read(workspace.root.join(path));
            let bytes = bytes.with_context(|| format!("cannot read {path}"))?;
            if let Ok(text) = String::from_utf8(bytes) {
                texts.push(Text { path: path.clone(), text });
            }
        }
        let folders = workspace.packages.iter().map(|package| {
            let path = workspace.relative(&package.manifest_path);
            path.strip_suffix("/Cargo.toml").unwrap_or_default().to_owned()
        });
        let folders = folders.collect();
        Ok(Self { files, ..Self::new(texts, &roots(workspace), folders) })
    }

    pub(crate) fn new(texts: Vec<Text>, roots: &[Root], folders: Vec<String>) -> Self {
        let rust = texts.iter().filter(|text| text.is("rs"));
        let mut sources: BTreeMap<_, _> =
            rust.map(|text| (text.path.clone(), Source::parse(text.clone()))).collect();
        let reach = reach(roots, &sources);
        for (path, source) in &mut sources {
            if reach.cases.contains(path) {
                source.role = Role::Case;
            } else if reach.sources.get(path) == Some(&true) {
                source.role = Role::Test;
            }
        }
        let files = texts.iter().map(|text| text.path.clone()).collect();
        Self { files, texts, sources, reach, folders }
    }

    /// The sources under `src` and `tests` of a member that nothing compiles.
    pub(crate) fn dead_files(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (path, source) in &self.sources {
            let lives = self.reach.sources.contains_key(path) || self.reach.cases.contains(path);
            if !lives && self.belongs_to_a_target(path) {
                let what = "no target and no `mod` reaches this file";
                findings.push(source.finding(1, what, "dead-file"));
            }
        }
        findings
    }

    fn belongs_to_a_target(&self, path: &str) -> bool {
        self.folders.iter().any(|folder| {
            let inner = path.strip_prefix(folder.as_str()).unwrap_or_default();
            inner.starts_with("/src/") || inner.starts_with("/tests/")
        })
    }
}

fn roots(workspace: &Workspace) -> Vec<Root> {
    let mut roots = Vec::new();
    for package in &workspace.packages {
        let manifest = workspace.relative(&package.manifest_path);
        let folder = manifest.strip_suffix("/Cargo.toml").unwrap_or_default();
        for target in &package.targets {
            roots.push(Root {
                path: workspace.relative(&target.src_path),
                test: target.is("test") || target.is("bench"),
                folder: folder.to_owned(),
            });
        }
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::super::reach::Root;
    use super::super::source::Role;
    use super::super::text::Text;
    use super::Tree;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let texts = files
            .iter()
            .map(|(path, text)| Text { path: (*path).to_owned(), text: (*text).to_owned() });
        let root = |path: &str, test| Root { path: path.to_owned(), test, folder: "c".to_owned() };
        let roots = [root("c/src/lib.rs", false), root("c/tests/it/main.rs", true)];
        Tree::new(texts.collect(), &roots, vec!["c".to_owned()])
    }

    #[test]
    fn a_file_that_nothing_reaches_is_dead() {
        let tree = tree(&[
            ("c/src/lib.rs", "mod a;"),
            ("c/src/a.rs", ""),
            ("c/src/b.rs", ""),
            ("c/tests/it/main.rs", "mod claims;"),
            ("c/tests/it/claims.rs", "fn a() { cases(\"tests/ui/*.rs\"); }"),
            ("c/tests/it/lost.rs", ""),
            ("c/tests/ui/case.rs", ""),
            ("c/examples/free.rs", ""),
        ]);
        let dead: Vec<_> = tree.dead_files().into_iter().map(|it| it.to_string()).collect();
        assert_eq!(
            dead,
            [
                "c/src/b.rs:1: no target and no `mod` reaches this file (dead-file)",
                "c/tests/it/lost.rs:1: no target and no `mod` reaches this file (dead-file)",
            ]
        );
    }

    #[test]
    fn what_tests_alone_reach_is_test_code() {
        let tree = tree(&[
            ("c/src/lib.rs", "mod a; #[cfg(test)] mod b;"),
            ("c/src/a.rs", ""),
            ("c/src/b.rs", "fn a() { cases(\"tests/ui/*.rs\"); }"),
            ("c/tests/ui/case.rs", "fn ("),
        ]);
        let role = |path: &str| tree.sources[path].role;
        assert_eq!(role("c/src/a.rs"), Role::Product);
        assert_eq!(role("c/src/b.rs"), Role::Test);
    }
}
