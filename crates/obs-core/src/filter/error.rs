//! What is wrong with a directive of a filter.

use crate::parse;

/// Why a filter directive cannot be used: which one, where, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct FilterError {
    kind: FilterErrorKind,
    directive: String,
    position: usize,
    why: String,
}

/// What kind of fault a [`FilterError`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterErrorKind {
    /// The text has no directive at all.
    Empty,
    /// What stands for a level is none.
    Level,
    /// What stands for a target is none.
    Target,
    /// The directive selects spans or fields, which is not supported.
    Span,
    /// The directive holds a message pattern, which is not supported.
    Pattern,
}

impl FilterError {
    /// What kind of fault it is.
    pub fn kind(&self) -> FilterErrorKind {
        self.kind
    }

    /// The directive, as written, without the blanks around it.
    pub fn directive(&self) -> &str {
        &self.directive
    }

    /// The byte offset of the directive in the filter's text.
    pub fn position(&self) -> usize {
        self.position
    }

    /// What is wrong with the directive, without the directive itself.
    pub fn why(&self) -> &str {
        &self.why
    }

    pub(super) fn new(
        kind: FilterErrorKind,
        directive: &str,
        position: usize,
        why: String,
    ) -> Self {
        Self { kind, directive: directive.to_owned(), position, why }
    }

    pub(super) fn empty() -> Self {
        let why = "expected a level such as info".to_owned();
        Self::new(FilterErrorKind::Empty, "", 0, why)
    }

    fn message(&self) -> String {
        if self.kind == FilterErrorKind::Empty {
            return format!("cannot use an empty filter: {}", self.why);
        }
        let why = crate::escape::terminal(&self.why);
        let directive = parse::shown(&self.directive);
        format!("cannot use filter directive \"{directive}\" at byte {}: {why}", self.position)
    }
}
