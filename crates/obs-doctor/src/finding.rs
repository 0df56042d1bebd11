//! One thing that was found.
use crate::kind::{Kind, Severity};
use crate::text;
use obs_core::redact::Redactor;
use obs_core::settings::{Origin, Settings};
use std::collections::BTreeMap;

/// One thing that was found: what is wrong, how that was seen, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of finding it is.
    pub kind: &'static Kind,
    /// What is wrong, or what was looked at and is not: one line.
    pub what: String,
    /// How that was seen: paths, addresses, what the system or the receiver said. A line each.
    pub seen: Vec<String>,
    /// What to do about it: commands, variables to set. A line each.
    pub remedy: Vec<String>,
    /// The variables of the remedy: those to set with their values, and those to remove.
    pub set: BTreeMap<String, Option<String>>,
}

impl Finding {
    /// A finding of this kind.
    #[must_use]
    pub fn new(kind: &'static Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), seen: Vec::new(), remedy: Vec::new(), set: BTreeMap::new() }
    }

    /// The same, with how it was seen.
    #[must_use]
    pub fn seen(mut self, line: impl Into<String>) -> Self {
        self.seen.push(line.into());
        self
    }

    /// The same, with what to do.
    #[must_use]
    pub fn remedy(mut self, line: impl Into<String>) -> Self {
        self.remedy.push(line.into());
        self
    }

    /// The same, with a variable to set.
    #[must_use]
    pub fn export(mut self, variable: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        self.remedy.push(format!("export {variable}={}", text::quoted(&value)));
        self.set.insert(variable.to_owned(), Some(value));
        self
    }

    /// The same, with a variable to remove.
    #[must_use]
    pub fn unset(mut self, variable: &str) -> Self {
        self.remedy.push(format!("unset {variable}"));
        self.set.insert(variable.to_owned(), None);
        self
    }

    /// The same, with a setting to remove from where it comes from: a variable, or a line of the settings file.
    #[must_use]
    pub fn without(self, settings: &Settings, name: &str) -> Self {
        match settings.origin(name) {
            Some(Origin::File(path)) => {
                self.remedy(format!("remove `{name}` from {}", path.display()))
            }
            Some(Origin::Env(variable)) => self.unset(&variable),
            _ => self.unset(&text::variable(name)),
        }
    }

    /// The id of its kind.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.kind.id
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.kind.severity
    }

    /// The same, without secrets: what others said may hold some.
    pub(crate) fn redacted(mut self, redactor: &Redactor) -> Self {
        let lines = self.seen.iter_mut().chain(&mut self.remedy);
        let values = self.set.values_mut().flatten();
        for text in lines.chain(values).chain([&mut self.what]) {
            *text = redactor.redact(text).into_owned();
        }
        self
    }
}
