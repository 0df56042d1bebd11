//! Partitions by time, made before the first row that goes into them.
use crate::fault::{Fault, FaultKind};
use crate::rows::{Cell, Rows};
use crate::schema;
use crate::session::Session;
use crate::store::time;
use crate::tables::NAMES;
use obs_core::UnixNanos;
use obs_core::settings::{SqlKind, SqlPartition};
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// The partitions of a database that are known to be there.
#[derive(Debug, Default)]
pub(crate) struct Partitions {
    /// `None` where the tables have none.
    length: Option<SqlPartition>,
    /// When their times begin.
    known: BTreeSet<UnixNanos>,
}

impl Partitions {
    pub(crate) fn of(session: &mut Session) -> Result<Self, Fault> {
        let length = match session.kind() {
            SqlKind::Postgres => schema::partition(session)?,
            _ => None,
        };
        Ok(Self { length, known: BTreeSet::new() })
    }

    /// Whether all are there that these rows need.
    pub(crate) fn are_there(&self, rows: &Rows) -> bool {
        self.missing(rows).is_empty()
    }

    /// When the times begin of those that these rows need, and that are not known to be there.
    fn missing(&self, rows: &Rows) -> BTreeSet<UnixNanos> {
        let Some(length) = self.length else { return BTreeSet::new() };
        let times = rows.parts.iter().flat_map(|part| part.rows(0..part.len()));
        let starts = times.filter_map(|row| match row[1] {
            Cell::Time(time) => Some(period(length, time).start),
            _ => None,
        });
        starts.filter(|start| !self.known.contains(start)).collect()
    }

    /// Makes those that these rows need.
    pub(crate) fn make(&mut self, session: &mut Session, rows: &Rows) -> Result<(), Fault> {
        let Some(length) = self.length else { return Ok(()) };
        let starts = self.missing(rows);
        for start in starts {
            schema::lock(session)?;
            let outcome = make_of(session, &period(length, start), length);
            schema::unlock(session, outcome.is_ok())?;
            match outcome {
                // Somebody has made other ones that hold these times.
                Err(fault) if fault.code == INVALID_DEFINITION => {}
                outcome => outcome?,
            }
            self.known.insert(start);
        }
        Ok(())
    }
}

const INVALID_DEFINITION: &str = "42P17";

fn make_of(
    session: &mut Session,
    period: &Range<UnixNanos>,
    length: SqlPartition,
) -> Result<(), Fault> {
    // Whoever asks for the table meanwhile waits behind this, so this does not wait long itself.
    session.say("SET LOCAL lock_timeout = '500ms'")?;
    for table in NAMES {
        let name = name(table, period.start, length);
        let [from, to] = [period.start, period.end].map(|at| time(SqlKind::Postgres, at));
        session
            .say(format!(
                "CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} \
                 FOR VALUES FROM ('{from}') TO ('{to}')"
            ))
            .map_err(|fault| match fault.kind {
                // A name or a right that is missing is no row's fault, and waiting for a lock none of anybody's.
                FaultKind::Row => Fault { kind: FaultKind::Setup, ..fault },
                _ => fault,
            })?;
    }
    Ok(())
}

/// What the partition of a table is called whose times begin at `start`.
pub(crate) fn name(table: &str, start: UnixNanos, length: SqlPartition) -> String {
    let text = start.to_string();
    let date = if length == SqlPartition::Month { &text[..7] } else { &text[..10] };
    format!("{table}_p{}", date.replace('-', "_"))
}

/// The times of the partition that holds `time`: from its start to that of the next.
pub(crate) fn period(length: SqlPartition, time: UnixNanos) -> Range<UnixNanos> {
    let day = DAY.as_nanos() as u64;
    let days = time.0 / day;
    let of_days = |from: u64, count: u64| {
        let start = UnixNanos(from.saturating_mul(day));
        start..start.saturating_add(DAY * count as u32)
    };
    match length {
        // 1970-01-01 was a Thursday.
        SqlPartition::Week => of_days(((days + 3) / 7 * 7).saturating_sub(3), 7),
        SqlPartition::Month => {
            let start = month(time);
            start..month(start.saturating_add(DAY * 32))
        }
        _ => of_days(days, 1),
    }
}

/// When the month of a time began.
fn month(time: UnixNanos) -> UnixNanos {
    let text = format!("{}-01T00:00:00Z", &time.to_string()[..7]);
    text.parse().unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::{name, period};
    use obs_core::settings::SqlPartition::{self, Day, Month, Week};

    #[test]
    fn a_period_holds_its_times_and_the_next_begins_where_it_ends() {
        for (length, time, start, end, called) in [
            (Day, "2026-11-22T09:58:03Z", "2026-11-22", "2026-11-23", "obs_logs_p2026_11_22"),
            (Day, "2026-11-22T00:00:00Z", "2026-11-22", "2026-11-23", "obs_logs_p2026_11_22"),
            (Week, "2026-11-22T23:59:59Z", "2026-11-16", "2026-11-23", "obs_logs_p2026_11_16"),
            (Week, "2026-11-23T00:00:00Z", "2026-11-23", "2026-11-30", "obs_logs_p2026_11_23"),
            (Month, "2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01", "obs_logs_p2026_12"),
            (Month, "2028-02-29T00:00:00Z", "2028-02-01", "2028-03-01", "obs_logs_p2028_02"),
            (Day, "1970-01-01T00:00:00Z", "1970-01-01", "1970-01-02", "obs_logs_p1970_01_01"),
        ] {
            let time = time.parse().unwrap();
            let at = |date: &str| format!("{date}T00:00:00Z").parse().unwrap();
            let found = period(length, time);
            assert_eq!(found, at(start)..at(end), "{length} {time}");
            assert_eq!(name("obs_logs", found.start, length), called);
            assert!(found.contains(&time) && length != SqlPartition::None);
        }
    }
}
