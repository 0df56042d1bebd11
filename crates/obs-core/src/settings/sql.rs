//! Settings of the SQL sink: where its database is, and which attributes have columns.

use std::fmt;
use std::str::FromStr;

use crate::secret::Secret;

/// The address of a database: `sqlite://logs.db`, `postgres://user:password@host/name`, `mysql://…`.
///
/// What may be secret in it, the password and the values of all parameters that are called like one, is shown as
/// `[REDACTED]`; [`expose`](Self::expose) gives the whole.
#[derive(Clone)]
pub struct SqlUrl {
    kind: SqlKind,
    shown: String,
    whole: Secret<String>,
}

/// The kinds of databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SqlKind {
    /// A file of SQLite's.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
    /// A MySQL or MariaDB server.
    MySql,
}

/// Why a text is no address of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqlUrlError {
    /// Another scheme, or none.
    #[error("it does not begin with sqlite://, postgres:// or mysql://")]
    Scheme,
    /// Nothing where the host or the file should be.
    #[error("it names neither host nor file")]
    Place,
    /// A database that is gone when the process ends.
    #[error("a database in memory is gone with the program")]
    Memory,
    /// Characters that no address holds.
    #[error("it holds spaces or control characters")]
    Characters,
}

impl SqlUrl {
    /// What kind of database it is.
    #[must_use]
    pub fn kind(&self) -> SqlKind {
        self.kind
    }

    /// The address with its password.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.whole.expose()
    }
}

impl SqlKind {
    /// Its name in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
        }
    }

    fn of_scheme(scheme: &str) -> Option<Self> {
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => Some(Self::Sqlite),
            "postgres" | "postgresql" => Some(Self::Postgres),
            "mysql" | "mariadb" => Some(Self::MySql),
            _ => None,
        }
    }
}

impl FromStr for SqlUrl {
    type Err = SqlUrlError;

    fn from_str(text: &str) -> Result<Self, SqlUrlError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or(SqlUrlError::Scheme)?;
        let kind = SqlKind::of_scheme(scheme).ok_or(SqlUrlError::Scheme)?;
        if kind != SqlKind::Sqlite && !rest.starts_with("//") {
            return Err(SqlUrlError::Scheme);
        }
        if text.chars().any(|c| c.is_control() || (c == ' ' && kind != SqlKind::Sqlite)) {
            return Err(SqlUrlError::Characters);
        }
        let place = rest.strip_prefix("//").unwrap_or(rest);
        let (before, parameters) = match place.split_once('?') {
            Some((before, parameters)) => (before, Some(parameters)),
            None => (place, None),
        };
        if kind == SqlKind::Sqlite && before.trim_start_matches(':').starts_with("memory:")
            || parameters.is_some_and(|all| all.split('&').any(|one| one == "mode=memory"))
        {
            return Err(SqlUrlError::Memory);
        }
        if before.is_empty() {
            return Err(SqlUrlError::Place);
        }
        let shown = format!("{scheme}://{}", shown(kind, before, parameters));
        let canonical = match kind {
            SqlKind::Sqlite => format!("sqlite://{place}"),
            SqlKind::Postgres => format!("postgres://{place}"),
            SqlKind::MySql => format!("mysql://{place}"),
        };
        Ok(Self { kind, shown, whole: Secret::new(canonical) })
    }
}

/// The address behind the scheme, without what is secret.
fn shown(kind: SqlKind, before: &str, parameters: Option<&str>) -> String {
    // What stands in front of the last @ is user and password, whatever characters the password has.
    if kind != SqlKind::Sqlite
        && !before.contains('@')
        && parameters.is_some_and(|all| all.contains('@'))
    {
        return HIDDEN.to_owned();
    }
    let mut shown = match before.rsplit_once('@').filter(|_| kind != SqlKind::Sqlite) {
        Some((user, host)) => match user.split_once(':') {
            Some((user, _)) => format!("{user}:{HIDDEN}@{host}"),
            None => format!("{user}@{host}"),
        },
        None => before.to_owned(),
    };
    for (index, parameter) in parameters.into_iter().flat_map(|all| all.split('&')).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        match parameter.split_once('=') {
            Some((name, _)) if is_secret(name) => shown += &format!("{name}={HIDDEN}"),
            _ => shown += parameter,
        }
    }
    shown
}

const HIDDEN: &str = crate::secret::REDACTED;

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["pass", "pwd", "secret", "token", "key"].iter().any(|word| name.contains(word))
        && !name.ends_with("sslkey")
        && !name.ends_with("ssl-key")
}

impl fmt::Display for SqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for SqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqlUrl").field(&self.shown).finish()
    }
}

/// Names of attributes that have a column of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlColumns(Vec<String>);

/// The most columns that can be chosen.
const COLUMNS_MAX: usize = 16;

impl SqlColumns {
    /// No attributes.
    #[must_use]
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// What the column of an attribute is called: as the attribute, but with an underscore for each dot and dash.
    #[must_use]
    pub fn column(attribute: &str) -> String {
        attribute.replace(['.', '-'], "_")
    }
}

impl Default for SqlColumns {
    fn default() -> Self {
        Self(["request_id", "session_id", "job_id"].map(str::to_owned).to_vec())
    }
}

/// Columns that the tables have anyway, in any table and database.
const OWN: [&str; 22] = [
    "run_id",
    "seq",
    "time",
    "nanos",
    "level",
    "logger",
    "event",
    "trace_id",
    "span_id",
    "parent_id",
    "name",
    "start",
    "start_nanos",
    "duration_ns",
    "unfinished",
    "attributes",
    "action",
    "success",
    "latency_ms",
    "error",
    "rowid",
    "oid",
];

impl FromStr for SqlColumns {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text == "none" {
            return Ok(Self::none());
        }
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        let columns: Vec<String> = names.iter().map(|name| Self::column(name)).collect();
        for (index, column) in columns.iter().enumerate() {
            let fits = |c: char| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit();
            let begins = column.starts_with(|c: char| c.is_ascii_lowercase());
            if !begins || !column.chars().all(fits) || column.len() > 48 {
                return Err("not names of lower-case letters, digits, dots and underscores");
            }
            if OWN.contains(&column.as_str()) || columns[..index].contains(column) {
                return Err("a name that the table has already");
            }
        }
        if columns.len() > COLUMNS_MAX {
            return Err("more than 16 names");
        }
        Ok(Self(names))
    }
}

impl fmt::Display for SqlColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("none") } else { f.write_str(&self.0.join(",")) }
    }
}
