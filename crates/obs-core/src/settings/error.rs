//! Why a settings file cannot be used.

use std::path::{Path, PathBuf};

use super::file::{Fault, Place};
use crate::escape::terminal;

/// Why a settings file cannot be used: which file, where in it, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct SettingsError {
    kind: SettingsErrorKind,
    path: PathBuf,
    place: Option<Place>,
    why: String,
}

/// What kind of fault a [`SettingsError`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsErrorKind {
    /// The file cannot be read, is larger than 1 MiB or is not UTF-8.
    Read,
    /// The file is not TOML.
    Syntax,
    /// A key names no setting.
    UnknownKey,
    /// The value of a setting is wrong.
    Value,
}

impl SettingsError {
    /// What kind of fault it is.
    pub fn kind(&self) -> SettingsErrorKind {
        self.kind
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line of the fault, from 1; `None` if the file could not be read.
    pub fn line(&self) -> Option<usize> {
        self.place.map(|place| place.line)
    }

    /// The column of the fault in characters, from 1; `None` if the file could not be read.
    pub fn column(&self) -> Option<usize> {
        self.place.map(|place| place.column)
    }

    pub(super) fn unreadable(path: &Path, why: String) -> Self {
        Self { kind: SettingsErrorKind::Read, path: path.to_owned(), place: None, why }
    }

    pub(super) fn of(path: &Path, fault: Fault) -> Self {
        let why = match fault.kind {
            SettingsErrorKind::Syntax => fault.problem.why,
            _ => fault.problem.to_string().replacen(" is ignored", "", 1),
        };
        Self { kind: fault.kind, path: path.to_owned(), place: Some(fault.place), why }
    }

    /// What is wrong, without file and place.
    pub(super) fn why(&self) -> &str {
        &self.why
    }

    fn message(&self) -> String {
        let path = self.path.display();
        let message = match self.place {
            None => format!("cannot read settings file \"{path}\": {}", self.why),
            Some(place) => format!("cannot use settings file \"{path}\" at {place}: {}", self.why),
        };
        terminal(&message).into_owned()
    }
}
