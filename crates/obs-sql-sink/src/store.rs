//! Rows into a database, together with how far they go.
use crate::fault::{Fault, FaultKind};
use crate::partitions::Partitions;
use crate::piece::{Feed, Piece};
use crate::rejected::{Refusal, Rejected};
use crate::render::RunChange;
use crate::rows::Rows;
use crate::session::{Insertion, Session, put_rows};
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

/// What becomes of the pieces of one transaction.
pub(crate) struct Load<'a, 'f> {
    pub(crate) tables: &'a [Table; 3],
    pub(crate) partitions: &'a Partitions,
    pub(crate) feed: &'a mut Feed<'f>,
    /// In the transaction; at least one.
    pub(crate) pieces: Vec<Piece>,
    /// Behind it: made while the database was at work.
    pub(crate) next: Piece,
}

/// More text than this is not in one transaction, but for that of one piece.
const BYTES_MAX: usize = 4 << 20;

impl Load<'_, '_> {
    /// What all pieces say of the run.
    fn change(&self) -> RunChange {
        self.pieces.iter().fold(RunChange::default(), |all, piece| all.and(&piece.change))
    }

    /// The number of the last record.
    pub(crate) fn last(&self) -> u64 {
        self.pieces.iter().filter_map(|piece| piece.last).next_back().unwrap_or(self.feed.from)
    }

    /// Takes the piece that was made meanwhile, if there is one. What needs a partition that is not there yet waits for
    /// the next transaction.
    fn take_next(&mut self) {
        if self.next.last.is_some() && self.partitions.are_there(&self.next.rows) {
            let fresh = self.feed.fresh();
            self.pieces.push(std::mem::replace(&mut self.next, fresh));
        }
    }

    fn is_full(&self) -> bool {
        self.pieces.iter().map(|piece| piece.rows.bytes()).sum::<usize>() >= BYTES_MAX
    }
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

    /// Puts rows into their tables and moves the run's number, all or nothing. More pieces are made meanwhile, as many
    /// as a transaction takes. Returns the rows that were refused, and put aside.
    pub(crate) fn store(
        &self,
        session: &mut Session,
        load: &mut Load<'_, '_>,
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

    fn store_all(&self, session: &mut Session, load: &mut Load<'_, '_>) -> Result<(), Fault> {
        self.begin(session, load.feed.from)?;
        match session.kind() {
            SqlKind::Postgres => self.copy_all(session, load)?,
            _ => self.insert_all(session, load)?,
        }
        self.end(session, load)
    }

    fn insert_all(&self, session: &mut Session, load: &mut Load<'_, '_>) -> Result<(), Fault> {
        let mut at = 0;
        while at < load.pieces.len() {
            let is_full = load.is_full();
            let Load { tables, feed, pieces, next, .. } = load;
            for part in 0..tables.len() {
                let insertion = self.insertion((tables, &pieces[at].rows), part);
                session.insert(&insertion, &mut || !is_full && feed.add_to(next))?;
            }
            load.take_next();
            at += 1;
        }
        Ok(())
    }

    /// All pieces of one table after the other, as one COPY each. During the first more pieces are made.
    fn copy_all(&self, session: &mut Session, load: &mut Load<'_, '_>) -> Result<(), Fault> {
        let tables = load.tables;
        for (part, table) in tables.iter().enumerate() {
            if part > 0 && load.pieces.iter().all(|piece| piece.rows.parts[part].len() == 0) {
                continue;
            }
            let mut at = 0;
            session.copy(table, &mut |out| {
                if part == 0 && at == load.pieces.len() && !load.is_full() {
                    while load.feed.add_to(&mut load.next) {}
                    load.take_next();
                }
                let Some(piece) = load.pieces.get(at) else { return false };
                put_rows(out, &self.insertion((tables, &piece.rows), part));
                at += 1;
                true
            })?;
        }
        Ok(())
    }

    /// The same, but that each row is found that is refused, and no more pieces are made.
    fn store_most(
        &self,
        session: &mut Session,
        load: &Load<'_, '_>,
        rejected: &Rejected,
    ) -> Result<Vec<Refusal>, Fault> {
        let mut refusals = Vec::new();
        self.begin(session, load.feed.from)?;
        for piece in &load.pieces {
            let mut refused = Vec::new();
            for part in 0..load.tables.len() {
                let insertion = self.insertion((load.tables, &piece.rows), part);
                self.insert_or_halve(session, &insertion, &mut refused)?;
            }
            refused.sort_by_key(|refusal| refusal.seq);
            rejected.put(self.run_id, (load.tables, &piece.rows), &refused).map_err(|error| {
                let why = format!("a row is refused, and cannot be put aside: {error}");
                Fault::new(FaultKind::Passing, why)
            })?;
            refusals.append(&mut refused);
        }
        let sql = format!(
            "UPDATE obs_runs SET rejected = rejected + {} WHERE run_id = {}",
            cast(session.kind(), 1, "bigint"),
            cast(session.kind(), 2, "uuid"),
        );
        let values = [(refusals.len() as u64).into(), self.run_id.to_string().into()];
        session.execute(sql, &values)?;
        self.end(session, load)?;
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
        let fault = match session.insert(insertion, &mut || false) {
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
            refusals.push(Refusal::of(insertion, &fault));
            return Ok(());
        }
        let middle = start + (end - start) / 2;
        for range in [start..middle, middle..end] {
            self.insert_or_halve(session, &Insertion { range, ..insertion.clone() }, refusals)?;
        }
        Ok(())
    }

    /// All rows of a part.
    fn insertion<'a>(
        &self,
        (tables, rows): (&'a [Table; 3], &'a Rows),
        part: usize,
    ) -> Insertion<'a> {
        let range = 0..rows.parts[part].len();
        Insertion { run_id: self.run_id, table: &tables[part], part, rows, range }
    }

    /// Begins a transaction, which takes hold of the run's number first: whoever else writes the same rows waits here,
    /// and then finds it moved.
    fn begin(&self, session: &mut Session, from: u64) -> Result<(), Fault> {
        let kind = session.kind();
        session.say(if kind == SqlKind::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" })?;
        let sql = format!(
            "UPDATE obs_runs SET last_seq = last_seq WHERE run_id = {} AND last_seq = {}",
            cast(kind, 1, "uuid"),
            cast(kind, 2, "bigint"),
        );
        match session.execute(sql, &[self.run_id.to_string().into(), from.into()])? {
            1 => Ok(()),
            _ => {
                let why = "somebody else writes the records of this run, too";
                Err(Fault::new(FaultKind::Conflict, why))
            }
        }
    }

    fn end(&self, session: &mut Session, load: &Load<'_, '_>) -> Result<(), Fault> {
        let kind = session.kind();
        let sql = format!(
            "UPDATE obs_runs SET last_seq = {} WHERE run_id = {}",
            cast(kind, 1, "bigint"),
            cast(kind, 2, "uuid"),
        );
        session.execute(sql, &[load.last().into(), self.run_id.to_string().into()])?;
        let change = load.change();
        if change != RunChange::default() {
            self.change(session, &change)?;
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
