//! Rows by statements of many rows each, for SQLite and MySQL.
use super::{Insertion, statement};
use crate::rows::{Cell, Rows};
use crate::tables::{Column, Form, Table};
use obs_core::settings::SqlKind;
use obs_core::time::TimestampCache;
use sqlx::query::Query;
use sqlx::{Database, Encode, Executor, IntoArguments, SqlStr, Type};
use std::collections::HashMap;

/// The numbers of rows that statements are made for: a database prepares each once.
const SIZES: [usize; 5] = [512, 64, 16, 4, 1];
/// SQLite gains nothing by more.
const SQLITE_MAX: usize = 64;

/// Statements that were made before.
#[derive(Debug, Default)]
pub(super) struct Multi {
    statements: HashMap<(usize, usize), SqlStr>,
    times: Times,
}

/// What is written of times, kept from row to row.
#[derive(Debug, Default)]
struct Times(TimestampCache);

impl Multi {
    /// Inserts the rows.
    pub(super) async fn insert<'c, C>(
        &mut self,
        to: &'c mut C,
        insertion: &Insertion<'_>,
        (kind, bytes_max): (SqlKind, usize),
    ) -> Result<(), sqlx::Error>
    where
        C: sqlx::Connection,
        for<'a> &'a mut C: Executor<'a, Database = C::Database>,
        <C::Database as Database>::Arguments: IntoArguments<C::Database>,
        bool: for<'t> Encode<'t, C::Database> + Type<C::Database>,
        i64: for<'t> Encode<'t, C::Database> + Type<C::Database>,
        f64: for<'t> Encode<'t, C::Database> + Type<C::Database>,
        Option<String>: for<'t> Encode<'t, C::Database> + Type<C::Database>,
        for<'t> &'t str: Encode<'t, C::Database> + Type<C::Database>,
    {
        let part = &insertion.rows.parts[insertion.part];
        let run_id = insertion.run_id.to_string();
        let mut at = insertion.range.start;
        while at < insertion.range.end {
            let rows_max = if kind == SqlKind::Sqlite { SQLITE_MAX } else { usize::MAX };
            let count = count(insertion, at, (rows_max, bytes_max));
            let sql = self.statement(insertion, count, kind);
            let mut query = sqlx::query::<C::Database>(sql);
            for row in part.rows(at..at + count) {
                for column in &insertion.table.columns {
                    query = match column.form {
                        Form::Run => query.bind(run_id.as_str()),
                        _ => self.times.bind(query, column, row, (insertion.rows, kind)),
                    };
                }
            }
            to.execute(query).await?;
            at += count;
        }
        Ok(())
    }

    fn statement(&mut self, insertion: &Insertion<'_>, count: usize, kind: SqlKind) -> SqlStr {
        let key = (insertion.part, count);
        self.statements.entry(key).or_insert_with(|| text(insertion.table, count, kind)).clone()
    }
}

/// How many rows go into the statement whose first one is `at`.
fn count(insertion: &Insertion<'_>, at: usize, (rows_max, bytes_max): (usize, usize)) -> usize {
    let left = insertion.range.end - at;
    let part = &insertion.rows.parts[insertion.part];
    let fits = |size: &usize| {
        let bytes = || part.rows(at..at + size).map(Rows::text_bytes).sum::<usize>();
        *size <= left.min(rows_max) && (*size == 1 || bytes() <= bytes_max)
    };
    SIZES.into_iter().find(fits).unwrap_or(1)
}

fn text(table: &Table, count: usize, kind: SqlKind) -> SqlStr {
    let row = format!("({})", vec!["?"; table.columns.len()].join(","));
    let rows = vec![row; count].join(",");
    statement(format!("INSERT INTO {} ({}) VALUES {rows}", table.name, table.column_list(kind)))
}

impl Times {
    fn bind<'q, DB>(
        &mut self,
        query: Query<'q, DB, <DB as Database>::Arguments>,
        column: &Column,
        row: &[Cell],
        (rows, kind): (&Rows, SqlKind),
    ) -> Query<'q, DB, <DB as Database>::Arguments>
    where
        DB: Database,
        bool: for<'t> Encode<'t, DB> + Type<DB>,
        i64: for<'t> Encode<'t, DB> + Type<DB>,
        f64: for<'t> Encode<'t, DB> + Type<DB>,
        Option<String>: for<'t> Encode<'t, DB> + Type<DB>,
        for<'t> &'t str: Encode<'t, DB> + Type<DB>,
    {
        match row[column.cell] {
            Cell::Null => query.bind(None::<String>),
            Cell::Whole(number) => query.bind(number),
            Cell::Real(number) => query.bind(number),
            Cell::Flag(truth) => query.bind(truth),
            Cell::Text(start, end) => query.bind(rows.text(start, end)),
            Cell::Time(time) if column.form == Form::Nanos => query.bind((time.0 % 1_000) as i64),
            Cell::Time(time) => {
                let text = self.0.rfc3339(time);
                match kind {
                    SqlKind::Sqlite => query.bind(str::from_utf8(text).unwrap_or_default()),
                    _ => {
                        let mut text = *text;
                        text[10] = b' ';
                        query.bind(str::from_utf8(&text[..26]).unwrap_or_default())
                    }
                }
            }
        }
    }
}
