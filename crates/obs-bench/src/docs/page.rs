//! The document, made of lines.
use super::machine::Machine;
use super::{charts, versions};
use crate::budget;
use crate::line::Line;
use crate::table::{HEADS, cells, number};
use anyhow::Context as _;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// All that the document says.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) machine: Machine,
    /// What made it.
    pub(crate) command: String,
    pub(crate) took: Duration,
    pub(crate) lines: Vec<Line>,
}

const METHOD: &str = include_str!("method.md");

const SINKS: &str = "benchmarks-sinks.svg";
const LOSS: &str = "benchmarks-loss.svg";

impl Page {
    /// Writes the document and its charts to the directory `docs`.
    pub(crate) fn write(&self, docs: &Path) -> anyhow::Result<()> {
        let write = |name: &str, text: &str| {
            let path = docs.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        let charts = [
            (SINKS, "Cost by number of sinks", charts::sinks(&self.lines)?),
            (LOSS, "Events lost after SIGKILL", charts::loss(&self.lines)?),
        ];
        let mut shown = Vec::new();
        for (name, title, svg) in &charts {
            if let Some(svg) = svg {
                write(name, svg)?;
                shown.push((*name, *title));
            }
        }
        write("benchmarks.md", &self.text(&shown)?)
    }

    fn text(&self, charts: &[(&str, &str)]) -> Result<String, fmt::Error> {
        let mut text = String::from("# Benchmarks\n\n");
        let seconds = self.took.as_secs();
        let (command, minutes) =
            (self.command.trim_end(), format!("{}:{:02}", seconds / 60, seconds % 60));
        writeln!(text, "Written by `{command}`, which took {minutes} minutes.\n")?;
        self.write_machine(&mut text)?;
        text.push_str(METHOD);
        self.write_budget(&mut text)?;
        for (name, title) in charts {
            writeln!(text, "\n![{title}]({name})")?;
        }
        self.write_division(&mut text)?;
        self.write_lines(&mut text)?;
        Ok(text)
    }

    fn write_machine(&self, text: &mut String) -> fmt::Result {
        let Machine { processor, cores, memory_gib, kernel, clock, compiler } = &self.machine;
        writeln!(text, "## Machine and versions\n\n| | |\n|---|---|")?;
        writeln!(text, "| processor | {processor}, {cores} cores |")?;
        writeln!(text, "| memory | {memory_gib:.0} GiB |")?;
        writeln!(text, "| kernel | Linux {kernel}, clock source {clock} |")?;
        writeln!(text, "| compiler | {compiler} |")?;
        for (name, version) in versions::of_peers() {
            writeln!(text, "| {name} | {version} |")?;
        }
        writeln!(text)
    }

    fn write_budget(&self, text: &mut String) -> fmt::Result {
        writeln!(
            text,
            "\n## What was promised\n\n| promise | bound | found | |\n|---|---|---|---|"
        )?;
        for verdict in budget::verdicts(&self.lines) {
            let found = verdict.found.as_deref().unwrap_or("–");
            let (what, bound, word) = (verdict.what, &verdict.bound, verdict.word());
            writeln!(text, "| {what} | {bound} | {found} | {word} |")?;
        }
        Ok(())
    }

    /// Where the CPU time of sustained logging goes.
    fn write_division(&self, text: &mut String) -> fmt::Result {
        let divided = |line: &&Line| line.workload.contains("-cpu-") && line.bench == "sustained";
        let lines: Vec<&Line> = self.lines.iter().filter(divided).collect();
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(text, "\n## CPU time of sustained logging, by thread\n")?;
        writeln!(text, "| workload | thread | ns for each event |\n|---|---|---|")?;
        for line in lines {
            let (workload, thread) = line.workload.split_once("-cpu-").unwrap_or_default();
            let ns = line.ours_median.map_or("–".to_owned(), number);
            writeln!(text, "| {workload} | {thread} | {ns} |")?;
        }
        Ok(())
    }

    fn write_lines(&self, text: &mut String) -> fmt::Result {
        writeln!(text, "\n## All lines\n")?;
        writeln!(text, "| {} |", HEADS.join(" | "))?;
        writeln!(text, "|{}", "---|".repeat(HEADS.len()))?;
        for line in &self.lines {
            writeln!(text, "| {} |", cells(line).join(" | "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Machine, Page};
    use crate::line::Line;
    use std::time::Duration;

    fn page() -> Page {
        let line = |workload: &str, bench, ours_median, unit| Line {
            bench,
            workload: workload.to_owned(),
            ours: "obs".to_owned(),
            ours_median: Some(ours_median),
            unit,
            ..Line::default()
        };
        let peer = |line: Line, median: f64| Line {
            peer: Some("tracing-subscriber-json".to_owned()),
            peer_median: Some(median),
            ratio: line.ours_median.map(|ours| median / ours),
            ..line
        };
        Page {
            machine: Machine {
                processor: "Some Processor".to_owned(),
                cores: 2,
                memory_gib: 23.4,
                kernel: "6.1.0".to_owned(),
                clock: "tsc".to_owned(),
                compiler: "rustc 1.95.0".to_owned(),
            },
            command: "cargo xtask bench --full".to_owned(),
            took: Duration::from_secs(605),
            lines: vec![
                peer(line("event", "event", 50.0, "ns"), 3000.0),
                line("sustained-cpu-drain", "sustained", 210.0, "ns"),
                Line { sinks: Some(1), ..peer(line("sinks", "sinks", 50.0, "ns"), 3000.0) },
            ],
        }
    }

    #[test]
    fn the_document_says_what_made_it_and_where_and_what_was_found() {
        let text = page().text(&[("a.svg", "A chart")]).unwrap();
        for part in [
            "# Benchmarks\n\nWritten by `cargo xtask bench --full`, which took 10:05 minutes.\n",
            "| processor | Some Processor, 2 cores |\n| memory | 23 GiB |\n",
            "| kernel | Linux 6.1.0, clock source tsc |\n| compiler | rustc 1.95.0 |\n| tracing | ",
            "| an event, four fields, two spans deep | ≤ 75.0 ns | 50.0 ns | holds |\n",
            "| … beside slog-async | ≥ 4.00 × | – | not measured |\n",
            "\n![A chart](a.svg)\n",
            "| sustained | drain | 210 |\n",
            "| event | 50.0 | ns | tracing-subscriber-json | 3000 | 60.0 × | – | – |\n",
        ] {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
        assert!(text.ends_with("|\n"));
    }

    #[test]
    fn charts_are_written_beside_the_document_if_there_is_something_to_draw() {
        let directory = tempfile::tempdir().unwrap();
        page().write(directory.path()).unwrap();
        let text = std::fs::read_to_string(directory.path().join("benchmarks.md")).unwrap();
        assert!(text.contains("](benchmarks-sinks.svg)") && !text.contains("benchmarks-loss.svg"));
        assert!(directory.path().join("benchmarks-sinks.svg").exists());
        assert!(!directory.path().join("benchmarks-loss.svg").exists());
    }
}
