//! Records in the tables of SQLite, PostgreSQL, MySQL and MariaDB, each once.
//!
//! [`SqlSink`] writes the records of one run; whoever drives it gives it the records that are synced in the run's
//! journal, and offers them again when it fails. `docs/sql.md` describes the tables.
//!
//! # How each record is there once
//!
//! A transaction begins by moving `obs_runs.last_seq` from the number that the sink knows to the one of its last
//! record, and is rolled back if that is not the number that is there. So of two that write the same records one waits
//! for the other, and then sees that it comes too late; and when nobody knows whether a transaction went through,
//! [`SqlSink::resume`](obs_core::Sink::resume) asks the row. The primary key of every table, the run's id and the
//! record's number, is never needed, and guards.
//!
//! # What happens when
//!
//! | when | then |
//! |---|---|
//! | the database is away, locked, full, or restarts | the same records are offered again, by a new connection; the runner waits longer each time, up to five seconds |
//! | a statement takes more than a minute, a lock more than five seconds | the same |
//! | the database or its tables cannot be used as they are | the same, every five seconds: somebody may put it right |
//! | a row is refused for good | it is found by halving, put aside in `rejected.jsonl` with the reason, and counted as lost |
//! | the machine of a SQLite database loses power | what was not flushed is gone from it, and is offered again: its number went with it |
//!
//! # What it costs
//!
//! One connection, one transaction for up to 8,192 records or some 4 MiB of text, memory for about twice that, and for
//! SQLite a cache of 16 MiB. PostgreSQL is written to by COPY in its binary form, the others by statements of many rows
//! that are prepared once; rows are made while the database takes those before them.
#![forbid(unsafe_code)]

mod cleanup;
mod database;
mod error;
mod fault;
mod partitions;
mod piece;
mod probe;
mod query;
mod rejected;
mod render;
mod rows;
mod schema;
mod session;
mod sink;
mod store;
mod tables;
mod value;

pub use cleanup::Cleaned;
pub use database::Database;
pub use error::{SqlError, SqlErrorKind};
pub use probe::probe;
pub use query::{Answer, Question, Topic};
pub use sink::{NAME, SqlOptions, SqlSink};
pub use value::SqlValue;
