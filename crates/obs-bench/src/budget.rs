//! What was promised, and whether it holds. A figure that was not measured is not judged.
use crate::line::Line;
use crate::table::number;

/// One promise.
#[derive(Debug)]
struct Promise {
    what: &'static str,
    value: Value,
    bound: Bound,
    unit: &'static str,
}

/// Where the figure comes from.
#[derive(Debug)]
enum Value {
    /// Our median of a workload.
    Ours(&'static str),
    /// How many times better ours is than a peer in a workload.
    Ratio(&'static str, &'static str),
    /// Our median of a workload above a peer's.
    Above(&'static str, &'static str),
    /// What we lost in a workload.
    Lost(&'static str),
    /// Our 999th thousandth of a workload.
    P999(&'static str),
    /// Our largest median of a workload by the smallest, over its numbers of sinks.
    Spread(&'static str),
}

#[derive(Debug, Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// What became of a promise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) what: &'static str,
    pub(crate) bound: String,
    pub(crate) found: Option<String>,
    pub(crate) holds: Option<bool>,
}

use Bound::{AtLeast, AtMost};
use Value::{Above, Lost, Ours, P999, Ratio, Spread};

const fn promise(what: &'static str, value: Value, bound: Bound, unit: &'static str) -> Promise {
    Promise { what, value, bound, unit }
}

const JSON: &str = "tracing-subscriber-json";
const HTTP: &str = "tower-http+tracing-otel+sdk";
const OTEL: &str = "tracing-opentelemetry";
const NONE: &str = "obs-sql-none";
const BY_HAND: &str = "by hand";

const PROMISES: &[Promise] = &[
    promise("an event, four fields, two spans deep", Ours("event"), AtMost(75.0), "ns"),
    promise("… beside tracing-subscriber", Ratio("event", JSON), AtLeast(50.0), "×"),
    promise("… beside slog-async", Ratio("event", "slog-async"), AtLeast(4.0), "×"),
    promise("a span, two fields, from open to close", Ours("span"), AtMost(90.0), "ns"),
    promise("… beside fastrace", Ratio("span", "fastrace"), AtLeast(4.0), "×"),
    promise("… beside tracing-opentelemetry", Ratio("span", OTEL), AtLeast(12.0), "×"),
    promise(
        "an event by the layer, above the registry",
        Above("event-layer", "registry"),
        AtMost(75.0),
        "ns",
    ),
    promise(
        "a span by the layer, above the registry",
        Above("span-layer", "registry"),
        AtMost(75.0),
        "ns",
    ),
    promise("a disabled event", Ours("event-disabled"), AtMost(1.0), "ns"),
    promise("1 to 6 sinks: largest by smallest median", Spread("sinks"), AtMost(1.10), "×"),
    promise(
        "a database that is well, beside none",
        Ratio("sinks-sql-well", NONE),
        AtLeast(0.9),
        "×",
    ),
    promise("… locked", Ratio("sinks-sql-locked", NONE), AtLeast(0.9), "×"),
    promise("… away", Ratio("sinks-sql-away", NONE), AtLeast(0.9), "×"),
    promise("p99.9 of an event at a steady rate", P999("latency"), AtMost(1000.0), "ns"),
    promise("sustained, two threads to a file", Ours("sustained"), AtLeast(1.5e6), "events/s"),
    promise("… beside tracing-subscriber", Ratio("sustained", JSON), AtLeast(6.0), "×"),
    promise("… lost", Lost("sustained"), AtMost(0.0), "events"),
    promise(
        "a request's span and event, to its thread",
        Ours("http-call-thread"),
        AtMost(3.0),
        "us",
    ),
    promise("… beside tower-http and the SDK", Ratio("http-call-thread", HTTP), AtLeast(3.0), "×"),
    promise("… at saturation", Ratio("http-saturated-added", HTTP), AtLeast(3.0), "×"),
    promise(
        "p99 at half the rate, beside nothing",
        Ratio("http-half-p99", "nothing"),
        AtLeast(0.95),
        "×",
    ),
    promise("start", Ours("startup-init"), AtMost(3.0), "ms"),
    promise("end with little to write", Ours("startup-finish"), AtMost(5.0), "ms"),
    promise("CPU time while idle", Ours("idle-cpu"), AtMost(0.1), "%"),
    promise("memory while idle", Ours("idle-memory"), AtMost(16.0 * 1024.0), "KiB"),
    promise("rows into SQLite, beside by hand", Ratio("sql-sqlite", BY_HAND), AtLeast(0.8), "×"),
    promise("… PostgreSQL", Ratio("sql-postgresql", BY_HAND), AtLeast(0.8), "×"),
    promise("… MariaDB", Ratio("sql-mariadb", BY_HAND), AtLeast(0.8), "×"),
    promise(
        "clean-up of SQLite, the longest wait",
        Ours("sql-cleanup-sqlite"),
        AtMost(500.0),
        "ms",
    ),
    promise("… PostgreSQL", Ours("sql-cleanup-postgresql"), AtMost(100.0), "ms"),
    promise("… MariaDB", Ours("sql-cleanup-mariadb"), AtMost(100.0), "ms"),
    promise("redaction of clean text, one core", Ours("redact-clean"), AtLeast(1000.0), "MB/s"),
    promise("redaction of text with secrets", Ours("redact-hits"), AtLeast(150.0), "MB/s"),
    promise("redaction, the worst text", Ours("redact-worst"), AtMost(20.0), "ms/MiB"),
];

/// Judges every promise.
pub(crate) fn verdicts(lines: &[Line]) -> Vec<Verdict> {
    PROMISES.iter().map(|promise| promise.judge(lines)).collect()
}

impl Promise {
    fn judge(&self, lines: &[Line]) -> Verdict {
        let found = self.value.of(lines);
        let (sign, bound) = match self.bound {
            AtMost(bound) => ("≤", bound),
            AtLeast(bound) => ("≥", bound),
        };
        let holds = found.map(|found| match self.bound {
            AtMost(bound) => found <= bound,
            AtLeast(bound) => found >= bound,
        });
        let with_unit = |value| format!("{} {}", number(value), self.unit);
        let bound = format!("{sign} {}", with_unit(bound));
        Verdict { what: self.what, bound, found: found.map(with_unit), holds }
    }
}

impl Value {
    fn of(&self, lines: &[Line]) -> Option<f64> {
        let of = |workload| lines.iter().filter(move |line: &&Line| line.workload == workload);
        match *self {
            Ours(workload) => of(workload).find_map(|line| line.ours_median),
            Above(workload, peer) => {
                let line = of(workload).find(|line| line.peer.as_deref() == Some(peer))?;
                Some(line.ours_median? - line.peer_median?)
            }
            Lost(workload) => of(workload).find_map(|line| line.lost).map(|lost| lost as f64),
            P999(workload) => of(workload).find_map(|line| line.p999),
            Ratio(workload, peer) => {
                of(workload).find(|line| line.peer.as_deref() == Some(peer))?.ratio
            }
            Spread(workload) => {
                let medians: Option<Vec<f64>> = of(workload).map(|line| line.ours_median).collect();
                let medians = medians.filter(|medians| medians.len() > 1)?;
                let largest = medians.iter().copied().fold(f64::MIN, f64::max);
                Some(largest / medians.iter().copied().fold(f64::MAX, f64::min))
            }
        }
    }
}

impl Verdict {
    /// In a word or two.
    pub(crate) fn word(&self) -> &'static str {
        match self.holds {
            Some(true) => "holds",
            Some(false) => "does not hold",
            None => "not measured",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::verdicts;
    use crate::line::Line;

    fn line(workload: &str, ours_median: f64, peer: &str, ratio: f64) -> Line {
        Line {
            workload: workload.to_owned(),
            ours_median: Some(ours_median),
            peer: Some(peer.to_owned()),
            ratio: Some(ratio),
            ..Line::default()
        }
    }

    #[test]
    fn a_promise_holds_up_to_its_bound_and_is_not_judged_unseen() {
        let lines = [
            line("event", 75.0, "slog-async", 3.9),
            line("event", 75.0, "tracing-subscriber-json", 50.0),
            line("sinks", 60.0, "tracing-subscriber-json", 9.0),
            line("sinks", 66.1, "tracing-subscriber-json", 9.0),
            Line { p999: Some(999.0), ..line("latency", 80.0, "slog-async", 2.0) },
        ];
        let said: Vec<_> = verdicts(&lines)
            .iter()
            .filter(|verdict| verdict.holds.is_some())
            .map(|it| {
                format!("{}: {} ({}): {}", it.what, it.found.clone().unwrap(), it.bound, it.word())
            })
            .collect();
        assert_eq!(
            said,
            [
                "an event, four fields, two spans deep: 75.0 ns (≤ 75.0 ns): holds",
                "… beside tracing-subscriber: 50.0 × (≥ 50.0 ×): holds",
                "… beside slog-async: 3.90 × (≥ 4.00 ×): does not hold",
                "1 to 6 sinks: largest by smallest median: 1.10 × (≤ 1.10 ×): does not hold",
                "p99.9 of an event at a steady rate: 999 ns (≤ 1000 ns): holds",
            ]
        );
    }
}
