//! Rows of records, put together by the database itself, as the lines that they come from. Nothing here is the sink's:
//! what it writes is read by others' means.
use crate::Product;
use serde_json::{Map, Value};

/// A database's way to write SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "tests go through all of them")]
pub enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
    /// MariaDB's.
    MariaDb,
}

impl From<Product> for Dialect {
    fn from(product: Product) -> Self {
        match product {
            Product::Postgres => Self::Postgres,
            Product::MariaDb => Self::MariaDb,
        }
    }
}

/// The columns of a table that are members of its lines, beside `attributes`.
const LOGS: &str = "timestamp:time level event logger run_id trace_id? span_id? seq#";
const SPANS: &str = "timestamp:time level name logger run_id trace_id span_id parent_id? seq# start:time \
                     duration_ns# unfinished!";

/// The statement that gives the rows of `table` of a run, each as a JSON object, in the order of their numbers. The
/// table is `obs_logs` or `obs_spans`.
#[must_use]
pub fn select(dialect: Dialect, table: &str, run_id: &str) -> String {
    let columns = if table == "obs_spans" { SPANS } else { LOGS };
    let members: Vec<String> =
        columns.split_whitespace().map(|column| member(dialect, column)).collect();
    let row = match dialect {
        Dialect::MariaDb => {
            format!("CONCAT('{{\"attributes\":', attributes, {}, '}}')", members.join(", "))
        }
        _ => format!("'{{\"attributes\":' || attributes || {} || '}}'", members.join(" || ")),
    };
    let row = match dialect {
        Dialect::Postgres => row.replace("|| attributes ||", "|| attributes::text ||"),
        _ => row,
    };
    format!("SELECT {row} FROM {table} WHERE run_id = '{run_id}' ORDER BY seq")
}

/// An expression for `,"name":value`, empty where there is none.
fn member(dialect: Dialect, column: &str) -> String {
    let (name, kind) = match column.strip_suffix(['#', '?', '!']) {
        Some(name) => (name, &column[name.len()..]),
        None => (column, ""),
    };
    let (name, kind) = name.strip_suffix(":time").map_or((name, kind), |name| (name, "time"));
    let own = if name == "timestamp" { "time" } else { name };
    let nanos = if own == "time" { "nanos" } else { "start_nanos" };
    let value = match (dialect, kind) {
        (Dialect::Sqlite, "time") => format!("json_quote({own})"),
        (Dialect::Postgres, "time") => format!(
            "'\"' || to_char({own} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') \
             || lpad({nanos}::text, 3, '0') || 'Z\"'"
        ),
        (Dialect::MariaDb, "time") => {
            format!("DATE_FORMAT({own}, '\"%Y-%m-%dT%H:%i:%s.%f'), LPAD({nanos}, 3, '0'), 'Z\"'")
        }
        (_, "#") => match dialect {
            Dialect::Postgres => format!("{own}::text"),
            _ => own.to_owned(),
        },
        (Dialect::Postgres, _) => format!("to_json({own}::text)::text"),
        (Dialect::MariaDb, _) => format!("JSON_QUOTE({own})"),
        (Dialect::Sqlite, _) => format!("json_quote({own})"),
    };
    let concat = |parts: &str| match dialect {
        Dialect::MariaDb => format!("CONCAT(',\"{name}\":', {parts})"),
        _ => format!("(',\"{name}\":' || {parts})"),
    };
    match kind {
        "?" => format!("CASE WHEN {own} IS NULL THEN '' ELSE {} END", concat(&value)),
        "!" => format!("CASE WHEN {own} THEN ',\"{name}\":true' ELSE '' END"),
        _ => concat(&value),
    }
}

/// What [`select`] gives of a row, as its line: attributes beside columns, and what marks stand for.
///
/// # Panics
///
/// When it is no JSON object, or has a key twice.
#[must_use]
pub fn row(text: &str) -> Value {
    let row: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"));
    let Value::Object(mut row) = row else { panic!("no object: {text}") };
    let Some(Value::Object(attributes)) = row.remove("attributes") else { panic!("{text}") };
    for (key, value) in attributes {
        assert!(row.insert(key, value).is_none(), "{text}");
    }
    unmarked(Value::Object(row))
}

/// What a text with marks stands for: `␀` for U+0000, and what follows `␛` for itself.
fn read(marked: &str) -> String {
    let (mut text, mut is_escaped) = (String::new(), false);
    for character in marked.chars() {
        match character {
            '␛' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            '␀' if !is_escaped => text.push('\0'),
            _ => text.push(character),
        }
        is_escaped = false;
    }
    text
}

fn unmarked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(read(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(unmarked).collect()),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| (read(&key), unmarked(value)))
                .collect::<Map<_, _>>(),
        ),
        other => other,
    }
}

/// A line of a file, with what is text in a row as text.
///
/// # Panics
///
/// When it is no JSON.
#[must_use]
pub fn line(line: &str) -> Value {
    let mut line: Value = serde_json::from_str(line).expect("a line of JSON");
    if let Value::Object(members) = &mut line {
        for value in members.values_mut() {
            if value.as_f64().is_some_and(|number| number == 0.0 && number.is_sign_negative()) {
                *value = Value::String("-0.0".to_owned());
            }
        }
        if members.remove("age_ns").is_some() {
            let age = members.get("duration_ns").cloned().unwrap_or_default();
            members.insert("age_ns".to_owned(), age);
        }
    }
    line
}

/// Whether two lines say the same: numbers count by their values, for databases write them in ways of their own.
#[must_use]
pub fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64() && !(one.is_u64() && other.is_u64())
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| is_same(value, other)))
        }
        (one, other) => one == other,
    }
}
