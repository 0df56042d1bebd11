//! Rows into a database, together with how far they go.
use crate::fault::{Fault, FaultKind};
use crate::rejected::{Refusal, Rejected};
use crate::render::RunChange;
use crate::rows::Rows;
use crate::session::{Insertion, Session};
use crate::tables::Table;
use crate::value::SqlValue;
use obs_core::resource::{Resource, ResourceValue};
use obs_core::settings::SqlKind;
use obs_core::{RunId, UnixNanos};
use std::ops::Range;

/// A run in a database.
#[derive(Debug)]
pub(crate) struct RunRow {
    pub(crate) run_id: RunId,
    pub(crate) resource: Resource,
}

/// Rows of records that follow on one another, and what is to become of them.
pub(crate) struct Load<'a> {
    pub(crate) rows: &'a Rows,
    pub(crate) tables: &'a [Table; 3],
    pub(crate) change: &'a RunChange,
    /// The number that the database is at, and the one that it is at afterwards.
    pub(crate) seqs: (u64, u64),
}

impl RunRow {
    /// Sees to it that the run has its row, and tells how far its records have come.
    pub(crate) fn last_seq(&self, session: &mut Session) -> Result<u64, Fault> {
        let kind = session.kind();
        let id = cast(kind, 1, "uuid");
        let select = format!("SELECT last_seq FROM obs_runs WHERE run_id = {id}");
        let run_id = [SqlValue::Text(self.run_id.to_string())];
        let number = |rows: Vec<Vec<SqlValue>>| rows.first().and_then(|row| row[0].whole());
        if let Some(seq) = number(session.fetch(select.as_str(), &run_id)?) {
            return Ok(seq.max(0) as u64);
        }
        let (insert, unless) = match kind {
            SqlKind::Sqlite => ("INSERT OR IGNORE", ""),
            SqlKind::Postgres => ("INSERT", " ON CONFLICT DO NOTHING"),
            _ => ("INSERT IGNORE", ""),
        };
        let sql = format!(
            "{insert} INTO obs_runs (run_id, service, resource, last_seq, lost, rejected) \
             VALUES ({id}, {}, {}, 0, 0, 0){unless}",
            cast(kind, 2, "text"),
            cast(kind, 3, "jsonb"),
        );
        let service = match self.resource.get("service.name") {
            Some(ResourceValue::Text(name)) => obs_json::marks::text(name).into_owned(),
            _ => String::new(),
        };
        let [id] = run_id;
        let values = [id.clone(), service.into(), self.resource_json().into()];
        session.execute(sql, &values)?;
        Ok(number(session.fetch(select, &[id])?).unwrap_or(0).max(0) as u64)
    }

    fn resource_json(&self) -> String {
        let mut out = Vec::new();
        for (name, value) in &self.resource {
            out.extend_from_slice(if out.is_empty() { b"{\"" } else { b",\"" });
            obs_core::escape::json(&mut out, &obs_json::marks::text(name));
            out.extend_from_slice(b"\":");
            match value {
                ResourceValue::Integer(number) => {
                    out.extend_from_slice(number.to_string().as_bytes())
                }
                ResourceValue::Text(text) => {
                    out.push(b'"');
                    obs_core::escape::json(&mut out, &obs_json::marks::text(text));
                    out.push(b'"');
                }
                _ => out.extend_from_slice(b"null"),
            }
        }
        let start: &[u8] = if out.is_empty() { b"{}" } else { b"}" };
        out.extend_from_slice(start);
        String::from_utf8(out).unwrap_or_else(|_| "{}".to_owned())
    }

    /// Puts rows into their tables and moves the run's number, all or nothing. Returns the rows that were refused, and
    /// put aside.
    pub(crate) fn store(
        &self,
        session: &mut Session,
        load: &Load<'_>,
        rejected: &Rejected,
    ) -> Result<Vec<Refusal>, Fault> {
        match self.store_all(session, load) {
            Err(fault) if fault.kind == FaultKind::Row => {
                session.say("ROLLBACK")?;
                self.store_most(session, load, rejected)
            }
            outcome => outcome.map(|()| Vec::new()),
        }
    }

    fn store_all(&self, session: &mut Session, load: &Load<'_>) -> Result<(), Fault> {
        self.begin(session, load)?;
        for part in 0..load.tables.len() {
            let all = 0..load.rows.parts[part].len();
            session.insert(&self.insertion(load, part, all))?;
        }
        self.end(session, load.change)
    }

    /// The same, but that each row is found that is refused.
    fn store_most(
        &self,
        session: &mut Session,
        load: &Load<'_>,
        rejected: &Rejected,
    ) -> Result<Vec<Refusal>, Fault> {
        let mut refusals = Vec::new();
        self.begin(session, load)?;
        for part in 0..load.tables.len() {
            let all = 0..load.rows.parts[part].len();
            self.insert_or_halve(session, &self.insertion(load, part, all), &mut refusals)?;
        }
        let seq_of = |refusal: &Refusal| load.rows.parts[refusal.part].row(refusal.row)[0];
        refusals.sort_by_key(|refusal| match seq_of(refusal) {
            crate::rows::Cell::Whole(seq) => seq,
            _ => 0,
        });
        rejected.put(self.run_id, (load.tables, load.rows), &refusals).map_err(|error| {
            let why = format!("a row is refused, and cannot be put aside: {error}");
            Fault::new(FaultKind::Passing, why)
        })?;
        let sql = format!(
            "UPDATE obs_runs SET rejected = rejected + {} WHERE run_id = {}",
            cast(session.kind(), 1, "bigint"),
            cast(session.kind(), 2, "uuid"),
        );
        let values = [(refusals.len() as u64).into(), self.run_id.to_string().into()];
        session.execute(sql, &values)?;
        self.end(session, load.change)?;
        Ok(refusals)
    }

    fn insert_or_halve(
        &self,
        session: &mut Session,
        insertion: &Insertion<'_>,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), Fault> {
        if insertion.range.is_empty() {
            return Ok(());
        }
        session.say("SAVEPOINT obs_half")?;
        let fault = match session.insert(insertion) {
            Err(fault) if fault.kind == FaultKind::Row => fault,
            outcome => {
                outcome?;
                return session.say("RELEASE SAVEPOINT obs_half");
            }
        };
        session.say("ROLLBACK TO SAVEPOINT obs_half")?;
        session.say("RELEASE SAVEPOINT obs_half")?;
        let Range { start, end } = insertion.range;
        if end - start == 1 {
            let code =
                if fault.code.is_empty() { String::new() } else { format!(" ({})", fault.code) };
            let reason = format!("{}{code}", fault.message);
            refusals.push(Refusal { part: insertion.part, row: start, reason });
            return Ok(());
        }
        let middle = start + (end - start) / 2;
        for range in [start..middle, middle..end] {
            self.insert_or_halve(session, &Insertion { range, ..insertion.clone() }, refusals)?;
        }
        Ok(())
    }

    fn insertion<'a>(&self, load: &Load<'a>, part: usize, range: Range<usize>) -> Insertion<'a> {
        let (table, rows) = (&load.tables[part], load.rows);
        Insertion { run_id: self.run_id, table, part, rows, range }
    }

    /// Begins a transaction, which moves the run's number first: whoever else writes the same rows waits here, and then
    /// finds it moved.
    fn begin(&self, session: &mut Session, load: &Load<'_>) -> Result<(), Fault> {
        let kind = session.kind();
        session.say(if kind == SqlKind::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" })?;
        let sql = format!(
            "UPDATE obs_runs SET last_seq = {} WHERE run_id = {} AND last_seq = {}",
            cast(kind, 1, "bigint"),
            cast(kind, 2, "uuid"),
            cast(kind, 3, "bigint"),
        );
        let (before, after) = load.seqs;
        let values = [after.into(), self.run_id.to_string().into(), before.into()];
        match session.execute(sql, &values)? {
            1 => Ok(()),
            _ => {
                let why = "somebody else writes the records of this run, too";
                Err(Fault::new(FaultKind::Conflict, why))
            }
        }
    }

    fn end(&self, session: &mut Session, change: &RunChange) -> Result<(), Fault> {
        if *change != RunChange::default() {
            self.change(session, change)?;
        }
        session.say("COMMIT")
    }

    fn change(&self, session: &mut Session, change: &RunChange) -> Result<(), Fault> {
        let kind = session.kind();
        let ended = change.ended.as_ref();
        let sql = format!(
            "UPDATE obs_runs SET lost = lost + {}, started_at = COALESCE({}, started_at), \
             ended_at = COALESCE({}, ended_at), outcome = COALESCE({}, outcome), \
             detail = COALESCE({}, detail) WHERE run_id = {}",
            cast(kind, 1, "bigint"),
            cast(kind, 2, "timestamptz"),
            cast(kind, 3, "timestamptz"),
            cast(kind, 4, "text"),
            cast(kind, 5, "text"),
            cast(kind, 6, "uuid"),
        );
        let values = [
            change.lost.into(),
            change.started.map(|at| time(kind, at)).into(),
            ended.map(|ended| time(kind, ended.time)).into(),
            ended.map(|ended| ended.outcome.clone()).into(),
            ended.map(|ended| ended.detail.clone()).into(),
            self.run_id.to_string().into(),
        ];
        session.execute(sql, &values).map(|_| ())
    }
}

/// A parameter, as its column's type where a database must be told.
pub(crate) fn cast(kind: SqlKind, number: usize, postgres: &str) -> String {
    match kind {
        SqlKind::Postgres => format!("${number}::{postgres}"),
        _ => "?".to_owned(),
    }
}

/// A time as a parameter.
pub(crate) fn time(kind: SqlKind, at: UnixNanos) -> String {
    const MICROS: usize = "2026-11-22T09:58:03.123456".len();
    let text = at.rfc3339();
    let text = str::from_utf8(&text).unwrap_or_default();
    match kind {
        SqlKind::Sqlite => text.to_owned(),
        SqlKind::Postgres => format!("{}Z", &text[..MICROS]),
        _ => text[..MICROS].replace('T', " "),
    }
}
