//! Where the value of each setting came from.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Settings;
use super::table::{self, rows};
use crate::escape::write_terminal;

/// Where the value of a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The settings file.
    File(PathBuf),
    /// The environment variable of this name.
    Env(String),
    /// The program assigned it after loading.
    Code,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write_terminal(f, &format!("file {}", path.display())),
            Self::Env(var) => write!(f, "env {var}"),
            Self::Code => f.write_str("code"),
        }
    }
}

/// One setting as it stands, for the start-up line and `env.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// The name of the field.
    pub name: &'static str,
    /// The value as text, as the environment would say it; empty if there is none.
    pub value: String,
    /// Where the value came from.
    pub origin: Origin,
}

/// What was loaded, by row: a field that differs from it was assigned by code.
#[derive(Clone, Debug, Default)]
pub(super) struct Loaded {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    value: String,
    origin: Origin,
    text: Option<String>,
}

impl Loaded {
    pub(super) fn defaults(settings: &Settings) -> Self {
        let default = |row: &table::Row| Row {
            value: (row.show)(settings),
            origin: Origin::Default,
            text: None,
        };
        Self { rows: rows().map(default).collect() }
    }
}

impl Settings {
    /// Where the value of the field of this name came from; `None` if no setting has the name.
    ///
    /// A field is taken to be set by code when its value is not the one that was loaded.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        let (at, row) = table::find(name)?;
        let loaded = &self.loaded.rows[at];
        let is_loaded = loaded.value == (row.show)(self);
        Some(if is_loaded { loaded.origin.clone() } else { Origin::Code })
    }

    /// Every setting with its value and origin, in the order of `docs/settings.md` and `docs/otel.md`.
    pub fn all(&self) -> impl Iterator<Item = Setting> {
        rows().map(|row| Setting {
            name: row.name,
            value: (row.show)(self),
            origin: self.origin(row.name).unwrap_or(Origin::Default),
        })
    }

    /// The text that `capture` was read from; `None` if nobody set it, or code did.
    pub fn capture_text(&self) -> Option<&str> {
        let (at, row) = table::find("capture")?;
        let loaded = &self.loaded.rows[at];
        loaded.text.as_deref().filter(|_| loaded.value == (row.show)(self))
    }

    /// Takes the service's name from the program's file, unless somebody set a name.
    ///
    /// ```
    /// # use obs_core::Settings;
    /// let mut settings = Settings::default();
    /// settings.name_after("/usr/bin/acm-batch".as_ref());
    /// assert_eq!(settings.service, "acm-batch");
    /// ```
    pub fn name_after(&mut self, program: &Path) {
        let Some(stem) = program.file_stem() else {
            return;
        };
        if self.origin("service") == Some(Origin::Default) {
            self.service = stem.to_string_lossy().into_owned();
            self.note_loaded("service", Origin::Default, None);
        }
    }

    /// Notes that the value which the field has now was loaded from `origin`.
    pub(super) fn note_loaded(&mut self, name: &str, origin: Origin, text: Option<String>) {
        if let Some((at, row)) = table::find(name) {
            self.loaded.rows[at] = Row { value: (row.show)(self), origin, text };
        }
    }
}
