//! Bursts of one work, and pauses in which everything that was handed over is dealt with.
use crate::clock;
use crate::place::Place;
use crate::process;
use crate::sample::Samples;
use crate::system::{Name, System};
use crate::work::Work;
use anyhow::{Context as _, bail, ensure};
use cpu_time::ProcessTime;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

/// Bursts before it counts.
const WARM_UP: u32 = 50;

/// How a child measures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) work: Work,
    pub(crate) bursts: u32,
    pub(crate) burst: u64,
    pub(crate) pause: Duration,
    /// Threads that begin each burst at the same time.
    pub(crate) threads: u32,
}

impl Plan {
    /// How often each thread does the work in all, warming up included.
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
pub(crate) fn measure(name: Name, plan: &Plan) -> anyhow::Result<Option<Measured>> {
    let directory = Place::Temporary.directory()?;
    let program = Command::new(std::env::current_exe()?);
    let call = call(program, name, plan, directory.path());
    process::run(call, &format!("{name}"), directory.path())
}

/// The call of a child by a program that runs others, as Valgrind does.
pub(crate) fn child(
    mut runner: Command,
    name: Name,
    plan: &Plan,
    directory: &Path,
) -> anyhow::Result<Command> {
    runner.arg(std::env::current_exe()?);
    Ok(call(runner, name, plan, directory))
}

fn call(mut program: Command, name: Name, plan: &Plan, directory: &Path) -> Command {
    program
        .args(["child", &name.to_string(), &plan.work.to_string()])
        .args([plan.bursts.to_string(), plan.burst.to_string()])
        .arg(plan.pause.as_micros().to_string())
        .arg(directory)
        .arg(plan.threads.to_string())
        .stdin(Stdio::null());
    program
}

/// Does what [`measure`] asks for; `arguments` are those behind `child`. The number of threads may be left out.
pub(crate) fn live(arguments: &[String]) -> anyhow::Result<()> {
    let ([name, work, bursts, burst, pause, directory]
    | [name, work, bursts, burst, pause, directory, _]) = arguments
    else {
        bail!("a child wants system, work, bursts, length, pause, directory and, if many, threads");
    };
    let plan = Plan {
        work: work.parse()?,
        bursts: bursts.parse()?,
        burst: burst.parse()?,
        pause: Duration::from_micros(pause.parse()?),
        threads: arguments.get(6).map_or(Ok(1), |threads| threads.parse())?,
    };
    let system = name.parse::<Name>()?.start(directory.as_ref())?;
    let measured = measured_of(system, &plan)?;
    serde_json::to_writer(std::io::stdout(), &measured)?;
    Ok(())
}

fn measured_of(system: Box<dyn System>, plan: &Plan) -> anyhow::Result<Option<Measured>> {
    if !system.run(plan.work, 0..0) {
        system.finish()?;
        return Ok(None);
    }
    let (times, cpu) = match plan.threads {
        1 => bursts_of(&*system, plan, None),
        _ => on_threads(&*system, plan)?,
    };
    let lost = system.finish()?;
    let ns = Samples::new(times).median();
    ensure!(ns.is_some(), "nothing was measured");
    let times = u64::from(plan.bursts) * plan.burst * u64::from(plan.threads);
    let cpu_ns = cpu.elapsed().as_nanos() as f64 / times as f64;
    Ok(ns.map(|ns| Measured { ns, cpu_ns, lost }))
}

/// What each burst took for one work, and the CPU time at the end of warming up.
type Times = (Vec<f64>, ProcessTime);

fn on_threads(system: &dyn System, plan: &Plan) -> anyhow::Result<Times> {
    let start = Barrier::new(plan.threads as usize);
    let found = thread::scope(|scope| {
        let spawned = (0..plan.threads).map(|number| {
            let thread = thread::Builder::new().name(format!("producer-{number}"));
            thread.spawn_scoped(scope, || bursts_of(system, plan, Some(&start)))
        });
        let spawned: Vec<_> = spawned.collect::<std::io::Result<_>>()?;
        let joined = spawned.into_iter().map(|thread| thread.join().ok());
        joined.collect::<Option<Vec<Times>>>().context("a producer panicked")
    })?;
    let cpu = found.first().context("no producer")?.1;
    Ok((found.into_iter().flat_map(|(times, _)| times).collect(), cpu))
}

fn bursts_of(system: &dyn System, plan: &Plan, start: Option<&Barrier>) -> Times {
    let (mut times, mut cpu) = (Vec::new(), ProcessTime::now());
    system.within_spans(&mut || {
        for burst in 0..WARM_UP + plan.bursts {
            if burst == WARM_UP {
                cpu = ProcessTime::now();
            }
            if let Some(start) = start {
                start.wait();
            }
            let first = u64::from(burst) * plan.burst;
            let before = clock::now();
            let is_there = system.run(plan.work, first..first + plan.burst);
            let took = before.elapsed();
            debug_assert!(is_there, "it was asked before");
            if burst >= WARM_UP {
                times.push(took.as_nanos() as f64 / plan.burst as f64);
            }
            thread::sleep(plan.pause);
        }
    });
    (times, cpu)
}
