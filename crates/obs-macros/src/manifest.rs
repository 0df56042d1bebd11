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
