//! What a measurement is told as.
use serde::Serialize;
use std::io::{self, Write};

/// One line: what was measured, ours, a peer's, and how they compare. What does not apply is null; a peer without a
/// median cannot do the work.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Line {
    pub(crate) bench: &'static str,
    pub(crate) workload: String,
    pub(crate) ours: String,
    pub(crate) peer: Option<String>,
    pub(crate) ours_median: Option<f64>,
    pub(crate) peer_median: Option<f64>,
    pub(crate) unit: &'static str,
    /// How many times better ours is: of two costs the peer's by ours, of two rates ours by the peer's.
    pub(crate) ratio: Option<f64>,
    /// In nanoseconds, of ours.
    pub(crate) p99: Option<f64>,
    pub(crate) p999: Option<f64>,
    /// Records that ours lost.
    pub(crate) lost: Option<u64>,
    /// Of the whole process, ours.
    pub(crate) cpu_ns_per_event: Option<f64>,
    /// Of the thread that logs, ours, for each event or span.
    pub(crate) instructions: Option<u64>,
    pub(crate) threads: Option<u32>,
    pub(crate) sinks: Option<u32>,
}

/// `worse` by `better`, where both are there and make sense.
pub(crate) fn ratio(worse: Option<f64>, better: Option<f64>) -> Option<f64> {
    let (worse, better) = worse.zip(better)?;
    (worse >= 0.0 && better > 0.0).then(|| worse / better)
}

impl Line {
    /// Writes it as JSON.
    pub(crate) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }

    /// The workload with what else tells it from others.
    pub(crate) fn full_workload(&self) -> String {
        let threads = self.threads.filter(|_| self.workload.ends_with("threads"));
        let of = |count: Option<u32>, what: &str| {
            let plural = if count == Some(1) { "" } else { "s" };
            count.map_or(String::new(), |count| format!(", {count} {what}{plural}"))
        };
        format!("{}{}{}", self.workload, of(threads, "thread"), of(self.sinks, "sink"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, ratio};

    #[test]
    fn a_ratio_needs_two_numbers_that_make_sense() {
        assert_eq!(ratio(Some(300.0), Some(60.0)), Some(5.0));
        assert_eq!(ratio(Some(300.0), Some(0.0)), None);
        assert_eq!(ratio(None, Some(60.0)), None);
    }

    #[test]
    fn a_line_has_always_the_same_keys() {
        let mut out = Vec::new();
        let line = Line { bench: "event", workload: "event".into(), unit: "ns", ..Line::default() };
        line.write_json(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"bench\":\"event\",\"workload\":\"event\",\"ours\":\"\",\"peer\":null,\"ours_median\":null,\
             \"peer_median\":null,\"unit\":\"ns\",\"ratio\":null,\"p99\":null,\"p999\":null,\"lost\":null,\
             \"cpu_ns_per_event\":null,\"instructions\":null,\"threads\":null,\"sinks\":null}\n"
        );
    }

    #[test]
    fn a_workload_says_how_many_threads_and_sinks_it_has_if_that_tells_it_from_others() {
        let line = |workload: &str, threads, sinks| Line {
            workload: workload.to_owned(),
            threads,
            sinks,
            ..Line::default()
        };
        for (line, said) in [
            (line("event", Some(1), None), "event"),
            (line("event-threads", Some(1), None), "event-threads, 1 thread"),
            (line("sustained", Some(2), None), "sustained"),
            (line("sinks", Some(1), Some(6)), "sinks, 6 sinks"),
        ] {
            assert_eq!(line.full_workload(), said);
        }
    }
}
