//! The kinds of findings that there are.
use serde::Serialize;
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// Nothing is wrong.
    Ok,
    /// Worth knowing; nothing to do.
    Note,
    /// It works, but not as it should, or not for long.
    Warning,
    /// Something that was asked for does not work.
    Problem,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A kind of findings. Its id stays the same in all versions.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kind {
    /// Words in small letters with hyphens between.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it means, for the manual.
    pub means: &'static str,
    /// What to do in general, for the manual; empty where there is nothing to do.
    pub remedy: &'static str,
}

impl Kind {
    /// A kind.
    #[must_use]
    pub const fn new(
        id: &'static str,
        severity: Severity,
        means: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self { id, severity, means, remedy }
    }

    pub(crate) const fn ok(id: &'static str, means: &'static str) -> Self {
        Self::new(id, Severity::Ok, means, "")
    }

    pub(crate) const fn note(id: &'static str, means: &'static str, remedy: &'static str) -> Self {
        Self::new(id, Severity::Note, means, remedy)
    }

    pub(crate) const fn warning(
        id: &'static str,
        means: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self::new(id, Severity::Warning, means, remedy)
    }

    pub(crate) const fn problem(
        id: &'static str,
        means: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self::new(id, Severity::Problem, means, remedy)
    }
}
