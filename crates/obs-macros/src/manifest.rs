//! Under which name a package's manifest makes the facade crate reachable.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use toml::{Table, Value};

const PACKAGE: &str = "obs-facade";
const LIBRARY: &str = "obs";

/// What a manifest says about the facade crate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The extern name to write after `::`.
    Name(String),
    /// The same kind of dependency names the facade more than once.
    Several {
        package: String,
        names: BTreeSet<String>,
    },
    /// No dependency is the facade.
    Missing { package: String },
}

/// Reads `Cargo.toml` in `dir`, and the workspace's where a dependency is inherited from it.
///
/// `Ok(None)` means that there is no such file, as under build systems that are not cargo.
///
/// # Errors
///
/// A sentence for the user when a manifest is there but cannot be read or parsed.
pub(crate) fn read(dir: &Path) -> Result<Option<Reach>, String> {
    let Some(manifest) = table(&dir.join("Cargo.toml"))? else {
        return Ok(None);
    };
    let shared = match inherits(&manifest) {
        true => shared_dependencies(dir, &manifest)?,
        false => Table::new(),
    };
    Ok(Some(reach(&manifest, &shared)))
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
                return names
                    .pop_first()
                    .map_or(Reach::Missing { package }, Reach::Name);
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

fn inherits(manifest: &Table) -> bool {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .into_iter()
        .flat_map(|kind| tables(manifest, kind))
        .flat_map(Table::values)
        .any(is_inherited)
}

/// Finds the workspace as cargo does: in this manifest, where `package.workspace` points, else in
/// the nearest directory above whose manifest has a `[workspace]`.
fn shared_dependencies(dir: &Path, manifest: &Table) -> Result<Table, String> {
    if let Some(workspace) = manifest.get("workspace") {
        return Ok(dependencies_of(workspace));
    }
    let pointed = manifest
        .get("package")
        .and_then(|package| package.get("workspace"));
    if let Some(root) = pointed.and_then(Value::as_str) {
        let found = table(&dir.join(root).join("Cargo.toml"))?;
        return Ok(found
            .as_ref()
            .and_then(|root| root.get("workspace"))
            .map(dependencies_of)
            .unwrap_or_default());
    }
    for above in dir.ancestors().skip(1) {
        if let Some(found) = table(&above.join("Cargo.toml"))?
            && let Some(workspace) = found.get("workspace")
        {
            return Ok(dependencies_of(workspace));
        }
    }
    Ok(Table::new())
}

fn dependencies_of(workspace: &Value) -> Table {
    let dependencies = workspace.get("dependencies").and_then(Value::as_table);
    dependencies.cloned().unwrap_or_default()
}

fn table(path: &Path) -> Result<Option<Table>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read `{}`: {error}", path.display())),
    };
    match text.parse() {
        Ok(table) => Ok(Some(table)),
        Err(error) => Err(format!("cannot parse `{}`: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(manifest: &str, shared: &str) -> Reach {
        reach(&manifest.parse().unwrap(), &shared.parse().unwrap())
    }

    fn check(manifest: &str, shared: &str, expected: &str) {
        assert_eq!(
            parsed(manifest, shared),
            Reach::Name(expected.to_owned()),
            "{manifest}"
        );
    }

    #[test]
    fn a_dependency_that_is_not_renamed_is_reached_by_the_name_of_its_library() {
        check("dependencies.obs-facade = '1'", "", "obs");
        check(
            "[dependencies.obs-facade]\npath = '../obs-facade'",
            "",
            "obs",
        );
    }

    #[test]
    fn a_renamed_dependency_is_reached_by_its_key() {
        check(
            "[dependencies]\nobs = { package = 'obs-facade', path = '.' }",
            "",
            "obs",
        );
        check(
            "[dependencies.my-telemetry]\npackage = 'obs-facade'",
            "",
            "my_telemetry",
        );
        check(
            "[dependencies]\nobs-facade = { package = 'obs-facade' }",
            "",
            "obs_facade",
        );
    }

    #[test]
    fn an_inherited_dependency_is_renamed_where_the_workspace_renames_it() {
        let shared = "telemetry = { package = 'obs-facade', path = 'f' }\nobs-facade = '1'";
        check(
            "[dependencies]\ntelemetry.workspace = true",
            shared,
            "telemetry",
        );
        check(
            "[dependencies]\nobs-facade = { workspace = true }",
            shared,
            "obs",
        );
        let missing = parsed("[dependencies]\nserde.workspace = true", shared);
        assert_eq!(
            missing,
            Reach::Missing {
                package: "this package".to_owned()
            }
        );
    }

    #[test]
    fn dependencies_for_one_target_for_tests_and_for_build_scripts_count() {
        check(
            "[target.'cfg(unix)'.dependencies]\nt = { package = 'obs-facade' }",
            "",
            "t",
        );
        check(
            "[target.x.dev-dependencies]\nt = { package = 'obs-facade' }",
            "",
            "t",
        );
        check(
            "[dev-dependencies]\nt = { package = 'obs-facade' }",
            "",
            "t",
        );
        check(
            "[build-dependencies]\nt = { package = 'obs-facade' }",
            "",
            "t",
        );
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
        assert_eq!(
            parsed(manifest, ""),
            Reach::Several {
                package: "app".to_owned(),
                names
            }
        );
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
        assert_eq!(
            parsed(manifest, ""),
            Reach::Missing {
                package: "app".to_owned()
            }
        );
    }
}
