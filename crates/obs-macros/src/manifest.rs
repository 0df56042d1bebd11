//! Under which name a package's manifest makes the facade crate reachable.

use std::collections::BTreeSet;

use toml::{Table, Value};

const PACKAGE: &str = "obs-facade";
const LIBRARY: &str = "obs";

/// What a manifest says about the facade crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The extern name to write after `::`.
    Name(String),
    /// The same kind of dependency names the facade more than once.
    Several { package: String, names: BTreeSet<String> },
    /// No dependency is the facade.
    Missing { package: String },
}

/// Decides from the manifest and the `[workspace.dependencies]` it may inherit from.
///
/// Normal dependencies win over dev-dependencies, those over build-dependencies. The package that
/// is the facade itself reaches itself as its tests, examples and doctests do.
pub(crate) fn reach(manifest: &Table, shared: &Table) -> Reach {
    let package = package_name(manifest);
    if package == PACKAGE {
        return Reach::Name(LIBRARY.to_owned());
    }
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let mut names: BTreeSet<String> = tables(manifest, kind)
            .flat_map(Table::iter)
            .filter_map(|(key, dependency)| extern_name(key, dependency, shared))
            .collect();
        match names.len() {
            0 => {}
            1 => {
                return names.pop_first().map_or(Reach::Missing { package }, Reach::Name);
            }
            _ => return Reach::Several { package, names },
        }
    }
    Reach::Missing { package }
}

/// Cargo renames a dependency exactly when `package` is written, be it to the same name.
fn extern_name(key: &str, dependency: &Value, shared: &Table) -> Option<String> {
    let declared = match is_inherited(dependency) {
        true => shared.get(key)?,
        false => dependency,
    };
    match declared.get("package").and_then(Value::as_str) {
        Some(PACKAGE) => Some(key.replace('-', "_")),
        None if key == PACKAGE => Some(LIBRARY.to_owned()),
        _ => None,
    }
}

fn package_name(manifest: &Table) -> String {
    manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(Value::as_str)
        .unwrap_or("this package")
        .to_owned()
}

/// The dependency tables of one kind: the plain one, and one for each target that has its own.
fn tables<'a>(manifest: &'a Table, kind: &'a str) -> impl Iterator<Item = &'a Table> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values);
    manifest
        .get(kind)
        .into_iter()
        .chain(targets.filter_map(move |target| target.get(kind)))
        .filter_map(Value::as_table)
}

fn is_inherited(dependency: &Value) -> bool {
    dependency.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// Whether any dependency is the workspace's.
pub(crate) fn inherits(manifest: &Table) -> bool {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .into_iter()
        .flat_map(|kind| tables(manifest, kind))
        .flat_map(Table::values)
        .any(is_inherited)
}

/// Where the manifest says its workspace is, relative to its own directory.
pub(crate) fn workspace_of(manifest: &Table) -> Option<&str> {
    manifest.get("package")?.get("workspace")?.as_str()
}

/// The `[workspace.dependencies]` of a manifest that is a workspace's; there may be none in it.
pub(crate) fn shared_dependencies(manifest: &Table) -> Option<Table> {
    let workspace = manifest.get("workspace")?;
    let dependencies = workspace.get("dependencies").and_then(Value::as_table);
    Some(dependencies.cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(manifest: &str, shared: &str) -> Reach {
        reach(&manifest.parse().unwrap(), &shared.parse().unwrap())
    }

    fn check(manifest: &str, shared: &str, expected: &str) {
        assert_eq!(parsed(manifest, shared), Reach::Name(expected.to_owned()), "{manifest}");
    }

    #[test]
    fn a_dependency_that_is_not_renamed_is_reached_by_the_name_of_its_library() {
        check("dependencies.obs-facade = '1'", "", "obs");
        check("[dependencies.obs-facade]\npath = '../obs-facade'", "", "obs");
    }

    #[test]
    fn a_renamed_dependency_is_reached_by_its_key() {
        check("[dependencies]\nobs = { package = 'obs-facade', path = '.' }", "", "obs");
        check("[dependencies.my-telemetry]\npackage = 'obs-facade'", "", "my_telemetry");
        check("[dependencies]\nobs-facade = { package = 'obs-facade' }", "", "obs_facade");
    }

    #[test]
    fn an_inherited_dependency_is_renamed_where_the_workspace_renames_it() {
        let shared = "telemetry = { package = 'obs-facade', path = 'f' }\nobs-facade = '1'";
        check("[dependencies]\ntelemetry.workspace = true", shared, "telemetry");
        check("[dependencies]\nobs-facade = { workspace = true }", shared, "obs");
        let missing = parsed("[dependencies]\nserde.workspace = true", shared);
        assert_eq!(missing, Reach::Missing { package: "this package".to_owned() });
    }

    #[test]
    fn dependencies_for_one_target_for_tests_and_for_build_scripts_count() {
        check("[target.'cfg(unix)'.dependencies]\nt = { package = 'obs-facade' }", "", "t");
        check("[target.x.dev-dependencies]\nt = { package = 'obs-facade' }", "", "t");
        check("[dev-dependencies]\nt = { package = 'obs-facade' }", "", "t");
        check("[build-dependencies]\nt = { package = 'obs-facade' }", "", "t");
    }

    #[test]
    fn a_normal_dependency_wins_over_one_for_tests() {
        let manifest = "[dependencies]\na = { package = 'obs-facade' }\n\
                        [dev-dependencies]\nb = { package = 'obs-facade' }";
        check(manifest, "", "a");
    }

    #[test]
    fn two_names_of_one_kind_are_not_chosen_between() {
        let manifest = "package.name = 'app'\n[dependencies]\na = { package = 'obs-facade' }\n\
                        [target.x.dependencies]\nb = { package = 'obs-facade' }";
        let names = ["a".to_owned(), "b".to_owned()].into();
        assert_eq!(parsed(manifest, ""), Reach::Several { package: "app".to_owned(), names });
        let same = "[target.x.dependencies]\na = { package = 'obs-facade' }\n\
                    [target.y.dependencies]\na = { package = 'obs-facade' }";
        check(same, "", "a");
    }

    #[test]
    fn the_facade_itself_is_reached_as_its_tests_and_examples_reach_it() {
        check("[package]\nname = 'obs-facade'", "", "obs");
    }

    #[test]
    fn other_packages_are_not_the_facade() {
        let manifest = "package.name = 'app'\n[dependencies]\nobs = '1'\nx = { package = 'obs' }";
        assert_eq!(parsed(manifest, ""), Reach::Missing { package: "app".to_owned() });
    }
}
