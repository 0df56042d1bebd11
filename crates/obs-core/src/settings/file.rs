//! Settings from a TOML file: one flat table whose keys are the names of the settings.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::{SettingsError, SettingsErrorKind};
use super::table::{self, rows};
use super::{Origin, Problem, ProblemKind, Settings};
use crate::nearest::nearest;

const FILE_BYTES_MAX: u64 = 1 << 20;

/// A line and a column, in characters, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Place {
    fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// One thing that is wrong in a file; the problem's name is the key.
pub(super) struct Fault {
    pub(super) kind: SettingsErrorKind,
    pub(super) place: Place,
    pub(super) problem: Problem,
}

impl Fault {
    /// The problem, with its place in the file.
    pub(super) fn into_problem(self, path: &Path) -> Problem {
        Problem { place: format!("{}, {}", path.display(), self.place), ..self.problem }
    }
}

impl Settings {
    /// The settings of a file over the defaults, without a look at the environment.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is larger than 1 MiB, is not TOML, or the first key that is unknown
    /// or has a wrong value, with line and column.
    ///
    /// ```no_run
    /// # use obs_core::Settings;
    /// let settings = Settings::from_file("/etc/acm/obs.toml")?;
    /// # Ok::<(), obs_core::settings::SettingsError>(())
    /// ```
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingsError> {
        Self::from_toml(path.as_ref(), &read(path.as_ref())?)
    }

    /// The settings in the text of a file over the defaults; `path` is where the text comes from, for messages.
    ///
    /// # Errors
    ///
    /// The text is not TOML, or the first key that is unknown or has a wrong value, with line and column.
    pub fn from_toml(path: impl AsRef<Path>, text: &str) -> Result<Self, SettingsError> {
        let path = path.as_ref();
        let mut settings = Self::default();
        match apply(&mut settings, path, text).into_iter().next() {
            Some(fault) => Err(SettingsError::of(path, fault)),
            None => Ok(settings),
        }
    }
}

/// The text of a settings file.
pub(super) fn read(path: &Path) -> Result<String, SettingsError> {
    let unreadable = |why: String| SettingsError::unreadable(path, why);
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut text = String::new();
    let read = file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text);
    match read {
        Ok(bytes) if bytes as u64 > FILE_BYTES_MAX => {
            Err(unreadable("it is larger than 1 MiB".to_owned()))
        }
        Ok(_) => Ok(text),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

/// Takes every right value of a file; gives what is wrong with the others, in their order.
pub(super) fn apply(settings: &mut Settings, path: &Path, text: &str) -> Vec<Fault> {
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => return vec![syntax_fault(text, &error)],
    };
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    let mut faults = Vec::new();
    for (key, value) in keys {
        let place = |byte| Place::of(text, byte);
        let name: &str = key.get_ref();
        match table::find(name) {
            None => faults.push(Fault {
                kind: SettingsErrorKind::UnknownKey,
                place: place(key.span().start),
                problem: unknown(name, value.get_ref()),
            }),
            Some((_, row)) => {
                let problems = take(settings, row, path, value.get_ref());
                faults.extend(problems.into_iter().map(|problem| Fault {
                    kind: SettingsErrorKind::Value,
                    place: place(value.span().start),
                    problem,
                }));
            }
        }
    }
    faults
}

fn syntax_fault(text: &str, error: &toml::de::Error) -> Fault {
    let byte = error.span().map_or(0, |span| span.start);
    let why = error.message().trim_end().replace('\n', ", ");
    Fault {
        kind: SettingsErrorKind::Syntax,
        place: Place::of(text, byte),
        problem: Problem::new(ProblemKind::Syntax, "the file", "", why),
    }
}

fn unknown(name: &str, value: &DeValue<'_>) -> Problem {
    if value.is_table() {
        return Problem::new(ProblemKind::Unknown, name, "", "settings have no sections");
    }
    Problem::unknown(name, nearest(name, rows().map(|row| row.name)).map(str::to_owned))
}

/// Takes the value of one key. Numbers stand for counts and sizes only, booleans for switches.
fn take(
    settings: &mut Settings,
    row: &table::Row,
    path: &Path,
    value: &DeValue<'_>,
) -> Vec<Problem> {
    let counts = row.kind.is_number();
    let text = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(flag) if row.kind.is_switch() => flag.to_string(),
        DeValue::Integer(number) if counts => {
            let digits = number.as_str();
            let decimal = i64::from_str_radix(digits, number.radix());
            decimal.map_or_else(|_| digits.to_owned(), |number| number.to_string())
        }
        other => {
            let why = format!("a TOML {} does not fit", other.type_str());
            let problem = Problem::new(ProblemKind::Value, row.name, "", why);
            return vec![problem.expecting(row.kind.expected())];
        }
    };
    let origin = Origin::File(path.to_owned());
    settings.take(row, OsStr::new(&text), origin, row.name).1
}
