//! A run of the bench: measures what was asked for, tells it, and writes the document.
use crate::bench::{Part, parts};
use crate::budget;
use crate::clock;
use crate::docs::{Page, machine};
use crate::line::Line;
use crate::options::Options;
use crate::scale::Scale;
use crate::table::{write_head, write_row};
use anyhow::{Context as _, bail};
use std::io::Write;
use std::path::Path;

/// Where the document and its charts are.
const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");

/// Runs the benches that `arguments` name, or all, and writes a line for each peer.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> anyhow::Result<()> {
    let options = Options::parse(arguments)?;
    let parts = chosen(&options.names)?;
    let start = clock::now();
    if !options.is_json {
        write_head(out)?;
    }
    let mut lines = Vec::new();
    for part in parts {
        let found = (part.measure)(options.scale).with_context(|| part.workload)?;
        for line in &found {
            if options.is_json { line.write_json(out) } else { write_row(line, out) }?;
        }
        out.flush()?;
        lines.extend(found);
    }
    if !options.is_json && options.scale != Scale::Smoke {
        write_budget(&lines, out)?;
    }
    if options.has_docs {
        let page = Page {
            machine: machine::this(),
            command: format!("cargo xtask bench {}", arguments.join(" ")),
            took: start.elapsed(),
            lines,
        };
        page.write(Path::new(DOCS))?;
    }
    Ok(())
}

/// The parts that `names` ask for; all if there are none.
fn chosen(names: &[String]) -> anyhow::Result<Vec<Part>> {
    let mut parts = parts();
    if let Some(unknown) = names.iter().find(|name| !parts.iter().any(|part| part.is_meant(name))) {
        let mut known: Vec<_> = parts.iter().map(|part| part.bench).collect();
        known.dedup();
        bail!("no bench `{unknown}`; there are {}", known.join(", "));
    }
    parts.retain(|part| names.is_empty() || names.iter().any(|name| part.is_meant(name)));
    Ok(parts)
}

/// Promises that can be judged. Whether they hold is no matter of success: a busy machine breaks them.
fn write_budget(lines: &[Line], out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out)?;
    for verdict in budget::verdicts(lines) {
        if let Some(found) = &verdict.found {
            let (what, bound, word) = (verdict.what, &verdict.bound, verdict.word());
            writeln!(out, "{what:<44}{found:>20}   {bound:<22}{word}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{chosen, run};

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let mut out = Vec::new();
        let said = run(&["evnet".to_owned()], &mut out).unwrap_err().to_string();
        let known =
            "event, span, sinks, sustained, latency, startup, memory, loss, redact, http, sql";
        assert_eq!(said, format!("no bench `evnet`; there are {known}"));
        assert!(out.is_empty());
    }

    #[test]
    fn a_bench_is_all_its_workloads_and_a_workload_itself() {
        let workloads = |name: &str| -> Vec<_> {
            let parts = chosen(&[name.to_owned()]).unwrap();
            parts.iter().map(|part| part.workload).collect()
        };
        assert_eq!(workloads("span-deep"), ["span-deep"]);
        assert_eq!(workloads("sustained"), ["sustained", "sustained-disk"]);
        assert_eq!(workloads("loss"), ["loss", "loss-paced"]);
    }
}
