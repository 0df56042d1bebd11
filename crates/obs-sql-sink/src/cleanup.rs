//! Removing what is old, a little at a time.
use crate::fault::Fault;
use crate::partitions::{name, period};
use crate::schema;
use crate::session::Session;
use crate::store::{cast, time};
use crate::tables::NAMES;
use obs_core::UnixNanos;
use obs_core::settings::{SqlKind, SqlPartition};
use std::time::Duration;
use tokio::time::Instant;

/// What was removed, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Cleaned {
    /// Rows of `obs_logs`.
    pub logs: u64,
    /// Rows of `obs_spans`.
    pub spans: u64,
    /// Rows of `obs_actions`.
    pub actions: u64,
    /// Runs that have ended and have no rows left.
    pub runs: u64,
    /// Partitions that held nothing newer, with all their rows, which are not counted.
    pub partitions: u64,
}

/// How long the statement of one step may take before the next one is made half as large: nobody waits much longer for
/// what it locks.
const TARGET: [(SqlKind, Duration); 3] = [
    (SqlKind::Sqlite, Duration::from_millis(100)),
    (SqlKind::Postgres, Duration::from_millis(30)),
    (SqlKind::MySql, Duration::from_millis(30)),
];
/// Rows of one statement.
const ROWS: std::ops::RangeInclusive<u64> = 32..=20_000;
const FIRST_ROWS: u64 = 512;

/// Removes rows that are older than a time.
#[derive(Debug)]
pub(crate) struct Cleaner {
    before: UnixNanos,
    /// The table that is being looked through.
    table: usize,
    /// Whether its partitions were looked at.
    is_partitions_done: bool,
    rows: u64,
    pub(crate) cleaned: Cleaned,
}

impl Cleaner {
    pub(crate) fn new(before: UnixNanos) -> Self {
        let cleaned = Cleaned::default();
        Self { before, table: 0, is_partitions_done: false, rows: FIRST_ROWS, cleaned }
    }

    /// Removes a few rows, or a partition. False when nothing is left to remove.
    pub(crate) fn step(&mut self, session: &mut Session) -> Result<bool, Fault> {
        let Some(table) = NAMES.get(self.table) else { return Ok(false) };
        if !self.is_partitions_done {
            if self.drop_partition(session, table)? {
                return Ok(true);
            }
            self.is_partitions_done = true;
        }
        let kind = session.kind();
        let begun = Instant::now();
        let removed = session
            .execute(delete(kind, table), &[time(kind, self.before).into(), self.rows.into()])?;
        *[&mut self.cleaned.logs, &mut self.cleaned.spans, &mut self.cleaned.actions]
            [self.table] += removed;
        if removed < self.rows {
            (self.table, self.is_partitions_done, self.rows) = (self.table + 1, false, FIRST_ROWS);
            if self.table == NAMES.len() {
                self.cleaned.runs =
                    session.execute(runs(kind), &[time(kind, self.before).into()])?;
            }
            return Ok(self.table < NAMES.len());
        }
        self.adapt(kind, begun.elapsed());
        Ok(true)
    }

    /// Makes the next statement take about as long as it may.
    fn adapt(&mut self, kind: SqlKind, took: Duration) {
        let target = TARGET
            .iter()
            .find(|(known, _)| *known == kind)
            .map_or(TARGET[0].1, |(_, target)| *target);
        let next = match took {
            took if took > target => self.rows / 2,
            took if took < target / 3 => self.rows * 2,
            _ => self.rows,
        };
        self.rows = next.clamp(*ROWS.start(), *ROWS.end());
    }

    /// Removes the first partition of a table whose times are all too old.
    fn drop_partition(&mut self, session: &mut Session, table: &str) -> Result<bool, Fault> {
        let Some(old) = old_partition(session, table, self.before)? else { return Ok(false) };
        // Whoever asks for the table meanwhile waits behind this, so this does not wait long itself.
        session.say("BEGIN")?;
        session.say("SET LOCAL lock_timeout = '100ms'")?;
        if let Err(fault) = session.say(format!("DROP TABLE {old}")) {
            session.say("ROLLBACK")?;
            return Err(fault);
        }
        session.say("COMMIT")?;
        self.cleaned.partitions += 1;
        Ok(true)
    }
}

/// What a [`Cleaner`] would remove.
pub(crate) fn due(session: &mut Session, before: UnixNanos) -> Result<Cleaned, Fault> {
    let kind = session.kind();
    let before = [time(kind, before).into()];
    let mut count = |sql: String| -> Result<u64, Fault> {
        let rows = session.fetch(sql, &before)?;
        Ok(rows.first().and_then(|row| row[0].whole()).unwrap_or(0).max(0) as u64)
    };
    let at = cast(kind, 1, "timestamptz");
    let mut of = |table| count(format!("SELECT COUNT(*) FROM {table} WHERE time < {at}"));
    let [logs, spans, actions] = [of(NAMES[0])?, of(NAMES[1])?, of(NAMES[2])?];
    let runs = count(format!("SELECT COUNT(*) FROM obs_runs WHERE ended_at < {at}"))?;
    Ok(Cleaned { logs, spans, actions, runs, partitions: 0 })
}

/// The statement that removes the oldest rows: those before a time, and no more than a number.
fn delete(kind: SqlKind, table: &str) -> String {
    match kind {
        SqlKind::Sqlite => format!(
            "DELETE FROM {table} WHERE rowid IN \
             (SELECT rowid FROM {table} WHERE time < ? ORDER BY time LIMIT ?)"
        ),
        // A row's place is unique within its partition alone.
        SqlKind::Postgres => format!(
            "DELETE FROM {table} t USING (SELECT tableoid AS o, ctid AS c FROM {table} \
             WHERE time < $1::timestamptz ORDER BY time LIMIT $2::bigint) d \
             WHERE t.tableoid = d.o AND t.ctid = d.c"
        ),
        _ => format!("DELETE FROM {table} WHERE time < ? ORDER BY time LIMIT ?"),
    }
}

fn runs(kind: SqlKind) -> String {
    let none = |table: &str| {
        format!("NOT EXISTS (SELECT 1 FROM {table} r WHERE r.run_id = obs_runs.run_id)")
    };
    let [logs, spans, actions] = NAMES.map(none);
    let at = cast(kind, 1, "timestamptz");
    format!("DELETE FROM obs_runs WHERE ended_at < {at} AND {logs} AND {spans} AND {actions}")
}

/// The oldest partition of a table that holds only times before one.
fn old_partition(
    session: &mut Session,
    table: &str,
    before: UnixNanos,
) -> Result<Option<String>, Fault> {
    if session.kind() != SqlKind::Postgres {
        return Ok(None);
    }
    let Some(length) = schema::partition(session)? else { return Ok(None) };
    let sql = "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
               WHERE i.inhparent = to_regclass($1) ORDER BY 1";
    let rows = session.fetch(sql, &[table.into()])?;
    let names = rows.iter().filter_map(|row| row[0].text());
    Ok(names.into_iter().find(|known| is_old(table, known, length, before)).map(str::to_owned))
}

/// Whether this is the name that one of our partitions has, and its times end before `before`.
fn is_old(table: &str, known: &str, length: SqlPartition, before: UnixNanos) -> bool {
    let Some(date) = known.strip_prefix(table).and_then(|rest| rest.strip_prefix("_p")) else {
        return false;
    };
    let day = if length == SqlPartition::Month { "-01" } else { "" };
    let start = format!("{}{day}T00:00:00Z", date.replace('_', "-")).parse();
    start.is_ok_and(|start: UnixNanos| {
        name(table, start, length) == known && period(length, start).end <= before
    })
}

/// How long others have their turn after a step that took `took`.
pub(crate) fn pause(kind: SqlKind, took: Duration) -> Duration {
    // SQLite lets whoever asks first write, and who waits asks only now and then.
    if kind == SqlKind::Sqlite { took / 2 } else { Duration::ZERO }
}

#[cfg(test)]
mod tests {
    use super::is_old;
    use obs_core::settings::SqlPartition::{Day, Month};

    #[test]
    fn a_partition_is_old_when_its_last_time_is_and_it_is_one_of_ours() {
        let before = "2026-11-22T09:58:03Z".parse().unwrap();
        for (known, length, old) in [
            ("obs_logs_p2026_11_21", Day, true),
            ("obs_logs_p2026_11_22", Day, false),
            ("obs_logs_p2026_10", Month, true),
            ("obs_logs_p2026_11", Month, false),
            ("obs_logs_p2026_10", Day, false),
            ("obs_logs_old", Day, false),
            ("obs_logs_p2026_11_21; DROP TABLE x", Day, false),
            ("obs_spans_p2026_11_21", Day, false),
        ] {
            assert_eq!(is_old("obs_logs", known, length, before), old, "{known}");
        }
    }
}
