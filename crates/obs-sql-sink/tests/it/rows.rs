//! Rows as the lines that they come from.
use crate::places::Place;
use obs_core::RunId;
use obs_databases::lines::{Dialect, is_same, line, row, select};
use serde_json::Value;

/// The rows of `obs_logs`, each as its line.
pub(crate) fn logs(place: &Place, run_id: RunId) -> Vec<Value> {
    read(place, run_id, "obs_logs")
}

/// The rows of `obs_spans`, each as its line.
pub(crate) fn spans(place: &Place, run_id: RunId) -> Vec<Value> {
    read(place, run_id, "obs_spans")
}

fn read(place: &Place, run_id: RunId, table: &str) -> Vec<Value> {
    let dialect = place.server().map_or(Dialect::Sqlite, |server| server.product().into());
    place.ask(&select(dialect, table, &run_id.to_string())).lines().map(row).collect()
}

/// Fails where rows are not what lines say, in their order.
pub(crate) fn check(place: &Place, rows: &[Value], lines: &[String]) {
    assert_eq!(rows.len(), lines.len(), "{place}");
    for (row, text) in rows.iter().zip(lines) {
        assert!(is_same(row, &line(text)), "{place}\n{row}\n{text}");
    }
}
