//! Rows by PostgreSQL's COPY in its binary form.
//!
//! Source: <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format".
use super::Insertion;
use crate::rows::{Cell, Rows};
use crate::tables::{Column, Form, Table};
use obs_core::RunId;
use obs_core::settings::SqlKind;
use sqlx::PgConnection;

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: &[u8] = &(-1_i16).to_be_bytes();
/// What is sent at once, give or take a row.
const PIECE_BYTES: usize = 256 << 10;
/// From 1970 to 2000, where PostgreSQL's times begin.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// The version of the binary form of jsonb.
const JSONB: u8 = 1;

/// Copies rows into a table, as long as `next` has some. What it appends is sent while it makes more: the server takes
/// it from the socket meanwhile.
pub(super) async fn copy(
    to: &mut PgConnection,
    table: &Table,
    next: &mut dyn FnMut(&mut Vec<u8>) -> bool,
) -> Result<(), sqlx::Error> {
    let columns = table.column_list(SqlKind::Postgres);
    let statement = format!("COPY {} ({columns}) FROM STDIN (FORMAT binary)", table.name);
    let mut sending = to.copy_in_raw(&statement).await?;
    let mut piece = HEADER.to_vec();
    while next(&mut piece) {
        if piece.len() >= PIECE_BYTES {
            sending.send(piece.as_slice()).await?;
            piece.clear();
        }
    }
    piece.extend_from_slice(TRAILER);
    sending.send(piece.as_slice()).await?;
    sending.finish().await.map(|_| ())
}

/// Appends rows as they are sent.
pub(crate) fn put_rows(out: &mut Vec<u8>, insertion: &Insertion<'_>) {
    for row in insertion.rows.parts[insertion.part].rows(insertion.range.clone()) {
        put_row(out, insertion, row);
    }
}

fn put_row(out: &mut Vec<u8>, insertion: &Insertion<'_>, row: &[Cell]) {
    let columns = &insertion.table.columns;
    out.extend_from_slice(&(columns.len() as i16).to_be_bytes());
    for column in columns {
        match column.form {
            Form::Run => field(out, &uuid(insertion.run_id)),
            _ => put(out, column, row[column.cell], insertion.rows),
        }
    }
}

fn put(out: &mut Vec<u8>, column: &Column, cell: Cell, rows: &Rows) {
    match cell {
        Cell::Null => out.extend_from_slice(&(-1_i32).to_be_bytes()),
        Cell::Whole(number) => field(out, &number.to_be_bytes()),
        Cell::Real(number) => field(out, &number.to_be_bytes()),
        Cell::Flag(truth) => field(out, &[truth.into()]),
        Cell::Time(time) if column.form == Form::Nanos => {
            field(out, &((time.0 % 1_000) as i16).to_be_bytes());
        }
        Cell::Time(time) => {
            field(out, &((time.0 / 1_000) as i64 - EPOCH_MICROS).to_be_bytes());
        }
        Cell::Text(start, end) if column.form == Form::Json => {
            out.extend_from_slice(&((end - start + 1) as i32).to_be_bytes());
            out.push(JSONB);
            out.extend_from_slice(rows.text(start, end).as_bytes());
        }
        Cell::Text(start, end) => field(out, rows.text(start, end).as_bytes()),
    }
}

/// A field of at most 2 GiB: a record is shorter by far.
fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn uuid(run_id: RunId) -> [u8; 16] {
    run_id.to_bytes()
}
