//! A measurement in a process of its own: a process has one global subscriber, and no memory of another system.
use crate::sample::Samples;
use crate::system::{self, System};
use crate::work::Work;
use anyhow::{Context as _, bail, ensure};
use cpu_time::ProcessTime;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Bursts before it counts.
const WARM_UP: u32 = 50;

/// How a child measures: bursts, and pauses in which everything that was handed over is dealt with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) work: Work,
    pub(crate) bursts: u32,
    pub(crate) burst: u64,
    pub(crate) pause: Duration,
}

impl Plan {
    /// How often the work is done in all, warming up included.
    pub(crate) fn times(&self) -> u64 {
        u64::from(WARM_UP + self.bursts) * self.burst
    }
}

/// What a child measured.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// Nanoseconds that the work took its thread each time, as the median burst has it.
    pub(crate) ns: f64,
    /// Nanoseconds of CPU time that the process took each time, on all threads, up to the end.
    pub(crate) cpu_ns: f64,
    /// Records that were lost, if the system knows.
    pub(crate) lost: Option<u64>,
}

/// Measures `name` in a process of its own. `None` if it has no such work.
pub(crate) fn measure(name: system::Name, plan: &Plan) -> anyhow::Result<Option<Measured>> {
    let directory = tempfile::tempdir()?;
    let console = std::fs::File::create(directory.path().join("console.log"))?;
    let program = Command::new(std::env::current_exe()?);
    let output = call(program, name, plan, directory.path()).stderr(console).output()?;
    if !output.status.success() {
        let console = std::fs::read_to_string(directory.path().join("console.log"))?;
        let end = console.lines().last().unwrap_or_default();
        bail!("measuring {name}: {}: {end}", output.status);
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("measuring {name}"))
}

/// The call of a child by a program that runs others, as Valgrind does.
pub(crate) fn child(
    mut runner: Command,
    name: system::Name,
    plan: &Plan,
    directory: &Path,
) -> anyhow::Result<Command> {
    runner.arg(std::env::current_exe()?);
    Ok(call(runner, name, plan, directory))
}

fn call(mut program: Command, name: system::Name, plan: &Plan, directory: &Path) -> Command {
    program
        .args(["child", &name.to_string(), &plan.work.to_string()])
        .args([plan.bursts.to_string(), plan.burst.to_string()])
        .arg(plan.pause.as_micros().to_string())
        .arg(directory)
        .stdin(Stdio::null());
    program
}

/// Does what [`measure`] asks for; `arguments` are those behind `child`.
pub(crate) fn live(arguments: &[String]) -> anyhow::Result<()> {
    let [name, work, bursts, burst, pause, directory] = arguments else {
        bail!("a child wants system, work, bursts, length, pause and directory");
    };
    let plan = Plan {
        work: work.parse()?,
        bursts: bursts.parse()?,
        burst: burst.parse()?,
        pause: Duration::from_micros(pause.parse()?),
    };
    let system = name.parse::<system::Name>()?.start(directory.as_ref())?;
    let measured = bursts_of(system, &plan)?;
    serde_json::to_writer(std::io::stdout(), &measured)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn bursts_of(system: Box<dyn System>, plan: &Plan) -> anyhow::Result<Option<Measured>> {
    let (mut times, mut is_there, mut cpu) = (Vec::new(), true, ProcessTime::now());
    system.within_spans(&mut || {
        for burst in 0..WARM_UP + plan.bursts {
            if burst == WARM_UP {
                cpu = ProcessTime::now();
            }
            let first = u64::from(burst) * plan.burst;
            let before = Instant::now();
            is_there &= system.run(plan.work, first..first + plan.burst);
            let took = before.elapsed();
            if burst >= WARM_UP {
                times.push(took.as_nanos() as f64 / plan.burst as f64);
            }
            std::thread::sleep(plan.pause);
        }
    });
    let lost = system.finish()?;
    let cpu = cpu.elapsed();
    if !is_there {
        return Ok(None);
    }
    let ns = Samples::new(times).median();
    ensure!(ns.is_some(), "nothing was measured");
    let cpu_ns = cpu.as_nanos() as f64 / (u64::from(plan.bursts) * plan.burst) as f64;
    Ok(ns.map(|ns| Measured { ns, cpu_ns, lost }))
}
