//! The workspace as cargo sees it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::invocation::Invocation;

/// The members of the workspace around the current folder.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    #[serde(rename = "target_directory")]
    pub(crate) target: PathBuf,
}

/// One member.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

/// One line under a `dependencies` section.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Dependency {
    /// The crate's own name, also when the manifest gives it another one.
    pub(crate) name: String,
    pub(crate) rename: Option<String>,
    #[serde(default)]
    pub(crate) kind: DependencyKind,
    #[serde(default)]
    pub(crate) optional: bool,
    #[serde(default)]
    pub(crate) features: Vec<String>,
}

/// Which section a dependency stands under.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    #[default]
    Normal,
    Dev,
    Build,
}

impl<'de> Deserialize<'de> for DependencyKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<String>::deserialize(deserializer)?.as_deref() {
            None | Some("normal") => Ok(Self::Normal),
            Some("dev") => Ok(Self::Dev),
            Some("build") => Ok(Self::Build),
            Some(other) => {
                Err(serde::de::Error::custom(format!("unknown kind of dependency `{other}`")))
            }
        }
    }
}

/// Something that cargo compiles on its own.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    pub(crate) src_path: PathBuf,
}

impl Target {
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kind.iter().any(|own| own == kind)
    }
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    ///
    /// When the current folder is in no workspace, or a manifest in it is wrong.
    pub(crate) fn load() -> Result<Self> {
        let metadata = Invocation::cargo(["metadata", "--no-deps", "--format-version", "1"]);
        let json = metadata.read(Path::new("."))?;
        serde_json::from_str(&json).with_context(|| format!("cannot read what `{metadata}` says"))
    }

    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// A call of a program that is built without optimisation, by its name.
    pub(crate) fn debug(&self, name: &str) -> Invocation {
        Invocation::program(self.target.join("debug").join(name).to_string_lossy())
    }

    /// Whether crate `package` has a target `name` of `kind` (`bin`, `test`, `example`, …).
    pub(crate) fn has_target(&self, package: &str, kind: &str, name: &str) -> bool {
        let package = self.package(package);
        package.is_some_and(|it| it.targets.iter().any(|t| t.is(kind) && t.name == name))
    }

    /// `path` from the workspace root, with `/`; as it is when it lies elsewhere.
    pub(crate) fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.to_string_lossy().replace('\\', "/")
    }
}
