//! How many instructions a piece of work takes its thread, counted by Valgrind: the same on a busy machine and an idle
//! one. What is counted is kept in `instructions.json`, and must not grow.
use crate::child::bursts::{Plan, child};
use crate::system::Name;
use crate::work::Work;
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What is counted and kept.
const WORKS: [Work; 2] = [Work::Event, Work::Span];
/// The function whose instructions count, with all that it calls.
const FUNCTION: &str = "obs_bench::system::tracing_json::work";
/// More than so many hundredths above what is kept is too much, and as much below it is worth being kept.
const TOLERANCE: u64 = 5;

/// How many sinks there are behind the events whose counts are compared with each other: a sink more costs the thread
/// that logs nothing.
const SINKS: [u32; 2] = [1, 6];
/// As many hundredths apart they may be.
const SINKS_TOLERANCE: u64 = 1;

/// What is kept. The C library chooses its functions by the processor, and the recorder its clock by the system's: on
/// another kind of machine the counts are others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    machine: Machine,
    counts: Counts,
}

/// By work.
type Counts = BTreeMap<String, u64>;

/// What counts depend on besides the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Machine {
    valgrind: String,
    processor: String,
    clock: String,
}

impl Machine {
    fn this() -> anyhow::Result<Self> {
        let said = Command::new("valgrind").arg("--version").output();
        let said = said.context("cannot start valgrind, which counts instructions")?;
        let processors = std::fs::read_to_string("/proc/cpuinfo")?;
        let model = processors.lines().find_map(|line| line.strip_prefix("model name"));
        let clock = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
        Ok(Self {
            valgrind: String::from_utf8_lossy(&said.stdout).trim().to_owned(),
            processor: model.unwrap_or_default().trim_matches([':', ' ', '\t']).to_owned(),
            clock: std::fs::read_to_string(clock).unwrap_or_default().trim().to_owned(),
        })
    }
}

/// Counts, and compares with what is kept; with `--keep`, keeps it.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> anyhow::Result<()> {
    let is_kept = match arguments {
        [] => false,
        [argument] if argument == "--keep" => true,
        [argument, ..] => bail!("no option `{argument}`; there is --keep"),
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json");
    let machine = Machine::this()?;
    let mut counts = Counts::new();
    for work in WORKS {
        counts.insert(work.to_string(), count(Name::OBS, work)?);
    }
    let by_sinks = SINKS.map(|sinks| count(Name::ObsSinks(sinks), Work::Event));
    let [few, many] = by_sinks;
    compare_sinks([few?, many?], out)?;
    if is_kept {
        let text = serde_json::to_string_pretty(&Kept { machine, counts })? + "\n";
        return std::fs::write(&path, text).with_context(|| path.display().to_string());
    }
    let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
    let kept: Kept = serde_json::from_slice(&text)?;
    if kept.machine != machine {
        writeln!(
            out,
            "not compared: {:?} is kept, and this is {machine:?}: {counts:?}",
            kept.machine
        )?;
        return Ok(());
    }
    compare(&kept.counts, &counts, out)
}

/// Writes a line for each count; fails if one has grown.
fn compare(kept: &Counts, counted: &Counts, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut grown = Vec::new();
    for (work, count) in counted {
        let Some(before) = kept.get(work) else { bail!("instructions.json has no {work}") };
        let percent = (*count as f64 / *before as f64 - 1.0) * 100.0;
        writeln!(out, "{work:<8}{count:>8} instructions, {before} are kept, {percent:+.1} %")?;
        if count * 100 > before * (100 + TOLERANCE) {
            grown.push(work.as_str());
        } else if count * 100 < before * (100 - TOLERANCE) {
            writeln!(out, "        keep it: cargo xtask bench instructions --keep")?;
        }
    }
    if !grown.is_empty() {
        bail!("more than {TOLERANCE} % have come on: {}", grown.join(", "));
    }
    Ok(())
}

/// Writes what an event costs with few sinks and with many; fails if that is not the same.
fn compare_sinks([few, many]: [u64; 2], out: &mut dyn Write) -> anyhow::Result<()> {
    let percent = (many as f64 / few as f64 - 1.0) * 100.0;
    let [few_sinks, many_sinks] = SINKS;
    writeln!(out, "event-{few_sinks}-sink{few:>9} instructions")?;
    writeln!(out, "event-{many_sinks}-sinks{many:>8} instructions, {percent:+.1} %")?;
    if many.abs_diff(few) * 100 > few * SINKS_TOLERANCE {
        bail!("more sinks change what an event costs by more than {SINKS_TOLERANCE} %");
    }
    Ok(())
}

/// Whether there is something that counts.
pub(crate) fn can_count() -> bool {
    Machine::this().is_ok()
}

/// The instructions that `work` takes its thread each time.
pub(crate) fn count(name: Name, work: Work) -> anyhow::Result<u64> {
    // The pauses are long enough for threads of which Valgrind lets only one run.
    let pause = Duration::from_millis(80);
    let plan = Plan { work, bursts: 20, burst: 256, pause, threads: 1 };
    let directory = tempfile::tempdir()?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(format!("--toggle-collect={FUNCTION}"));
    let output = child(valgrind, name, &plan, directory.path())?
        .output()
        .context("cannot start valgrind, which counts instructions")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let total = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    match total.filter(|total: &u64| *total > 0 && output.status.success()) {
        Some(total) => Ok(total / plan.times()),
        None => bail!("valgrind counted nothing: {}", said.lines().last().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, compare, compare_sinks};

    #[test]
    fn an_event_costs_the_same_with_six_sinks_as_with_one() {
        let mut out = Vec::new();
        compare_sinks([1000, 1010], &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert_eq!(
            said,
            "event-1-sink     1000 instructions\nevent-6-sinks    1010 instructions, +1.0 %\n"
        );
        let error = compare_sinks([1000, 1011], &mut Vec::new()).unwrap_err().to_string();
        assert_eq!(error, "more sinks change what an event costs by more than 1 %");
    }

    #[test]
    fn a_count_may_grow_by_a_twentieth_and_no_further() {
        let counts = |event: u64| Counts::from([("event".to_owned(), event)]);
        let mut out = Vec::new();
        compare(&counts(1000), &counts(1050), &mut out).unwrap();
        compare(&counts(1000), &counts(949), &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert_eq!(
            said,
            "event       1050 instructions, 1000 are kept, +5.0 %\n\
             event        949 instructions, 1000 are kept, -5.1 %\n        \
             keep it: cargo xtask bench instructions --keep\n"
        );
        let error = compare(&counts(1000), &counts(1051), &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "more than 5 % have come on: event");
        let error = compare(&Counts::new(), &counts(1), &mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "instructions.json has no event");
    }
}
