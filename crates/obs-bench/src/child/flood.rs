//! Events from several threads as fast as they can, up to the last byte that is written.
use super::own::{ThreadTimes, by_name, look_at_threads};
use crate::clock;
use crate::found::found_in;
use crate::process::Errand;
use crate::system::{Name, System};
use crate::work::Work;
use anyhow::{Context as _, ensure};
use cpu_time::ProcessTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often the CPU times of threads are read: what a thread does after the last time is the process's alone.
const LOOK: Duration = Duration::from_millis(20);
/// Events between two looks at the clock.
const CHUNK: u64 = 64;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Flood {
    pub(crate) system: Name,
    pub(crate) threads: u32,
    pub(crate) duration: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Flow {
    pub(crate) events: u64,
    /// Those that arrived: all that the system does not say it lost, or, where it says nothing, lines in its files.
    pub(crate) arrived: u64,
    /// From the first event to the end of the system.
    pub(crate) seconds: f64,
    pub(crate) lost: Option<u64>,
    /// Nanoseconds of CPU time of the whole process.
    pub(crate) cpu_ns: u64,
    /// Those of threads, by name; the bench's own are `obs-bench`.
    pub(crate) threads: BTreeMap<String, u64>,
}

impl Errand for Flood {
    const KIND: &'static str = "flood";
    type Found = Flow;

    fn run(&self, directory: &Path) -> anyhow::Result<Flow> {
        let system = self.system.start(directory)?;
        ensure!(system.run(Work::Event, 0..0), "{} has no events", self.system);
        let is_over = AtomicBool::new(false);
        let (cpu, start) = (ProcessTime::now(), clock::now());
        let (found, threads) = thread::scope(|scope| {
            let watch = thread::Builder::new().name("obs-bench".to_owned());
            let watch = watch.spawn_scoped(scope, || watch_threads(&is_over))?;
            let found = self.events(&*system).and_then(|events| Ok((events, system.finish()?)));
            is_over.store(true, Ordering::Relaxed);
            let threads = watch.join().ok().context("the watch over threads panicked")??;
            Ok::<_, anyhow::Error>((found, threads))
        })?;
        let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu.elapsed());
        let (events, lost) = found?;
        let cpu_ns = cpu.as_nanos() as u64;
        let arrived = match lost {
            Some(lost) => events.saturating_sub(lost),
            None => found_in(directory)?,
        };
        Ok(Flow { events, arrived, seconds, lost, cpu_ns, threads: by_name(threads) })
    }
}

impl Flood {
    /// How many there were, when all producers are done.
    fn events(&self, system: &dyn System) -> anyhow::Result<u64> {
        thread::scope(|scope| {
            let spawned = (0..self.threads).map(|number| {
                let thread = thread::Builder::new().name(format!("producer-{number}"));
                thread.spawn_scoped(scope, || self.produce(system))
            });
            let spawned: Vec<_> = spawned.collect::<std::io::Result<_>>()?;
            let joined = spawned.into_iter().map(|thread| thread.join().ok());
            joined.sum::<Option<u64>>().context("a producer panicked")
        })
    }

    fn produce(&self, system: &dyn System) -> u64 {
        let (start, mut number) = (clock::now(), 0);
        system.within_spans(&mut || {
            while start.elapsed() < self.duration && system.run(Work::Event, number..number + CHUNK)
            {
                number += CHUNK;
            }
        });
        number
    }
}

fn watch_threads(is_over: &AtomicBool) -> anyhow::Result<ThreadTimes> {
    let mut times = ThreadTimes::new();
    while !is_over.load(Ordering::Relaxed) {
        look_at_threads("self", &mut times)?;
        thread::sleep(LOOK);
    }
    Ok(times)
}
