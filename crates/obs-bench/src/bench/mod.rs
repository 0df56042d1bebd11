//! The benches: each asks processes of its own in turn, and makes lines of what they found.
mod bursts;
mod http;
mod latency;
mod loss;
mod memory;
mod redact;
mod sinks;
mod sql;
mod startup;
mod sustained;

use crate::line::Line;
use crate::scale::Scale;

/// What can be asked for by name, of its bench or of its workload.
pub(crate) struct Part {
    pub(crate) bench: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) measure: Box<dyn Fn(Scale) -> anyhow::Result<Vec<Line>>>,
}

impl Part {
    fn new(
        bench: &'static str,
        workload: &'static str,
        measure: impl Fn(Scale) -> anyhow::Result<Vec<Line>> + 'static,
    ) -> Self {
        Self { bench, workload, measure: Box::new(measure) }
    }

    /// Whether `name` asks for it.
    pub(crate) fn is_meant(&self, name: &str) -> bool {
        [self.bench, self.workload].contains(&name)
    }
}

/// All there is, in the order in which it is measured.
pub(crate) fn parts() -> Vec<Part> {
    let mut parts = bursts::parts();
    parts.extend([
        Part::new("sinks", "sinks", sinks::lines),
        Part::new("sinks", "sinks-sql", sinks::databases),
        Part::new("sustained", "sustained", sustained::in_memory),
        Part::new("sustained", "sustained-disk", sustained::on_disk),
        Part::new("latency", "latency", latency::quiet),
        Part::new("latency", "latency-busy-disk", latency::beside_a_writer),
        Part::new("latency", "latency-stalled-drain", latency::beside_a_stalled_drain),
        Part::new("startup", "startup", startup::lines),
        Part::new("memory", "memory-threads", memory::threads),
        Part::new("memory", "memory-one-span", memory::one_span),
        Part::new("memory", "idle", memory::idle),
        Part::new("loss", "loss", loss::flat_out),
        Part::new("loss", "loss-paced", loss::paced),
        Part::new("redact", "redact-speed", redact::speed),
        Part::new("redact", "redact-worst", redact::worst),
        Part::new("http", "http", http::lines),
        Part::new("sql", "sql-insert", sql::inserts),
        Part::new("sql", "sql-cleanup", sql::cleanups),
    ]);
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_part_is_meant_by_its_bench_and_by_its_workload() {
        let meant = |name: &str| parts().iter().filter(|part| part.is_meant(name)).count();
        assert_eq!((meant("latency"), meant("latency-busy-disk"), meant("evnet")), (3, 1, 0));
    }
}
