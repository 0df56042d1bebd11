//! What a measurement is told as.
use serde::Serialize;
use std::io::{self, Write};

/// One line: what was measured, ours, a peer's, and how they compare. What does not apply is null.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Line {
    pub(crate) bench: &'static str,
    pub(crate) workload: String,
    pub(crate) ours: &'static str,
    pub(crate) peer: Option<String>,
    pub(crate) ours_median: Option<f64>,
    pub(crate) peer_median: Option<f64>,
    pub(crate) unit: &'static str,
    /// How many times the peer's median is ours.
    pub(crate) ratio: Option<f64>,
    pub(crate) p99: Option<f64>,
    pub(crate) p999: Option<f64>,
    pub(crate) lost: Option<u64>,
    pub(crate) cpu_ns_per_event: Option<f64>,
    pub(crate) instructions: Option<u64>,
    pub(crate) threads: Option<u32>,
    pub(crate) sinks: Option<u32>,
}

impl Line {
    /// Writes it as JSON.
    pub(crate) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }

    /// Writes it as a row of the table that [`write_head`] begins.
    pub(crate) fn write_row(&self, out: &mut dyn Write) -> io::Result<()> {
        let number = |number: Option<f64>| number.map_or("–".to_owned(), |it| format!("{it:.1}"));
        writeln!(
            out,
            "{:<10}{:<16}{:>12} {:<10}{:<26}{:>12}{:>9}{:>10}",
            self.bench,
            self.workload,
            number(self.ours_median),
            self.unit,
            self.peer.as_deref().unwrap_or_default(),
            number(self.peer_median),
            self.ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.1} ×")),
            number(self.cpu_ns_per_event),
        )
    }
}

/// Writes the head of the table for people.
pub(crate) fn write_head(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<10}{:<16}{:>12} {:<10}{:<26}{:>12}{:>9}{:>10}",
        "bench", "workload", "ours", "unit", "peer", "peer's", "ratio", "our CPU"
    )
}
