//! How a program was built.
use serde::Serialize;
use serde_json::Value;

/// How a program was built, as its build knows it; assign fields after [`Build::new`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Build {
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The commit that it was built from, with `-dirty` at its end where files differed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// The profile: `release`, `debug` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The features that were on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// What it was built for: `x86_64-unknown-linux-gnu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The version of the compiler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rustc: Option<String>,
}

impl Build {
    /// A build of which package and version are known.
    #[must_use]
    pub fn new(package: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            package: package.into(),
            version: version.into(),
            git_commit: None,
            profile: None,
            features: Vec::new(),
            target: None,
            rustc: None,
        }
    }

    pub(super) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_else(|error| super::source::failed(&error))
    }
}
