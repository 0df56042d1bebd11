//! Rows, read by the database's own means, as the lines that they come from.
use crate::places::Place;
use obs_core::RunId;
use obs_databases::Product;
use obs_json::marks;
use serde_json::{Map, Value};

/// The columns of a table that are members of its lines, beside `attributes`.
const LOGS: &str = "timestamp:time level event logger run_id trace_id? span_id? seq#";
const SPANS: &str = "timestamp:time level name logger run_id trace_id span_id parent_id? seq# start:time \
                     duration_ns# unfinished!";

/// The rows of `obs_logs`, each as its line.
pub(crate) fn logs(place: &Place, run_id: RunId) -> Vec<Value> {
    read(place, run_id, "obs_logs", LOGS)
}

/// The rows of `obs_spans`, each as its line.
pub(crate) fn spans(place: &Place, run_id: RunId) -> Vec<Value> {
    read(place, run_id, "obs_spans", SPANS)
}

fn read(place: &Place, run_id: RunId, table: &str, columns: &str) -> Vec<Value> {
    let product = place.server().map(|server| server.product());
    let members: Vec<String> =
        columns.split_whitespace().map(|column| member(product, column)).collect();
    let sql = match product {
        Some(Product::MariaDb) => {
            format!("SELECT CONCAT('{{\"attributes\":', attributes, {}, '}}')", members.join(", "))
        }
        Some(Product::Postgres) => {
            format!(
                "SELECT '{{\"attributes\":' || attributes::text || {} || '}}'",
                members.join(" || ")
            )
        }
        None => {
            format!("SELECT '{{\"attributes\":' || attributes || {} || '}}'", members.join(" || "))
        }
    };
    let said = place.ask(&format!("{sql} FROM {table} WHERE run_id = '{run_id}' ORDER BY seq"));
    said.lines().map(line).collect()
}

/// An expression for `,"name":value`, empty where there is none.
fn member(product: Option<Product>, column: &str) -> String {
    let (name, kind) = match column.strip_suffix(['#', '?', '!']) {
        Some(name) => (name, &column[name.len()..]),
        None => (column, ""),
    };
    let (name, kind) = name.strip_suffix(":time").map_or((name, kind), |name| (name, "time"));
    let own = if name == "timestamp" { "time" } else { name };
    let nanos = if own == "time" { "nanos" } else { "start_nanos" };
    let value = match (product, kind) {
        (None, "time") => format!("json_quote({own})"),
        (Some(Product::Postgres), "time") => format!(
            "'\"' || to_char({own} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') \
             || lpad({nanos}::text, 3, '0') || 'Z\"'"
        ),
        (Some(Product::MariaDb), "time") => {
            format!("DATE_FORMAT({own}, '\"%Y-%m-%dT%H:%i:%s.%f'), LPAD({nanos}, 3, '0'), 'Z\"'")
        }
        (_, "#") => match product {
            Some(Product::Postgres) => format!("{own}::text"),
            _ => own.to_owned(),
        },
        (Some(Product::Postgres), _) => format!("to_json({own}::text)::text"),
        (Some(Product::MariaDb), _) => format!("JSON_QUOTE({own})"),
        (None, _) => format!("json_quote({own})"),
    };
    let concat = |parts: &str| match product {
        Some(Product::MariaDb) => format!("CONCAT(',\"{name}\":', {parts})"),
        _ => format!("(',\"{name}\":' || {parts})"),
    };
    match kind {
        "?" => format!("CASE WHEN {own} IS NULL THEN '' ELSE {} END", concat(&value)),
        "!" => format!("CASE WHEN {own} THEN ',\"{name}\":true' ELSE '' END"),
        _ => concat(&value),
    }
}

/// A row with its attributes beside its columns, and what marks stand for.
fn line(text: &str) -> Value {
    let row: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"));
    let Value::Object(mut row) = row else { panic!("no object: {text}") };
    let Some(Value::Object(attributes)) = row.remove("attributes") else { panic!("{text}") };
    for (key, value) in attributes {
        assert!(row.insert(key, value).is_none(), "{text}");
    }
    unmarked(Value::Object(row))
}

fn unmarked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(marks::read(&text).into_owned()),
        Value::Array(items) => Value::Array(items.into_iter().map(unmarked).collect()),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| (marks::read(&key).into_owned(), unmarked(value)))
                .collect::<Map<_, _>>(),
        ),
        other => other,
    }
}

/// A line of a file, with what is text in a row as text.
pub(crate) fn expected(line: &str) -> Value {
    let mut line: Value = serde_json::from_str(line).unwrap();
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
pub(crate) fn is_same(one: &Value, other: &Value) -> bool {
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

/// Fails where rows are not what lines say, in their order.
pub(crate) fn check(place: &Place, rows: &[Value], lines: &[String]) {
    assert_eq!(rows.len(), lines.len(), "{place}");
    for (row, line) in rows.iter().zip(lines) {
        let line = expected(line);
        assert!(is_same(row, &line), "{place}\n{row}\n{line}");
    }
}
