//! The tables that records go to, and their columns.
use obs_core::settings::{SqlColumns, SqlKind};

/// How a column holds what its cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The run's id, in every row the same.
    Run,
    Whole,
    Real,
    Flag,
    Text,
    Json,
    /// To the microsecond, where a database knows of times.
    Time,
    /// The nanoseconds that are left of it.
    Nanos,
}

/// A column, and the place of its cell in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) cell: usize,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
}

/// The tables' places among the parts of rows.
pub(crate) const LOGS: usize = 0;
pub(crate) const SPANS: usize = 1;
pub(crate) const ACTIONS: usize = 2;

/// The names of the tables, in the order of the parts of rows.
pub(crate) const NAMES: [&str; 3] = ["obs_logs", "obs_spans", "obs_actions"];

/// The cells of each table that every row has, in their order.
const CELLS: [&[(&str, Form)]; 3] = [
    &[
        ("seq", Form::Whole),
        ("time", Form::Time),
        ("level", Form::Text),
        ("logger", Form::Text),
        ("event", Form::Text),
        ("trace_id", Form::Text),
        ("span_id", Form::Text),
        ("attributes", Form::Json),
    ],
    &[
        ("seq", Form::Whole),
        ("time", Form::Time),
        ("level", Form::Text),
        ("logger", Form::Text),
        ("name", Form::Text),
        ("trace_id", Form::Text),
        ("span_id", Form::Text),
        ("attributes", Form::Json),
        ("parent_id", Form::Text),
        ("start", Form::Time),
        ("duration_ns", Form::Whole),
        ("unfinished", Form::Flag),
    ],
    &[
        ("seq", Form::Whole),
        ("time", Form::Time),
        ("action", Form::Text),
        ("success", Form::Flag),
        ("latency_ms", Form::Real),
        ("error", Form::Text),
    ],
];

/// The tables as a database of this kind has them.
pub(crate) fn tables(kind: SqlKind, chosen: &SqlColumns) -> [Table; 3] {
    let none = SqlColumns::none();
    [LOGS, SPANS, ACTIONS].map(|index| {
        let chosen = if index == ACTIONS { &none } else { chosen };
        Table { name: NAMES[index], columns: columns(kind, CELLS[index], chosen).collect() }
    })
}

fn columns<'a>(
    kind: SqlKind,
    cells: &'a [(&str, Form)],
    chosen: &'a SqlColumns,
) -> impl Iterator<Item = Column> + 'a {
    let run = Column { name: "run_id".to_owned(), form: Form::Run, cell: 0 };
    let own = cells.iter().enumerate().flat_map(move |(cell, (name, form))| {
        let column = Column { name: (*name).to_owned(), form: *form, cell };
        let nanos = match *name {
            "start" => "start_nanos",
            _ => "nanos",
        };
        let rest = Column { name: nanos.to_owned(), form: Form::Nanos, cell };
        let has_rest = *form == Form::Time && kind != SqlKind::Sqlite;
        std::iter::once(column).chain(has_rest.then_some(rest))
    });
    let chosen = chosen.iter().enumerate().map(move |(index, name)| Column {
        name: SqlColumns::column(name),
        form: Form::Text,
        cell: cells.len() + index,
    });
    std::iter::once(run).chain(own).chain(chosen)
}

impl Table {
    /// The columns' names, quoted, with commas between.
    pub(crate) fn column_list(&self, kind: SqlKind) -> String {
        let quoted: Vec<String> =
            self.columns.iter().map(|column| quoted(kind, &column.name)).collect();
        quoted.join(", ")
    }
}

/// A name of the crate's own, or one that [`SqlColumns`] has let through, as a database wants it.
pub(crate) fn quoted(kind: SqlKind, name: &str) -> String {
    let quote = if kind == SqlKind::MySql { '`' } else { '"' };
    format!("{quote}{name}{quote}")
}
