//! Which sources the targets of a crate reach through `mod`, `include!` and test cases.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::Child;
use super::paths::join;
use super::source::Source;

/// The root file of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Root {
    pub(crate) path: String,
    pub(crate) test: bool,
    /// The folder that the target's crate stands in, without a `/` at its end.
    pub(crate) folder: String,
}

/// What the targets reach.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// Path, and whether tests alone reach it.
    pub(crate) sources: BTreeMap<String, bool>,
    /// Files that a test names as its input.
    pub(crate) cases: BTreeSet<String>,
}

/// Follows the modules of `sources` from `roots` on.
pub(crate) fn reach(roots: &[Root], sources: &BTreeMap<String, Source>) -> Reach {
    let mut reach = Reach::default();
    for root in roots {
        let mut waiting = vec![(root.path.clone(), true, root.test)];
        while let Some((path, is_root, test)) = waiting.pop() {
            let Some(source) = sources.get(&path) else {
                continue;
            };
            let known = reach.sources.get(&path);
            if known.is_some_and(|&only_test| test || !only_test) {
                continue;
            }
            reach.sources.insert(path.clone(), test);
            reach.cases.extend(cases(source, &root.folder, sources));
            for included in included(source) {
                waiting.push((included, is_root, test));
            }
            for child in &source.children {
                let places = places(&path, is_root, child);
                let place = places.into_iter().find(|place| sources.contains_key(place));
                waiting.extend(place.map(|place| (place, false, test || child.test)));
            }
        }
    }
    reach
}

fn places(path: &str, is_root: bool, child: &Child) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let owner = is_root || stem == "mod";
    let base = if owner { folder.to_owned() } else { join(folder, stem) };
    let (name, outer) = child.names.split_last().map_or(("", &[][..]), |(n, o)| (n.as_str(), o));
    if let Some(given) = &child.path {
        let start =
            if outer.is_empty() { folder.to_owned() } else { join(&base, &outer.join("/")) };
        return vec![join(&start, given)];
    }
    let base = join(&base, &outer.join("/"));
    vec![join(&base, &format!("{name}.rs")), join(&base, &format!("{name}/mod.rs"))]
}

fn included(source: &Source) -> Vec<String> {
    let folder = source.file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let calls = source.tokens.windows(4);
    let calls = calls.filter(|call| call[0].text == "include" && call[1].text == "!");
    calls.filter_map(|call| unquoted(&call[3].text)).map(|path| join(folder, path)).collect()
}

/// The sources that a string in a test names from the folder of its crate.
fn cases(source: &Source, folder: &str, sources: &BTreeMap<String, Source>) -> Vec<String> {
    let named = source.tokens.iter().filter(|token| source.is_test(token.line));
    let named = named.filter_map(|token| unquoted(&token.text));
    let patterns = named.filter(|name| name.ends_with(".rs") && name.contains('/'));
    let patterns: Vec<String> = patterns.map(|name| join(folder, name)).collect();
    let paths = sources.keys().filter(|path| patterns.iter().any(|it| fits(it, path)));
    paths.cloned().collect()
}

fn unquoted(literal: &str) -> Option<&str> {
    literal.strip_prefix('"')?.strip_suffix('"')
}

/// Whether `path` is `pattern`, in which one `*` stands for any part of a name.
fn fits(pattern: &str, path: &str) -> bool {
    let Some((start, end)) = pattern.split_once('*') else {
        return pattern == path;
    };
    let middle = path.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
    middle.is_some_and(|middle| !middle.contains('/'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Reach, Root, reach};
    use crate::tidy::source::tests::source;

    fn check(root: (&str, bool), files: &[(&str, &str)]) -> Reach {
        let sources = files.iter().map(|(path, text)| ((*path).to_owned(), source(path, text)));
        let root = Root { path: root.0.to_owned(), test: root.1, folder: "c".to_owned() };
        reach(&[root], &sources.collect::<BTreeMap<_, _>>())
    }

    fn reached(reach: &Reach) -> Vec<(&str, bool)> {
        reach.sources.iter().map(|(path, test)| (path.as_str(), *test)).collect()
    }

    #[test]
    fn modules_are_found_beside_and_below_their_owner() {
        let files = [
            ("c/src/lib.rs", "mod a; mod b; mod m { mod n; }"),
            ("c/src/a.rs", "mod x;"),
            ("c/src/a/x.rs", ""),
            ("c/src/b/mod.rs", "mod y;"),
            ("c/src/b/y.rs", ""),
            ("c/src/m/n.rs", ""),
            ("c/src/x.rs", "mod never;"),
        ];
        let found = check(("c/src/lib.rs", false), &files);
        let all = files[..6].iter().map(|(path, _)| (*path, false));
        let mut all: Vec<_> = all.collect();
        all.sort_unstable();
        assert_eq!(reached(&found), all);
    }

    #[test]
    fn a_module_for_tests_is_test_code_with_all_below_it() {
        let files = [
            ("c/src/lib.rs", "mod a; #[cfg(test)] mod tests;"),
            ("c/src/a.rs", ""),
            ("c/src/tests.rs", "mod more;"),
            ("c/src/tests/more.rs", ""),
        ];
        let found = check(("c/src/lib.rs", false), &files);
        let expected = [
            ("c/src/a.rs", false),
            ("c/src/lib.rs", false),
            ("c/src/tests.rs", true),
            ("c/src/tests/more.rs", true),
        ];
        assert_eq!(reached(&found), expected);
    }

    #[test]
    fn given_paths_and_inclusions_are_followed() {
        let files = [
            ("c/src/lib.rs", "#[path = \"../shared/p.rs\"] mod p; include!(\"i.rs\");"),
            ("c/shared/p.rs", ""),
            ("c/src/i.rs", "mod j;"),
            ("c/src/j.rs", ""),
        ];
        let found = check(("c/src/lib.rs", false), &files);
        assert_eq!(found.sources.len(), 4, "{found:?}");
    }

    #[test]
    fn the_cases_of_a_test_are_known_by_the_string_that_names_them() {
        let files = [
            ("c/tests/it/main.rs", "#[test] fn a() { t.compile_fail(\"tests/ui/*.rs\"); }"),
            ("c/tests/ui/one.rs", "fn ("),
            ("c/tests/ui/deeper/two.rs", ""),
        ];
        let found = check(("c/tests/it/main.rs", true), &files);
        assert_eq!(found.cases.iter().collect::<Vec<_>>(), ["c/tests/ui/one.rs"]);
        assert_eq!(reached(&found), [("c/tests/it/main.rs", true)]);
    }
}
