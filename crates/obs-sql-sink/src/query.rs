//! Ready questions to the tables.
use crate::fault::Fault;
use crate::session::Session;
use crate::store::{cast, time};
use crate::value::SqlValue;
use obs_core::settings::SqlKind;
use obs_core::{RunId, TraceId, UnixNanos};

/// A question, and of what it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// What is wanted to be known.
    pub topic: Topic,
    /// Of this run alone.
    pub run: Option<RunId>,
    /// Of runs of this service alone.
    pub service: Option<String>,
    /// From this time on.
    pub since: Option<UnixNanos>,
    /// Before this time.
    pub until: Option<UnixNanos>,
    /// The most rows.
    pub rows_max: u32,
}

/// What is wanted to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Topic {
    /// The runs, the newest first.
    Runs,
    /// Events of level error and above, the newest first.
    Errors,
    /// The spans that took longest.
    SlowSpans,
    /// How often each action was taken, how often it failed, and how long it took; the slowest first.
    Actions,
    /// The spans and log records of a trace, in the order of their times.
    Trace(TraceId),
}

/// Rows, with the names of their columns.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The names.
    pub columns: Vec<&'static str>,
    /// The rows: each has a value a column.
    pub rows: Vec<Vec<SqlValue>>,
}

/// A statement in the making.
struct Statement {
    kind: SqlKind,
    conditions: Vec<String>,
    values: Vec<SqlValue>,
}

impl Question {
    /// A question of everything that is there.
    #[must_use]
    pub fn new(topic: Topic) -> Self {
        Self { topic, run: None, service: None, since: None, until: None, rows_max: 100 }
    }

    pub(crate) fn ask(&self, session: &mut Session) -> Result<Answer, Fault> {
        let kind = session.kind();
        let mut of = Statement { kind, conditions: Vec::new(), values: Vec::new() };
        let (columns, sql): (Vec<&'static str>, String) = match self.topic {
            Topic::Runs => self.runs(&mut of),
            Topic::Errors => self.errors(&mut of),
            Topic::SlowSpans => self.slow_spans(&mut of),
            Topic::Actions => self.actions(&mut of),
            Topic::Trace(trace) => self.trace(&mut of, trace),
        };
        let sql = format!("{sql} LIMIT {}", self.rows_max);
        Ok(Answer { columns, rows: session.fetch(sql, &of.values)? })
    }

    fn runs(&self, of: &mut Statement) -> (Vec<&'static str>, String) {
        if let Some(service) = &self.service {
            of.with("service = {}", "text", service.as_str().into());
        }
        self.within(of, "started_at");
        self.of_run(of, "run_id");
        let (started, ended) = (of.instant("started_at"), of.instant("ended_at"));
        let (run, filter) = (of.text("run_id"), of.filter());
        let sql = format!(
            "SELECT {run}, service, {started}, {ended}, COALESCE(outcome, 'alive or unknown'), \
             last_seq, lost, rejected FROM obs_runs{filter} ORDER BY started_at DESC"
        );
        let columns =
            ["run", "service", "started", "ended", "outcome", "records", "lost", "rejected"];
        (columns.to_vec(), sql)
    }

    fn errors(&self, of: &mut Statement) -> (Vec<&'static str>, String) {
        of.conditions.push("level IN ('error', 'fatal')".to_owned());
        self.narrow(of);
        let (at, run, filter) = (of.time("time", "nanos"), of.text("run_id"), of.filter());
        let sql = format!(
            "SELECT {at}, level, logger, event, {run}, seq, trace_id FROM obs_logs{filter} \
             ORDER BY time DESC, seq DESC"
        );
        (["time", "level", "logger", "event", "run", "seq", "trace"].to_vec(), sql)
    }

    fn slow_spans(&self, of: &mut Statement) -> (Vec<&'static str>, String) {
        self.narrow(of);
        let (at, run, filter) = (of.time("start", "start_nanos"), of.text("run_id"), of.filter());
        let ms = of.real("duration_ns / 1000000.0");
        let sql = format!(
            "SELECT {ms}, name, {at}, {run}, trace_id, span_id FROM obs_spans{filter} \
             ORDER BY duration_ns DESC"
        );
        (["ms", "span", "start", "run", "trace", "span_id"].to_vec(), sql)
    }

    fn actions(&self, of: &mut Statement) -> (Vec<&'static str>, String) {
        self.narrow(of);
        let filter = of.filter();
        let (count, failed) =
            (of.whole("COUNT(*)"), of.whole("SUM(CASE WHEN success THEN 0 ELSE 1 END)"));
        let at =
            |part: &str| of.real(&format!("MIN(CASE WHEN n >= {part} * c THEN latency_ms END)"));
        let (p50, p95, max) = (at("0.5"), at("0.95"), of.real("MAX(latency_ms)"));
        // Those without a latency count, but have no place among the latencies.
        let sql = format!(
            "SELECT action, {count}, {failed}, {p50}, {p95}, {max} FROM (SELECT action, success, \
             latency_ms, COUNT(latency_ms) OVER (PARTITION BY action ORDER BY latency_ms \
             ROWS UNBOUNDED PRECEDING) AS n, COUNT(latency_ms) OVER (PARTITION BY action) AS c \
             FROM obs_actions{filter}) a GROUP BY action ORDER BY 5 DESC, action"
        );
        (["action", "count", "failed", "p50_ms", "p95_ms", "max_ms"].to_vec(), sql)
    }

    fn trace(&self, of: &mut Statement, trace: TraceId) -> (Vec<&'static str>, String) {
        let mut part = |sql: &dyn Fn(&Statement, String) -> String| {
            of.conditions.clear();
            of.with("trace_id = {}", "text", trace.to_string().into());
            self.narrow(of);
            let filter = of.filter();
            sql(of, filter)
        };
        let spans = part(&|of, filter| {
            let (at, ms) = (of.time("start", "start_nanos"), of.real("duration_ns / 1000000.0"));
            let run = of.text("run_id");
            format!(
                "SELECT {at} AS at, 'span' AS what, name AS said, {ms} AS ms, span_id AS id, \
                 parent_id AS parent, {run} AS run FROM obs_spans{filter}"
            )
        });
        let logs = part(&|of, filter| {
            let (at, run) = (of.time("time", "nanos"), of.text("run_id"));
            let (ms, none) = (of.real("NULL"), of.text("NULL"));
            format!("SELECT {at}, level, event, {ms}, span_id, {none}, {run} FROM obs_logs{filter}")
        });
        let sql = format!("SELECT * FROM ({spans} UNION ALL {logs}) t ORDER BY at");
        (["time", "what", "said", "ms", "span_id", "parent_id", "run"].to_vec(), sql)
    }

    /// The conditions that rows of logs, spans and actions have to meet.
    fn narrow(&self, of: &mut Statement) {
        self.of_run(of, "run_id");
        if let Some(service) = &self.service {
            let in_runs = "run_id IN (SELECT run_id FROM obs_runs WHERE service = {})";
            of.with(in_runs, "text", service.as_str().into());
        }
        self.within(of, "time");
    }

    fn of_run(&self, of: &mut Statement, column: &str) {
        if let Some(run) = self.run {
            of.with(&format!("{column} = {{}}"), "uuid", run.to_string().into());
        }
    }

    fn within(&self, of: &mut Statement, column: &str) {
        for (bound, sign) in [(self.since, ">="), (self.until, "<")] {
            if let Some(at) = bound {
                let at = time(of.kind, at).into();
                of.with(&format!("{column} {sign} {{}}"), "timestamptz", at);
            }
        }
    }
}

impl Statement {
    /// Adds a condition, whose value stands at `{}`.
    fn with(&mut self, condition: &str, postgres: &str, value: SqlValue) {
        self.values.push(value);
        let parameter = cast(self.kind, self.values.len(), postgres);
        self.conditions.push(condition.replace("{}", &parameter));
    }

    fn filter(&self) -> String {
        match self.conditions.as_slice() {
            [] => String::new(),
            all => format!(" WHERE {}", all.join(" AND ")),
        }
    }

    /// A time with its nanoseconds, as text.
    fn time(&self, column: &str, nanos: &str) -> String {
        match self.kind {
            SqlKind::Sqlite => column.to_owned(),
            SqlKind::Postgres => format!(
                "to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') \
                 || lpad({nanos}::text, 3, '0') || 'Z'"
            ),
            _ => format!(
                "CONCAT(DATE_FORMAT({column}, '%Y-%m-%dT%H:%i:%s.%f'), LPAD({nanos}, 3, '0'), 'Z')"
            ),
        }
    }

    /// A time without them.
    fn instant(&self, column: &str) -> String {
        match self.kind {
            SqlKind::Sqlite => column.to_owned(),
            SqlKind::Postgres => {
                format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
            }
            _ => format!("DATE_FORMAT({column}, '%Y-%m-%dT%H:%i:%s.%fZ')"),
        }
    }

    fn text(&self, expression: &str) -> String {
        match self.kind {
            SqlKind::Postgres => format!("{expression}::text"),
            _ => expression.to_owned(),
        }
    }

    fn whole(&self, expression: &str) -> String {
        match self.kind {
            SqlKind::Sqlite => expression.to_owned(),
            SqlKind::Postgres => format!("({expression})::bigint"),
            _ => format!("CAST({expression} AS SIGNED)"),
        }
    }

    fn real(&self, expression: &str) -> String {
        match self.kind {
            SqlKind::Postgres => format!("({expression})::float8"),
            SqlKind::Sqlite => format!("CAST({expression} AS REAL)"),
            _ => format!("CAST({expression} AS DOUBLE)"),
        }
    }
}
