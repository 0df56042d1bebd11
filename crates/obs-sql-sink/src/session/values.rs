//! Values on their way into statements, and out of rows.
use crate::value::SqlValue;
use sqlx::query::Query;
use sqlx::{ColumnIndex, Database, Decode, Encode, Row, SqlStr, Type};

/// A statement with its parameters.
pub(super) fn query<'q, DB>(
    sql: SqlStr,
    values: &[SqlValue],
) -> Query<'q, DB, <DB as Database>::Arguments>
where
    DB: Database,
    i64: for<'t> Encode<'t, DB> + Type<DB>,
    f64: for<'t> Encode<'t, DB> + Type<DB>,
    String: Type<DB>,
    Option<String>: for<'t> Encode<'t, DB>,
    for<'t> &'t str: Encode<'t, DB> + Type<DB>,
{
    values.iter().fold(sqlx::query(sql), |query, value| match value {
        SqlValue::Null => query.bind(None::<String>),
        SqlValue::Whole(number) => query.bind(*number),
        SqlValue::Real(number) => query.bind(*number),
        SqlValue::Text(text) => query.bind(text.as_str()),
    })
}

/// The values of rows: whole numbers of 64 bits, others, or text. A value of another type is an error.
pub(super) fn read<R>(rows: &[R]) -> Result<Vec<Vec<SqlValue>>, sqlx::Error>
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> f64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
{
    rows.iter().map(|row| (0..row.len()).map(|index| value(row, index)).collect()).collect()
}

fn value<R>(row: &R, index: usize) -> Result<SqlValue, sqlx::Error>
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> f64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
{
    if let Ok(number) = row.try_get::<Option<i64>, _>(index) {
        return Ok(number.map_or(SqlValue::Null, SqlValue::Whole));
    }
    if let Ok(number) = row.try_get::<Option<f64>, _>(index) {
        return Ok(number.map_or(SqlValue::Null, SqlValue::Real));
    }
    let text = row.try_get::<Option<String>, _>(index)?;
    Ok(text.map_or(SqlValue::Null, SqlValue::Text))
}
