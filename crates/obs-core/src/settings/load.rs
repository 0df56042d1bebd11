//! Settings from the environment, and how one text becomes one setting.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::otel::OTHERS;
use super::table::{OWN, Row, rows};
use super::value::Kind;
use super::{Origin, Problem, ProblemKind, Settings, file, otel};
use crate::filter::{Filter, FilterError};
use crate::nearest::nearest;

const PREFIX: &str = "OBS";
const CONFIG: &str = "CONFIG";

/// Variables under the prefix that are no settings: those handed to child processes.
const NOT_SETTINGS: [&str; 1] = ["RUN_ID"];

type Vars = BTreeMap<OsString, OsString>;

impl Settings {
    /// The settings that the process's environment gives, over those of the file that `OBS_CONFIG`
    /// names, over the defaults. Never fails: see [`problems`](Self::problems).
    pub fn from_env() -> Self {
        Self::from_env_with_prefix(PREFIX)
    }

    /// As [`from_env`](Self::from_env), for a program whose users know its name better than the
    /// toolkit's: with prefix `ARGOS` the level is read from `ARGOS_LOG_LEVEL`.
    ///
    /// Variables such as `ARGOS_PORT` are then the program's own: an unknown one is a problem only
    /// if its name is close to a known one.
    pub fn from_env_with_prefix(prefix: &str) -> Self {
        Self::from_vars_with_prefix(prefix, std::env::vars_os())
    }

    /// As [`from_env`](Self::from_env), from variables that are given. The file that `OBS_CONFIG`
    /// names is read from the disk.
    pub fn from_vars<K, V>(vars: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        Self::from_vars_with_prefix(PREFIX, vars)
    }

    /// As [`from_env_with_prefix`](Self::from_env_with_prefix), from variables that are given.
    pub fn from_vars_with_prefix<K, V>(prefix: &str, vars: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let set = |(_, value): &(OsString, OsString)| !value.is_empty();
        let vars: Vars =
            vars.into_iter().map(|(name, value)| (name.into(), value.into())).filter(set).collect();
        let mut settings = Self::default();
        settings.take_directories(&vars);
        let config = format!("{prefix}_{CONFIG}");
        if let Some(path) = var(&vars, &config) {
            settings.take_file(Path::new(path), &config);
        }
        for row in rows() {
            settings.take_var(row, prefix, &vars);
        }
        settings.report_unknown(prefix, &vars);
        settings.report_unknown_otel(&vars);
        settings.name_by_resource();
        settings
    }

    /// Gives every number that code assigned out of its bounds its default again, and adds a
    /// [`Problem`] for it. To be called once, when all fields are assigned.
    pub fn keep_bounds(&mut self) {
        let defaults = Self::default();
        for row in rows() {
            if row.kind.allows((row.number)(self)) {
                continue;
            }
            let shown = (row.show)(self);
            let wrong = Problem::new(ProblemKind::Value, row.name, &shown, "out of bounds");
            self.problems.push(wrong.expecting(row.kind.expected()));
            if (row.assign)(self, (row.show)(&defaults).as_ref(), row.kind).is_ok() {
                self.note_loaded(row.name, Origin::Default, None);
            }
        }
    }

    fn take_directories(&mut self, vars: &Vars) {
        let absolute = |name| var(vars, name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home_state = || absolute("HOME").map(|home| home.join(".local/state"));
        self.state_dir = absolute("XDG_STATE_HOME").or_else(home_state);
        self.runtime_dir = absolute("XDG_RUNTIME_DIR");
        if let Some(path) = absolute("TMPDIR") {
            self.temp_dir = path;
        }
    }

    fn take_file(&mut self, path: &Path, name: &str) {
        match file::read(path) {
            Ok(text) => {
                let faults = file::apply(self, path, &text);
                self.problems.extend(faults.into_iter().map(|fault| fault.into_problem(path)));
            }
            Err(error) => {
                let (kind, path) = (ProblemKind::Unreadable, path.to_string_lossy());
                let problem = Problem::new(kind, name, &path, error.why());
                self.problems.push(problem);
            }
        }
    }

    /// The row's own variable, or where that is not set or wrong, the fallback.
    fn take_var(&mut self, row: &Row, prefix: &str, vars: &Vars) {
        let name = row.variable(prefix);
        if let Some(text) = var(vars, &name) {
            let (taken, problems) = self.take(row, text, Origin::Env(name.clone()), &name);
            self.problems.extend(problems);
            if taken {
                return;
            }
        }
        let Some(fallback) = row.fallback else { return };
        if let Some(text) = var(vars, fallback.var) {
            let text = fallback.text.map_or(text, OsStr::new);
            let origin = Origin::Env(fallback.var.to_owned());
            let (_, problems) = self.take(row, text, origin, fallback.var);
            self.problems.extend(problems);
        }
    }

    /// Takes the value of a text, if it has one; says so, and what was wrong.
    pub(super) fn take(
        &mut self,
        row: &Row,
        text: &OsStr,
        origin: Origin,
        name: &str,
    ) -> (bool, Vec<Problem>) {
        let shown = if row.kind.is_secret() { "".into() } else { text.to_string_lossy() };
        let (taken, problems) = match (row.kind, text.to_str()) {
            (Kind::Filter, Some(text)) => self.take_filter(row, text, name),
            _ => match (row.assign)(self, text, row.kind) {
                Ok(()) => (true, Vec::new()),
                Err(why) => {
                    let problem = Problem::new(ProblemKind::Value, name, &shown, why)
                        .expecting(row.kind.expected());
                    (false, vec![problem])
                }
            },
        };
        if taken {
            self.note_loaded(row.name, origin, Some(shown.into_owned()));
        }
        (taken, problems)
    }

    /// Takes the directives of a filter that can be used.
    fn take_filter(&mut self, row: &Row, text: &str, name: &str) -> (bool, Vec<Problem>) {
        let (filter, errors) = Filter::parse_usable(text);
        let problem = |error: &FilterError| Problem {
            position: Some(error.position()),
            ..Problem::new(ProblemKind::Directive, name, error.directive(), error.why())
        };
        let problems = errors.iter().map(problem).collect();
        let usable = filter.map(|filter| filter.to_string());
        let taken = usable.is_some_and(|text| (row.assign)(self, text.as_ref(), row.kind).is_ok());
        (taken, problems)
    }

    /// One problem for each variable under the prefix that is none of ours.
    fn report_unknown(&mut self, prefix: &str, vars: &Vars) {
        let own = || OWN.iter().filter_map(|row| row.var.prefixed());
        let known = || own().chain([CONFIG]);
        let names = vars.keys().filter_map(|name| name.to_str()?.strip_prefix(prefix));
        for name in names.filter_map(|name| name.strip_prefix('_')) {
            if known().chain(NOT_SETTINGS).any(|other| other == name) {
                continue;
            }
            let near = nearest(name, known()).map(|near| format!("{prefix}_{near}"));
            if near.is_some() || prefix == PREFIX {
                self.problems.push(Problem::unknown(format!("{prefix}_{name}"), near));
            }
        }
    }
}

/// What OpenTelemetry's variables have in front.
const OTEL: &str = "OTEL_";

impl Settings {
    /// One problem for each variable of OpenTelemetry's that is not honoured, or looks like a slip of the pen. Others
    /// may be meant for programs in other languages.
    fn report_unknown_otel(&mut self, vars: &Vars) {
        let known: Vec<String> = otel::rows().map(|row| row.variable("")).collect();
        let others = || OTHERS.iter().map(|other| other.var);
        for name in vars.keys().filter_map(|name| name.to_str()) {
            let Some(end) = name.strip_prefix(OTEL) else { continue };
            if known.iter().any(|other| other == name) {
                continue;
            }
            let problem = match OTHERS.iter().find(|other| other.var == name) {
                Some(other) if other.is_honoured => continue,
                Some(other) => {
                    let why = other.doc.replace('`', "");
                    Problem::new(ProblemKind::NotHonoured, name, "", why)
                }
                None => {
                    let ends = known.iter().map(String::as_str).chain(others());
                    let ends = ends.filter_map(|other| other.strip_prefix(OTEL));
                    let Some(near) = nearest(end, ends) else { continue };
                    Problem::unknown(name, Some(format!("{OTEL}{near}")))
                }
            };
            self.problems.push(problem);
        }
    }

    /// Takes the service's name from the attributes of the source, unless somebody set a name.
    fn name_by_resource(&mut self) {
        let name = self.otel.resource_attributes.value("service.name").map(str::trim);
        if let Some(name) = name.filter(|name| !name.is_empty())
            && self.origin("service") == Some(Origin::Default)
        {
            self.service = name.to_owned();
            let origin = self.origin("otel_resource_attributes").unwrap_or(Origin::Default);
            self.note_loaded("service", origin, None);
        }
    }
}

fn var<'v>(vars: &'v Vars, name: &str) -> Option<&'v OsStr> {
    vars.get(OsStr::new(name)).map(OsString::as_os_str)
}
