//! What was wrong with a setting and did not stop the program.

use std::fmt;

use crate::escape::write_terminal;
use crate::parse::shown;
use crate::redact::{classify, marker};

/// A setting that could not be taken as it was written. What would have held without it holds.
///
/// `Display` gives one line: what, with which value, why, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What kind of fault it is.
    pub kind: ProblemKind,
    /// The variable, the key in the file or the field.
    pub name: String,
    /// The value or the part of it that is wrong, safe to show: cut at 80 characters, redacted if
    /// the name says so. Empty if there is nothing to show.
    pub value: String,
    /// File, line and column; empty if the value did not come from a file.
    pub place: String,
    /// What is wrong with it.
    pub why: String,
    /// What a right value is; empty if there is none.
    pub expected: String,
    /// The name that was meant, by all appearances, where nothing has the one that was written.
    pub near: Option<String>,
    /// Where in the value the part of it begins that is wrong, in bytes; for directives of a filter.
    pub position: Option<usize>,
}

/// What kind of fault a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// No setting has this name.
    Unknown,
    /// The name is one of OpenTelemetry's that mean nothing here.
    NotHonoured,
    /// The value is not one that the setting takes.
    Value,
    /// A part of a filter makes no sense; the rest holds.
    Directive,
    /// The settings file is not TOML; nothing in it holds.
    Syntax,
    /// The settings file cannot be read.
    Unreadable,
}

impl Problem {
    pub(super) fn new(
        kind: ProblemKind,
        name: impl Into<String>,
        value: &str,
        why: impl Into<String>,
    ) -> Self {
        let name = name.into();
        let value = match classify(&name).rule() {
            Some(rule) if !value.is_empty() => marker(rule).to_string(),
            _ => shown(value),
        };
        let (place, expected) = (String::new(), String::new());
        Self { kind, name, value, place, why: why.into(), expected, near: None, position: None }
    }

    /// A name that no setting has, and the one that it resembles.
    pub(super) fn unknown(name: impl Into<String>, near: Option<String>) -> Self {
        let why = match &near {
            Some(near) => format!("no such setting, did you mean {near}?"),
            None => "no such setting".to_owned(),
        };
        Self { near, ..Self::new(ProblemKind::Unknown, name, "", why) }
    }

    pub(super) fn expecting(self, expected: String) -> Self {
        Self { expected, ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |before: &str, text: &str| match text {
            "" => String::new(),
            text => format!("{before}{text}"),
        };
        let value = part("=", &self.value);
        let place = part(" in ", &self.place);
        let expected = part(", expected ", &self.expected);
        let line = format!("{}{value}{place} is ignored: {}{expected}", self.name, self.why);
        write_terminal(f, &line)
    }
}
