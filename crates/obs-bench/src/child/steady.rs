//! Events at a steady rate, each of which is timed.
use crate::clock;
use crate::process::Errand;
use crate::sample::Samples;
use crate::system::{Name, System};
use crate::work::Work;
use anyhow::ensure;
use cpu_time::ProcessTime;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// The quantiles that are told.
pub(crate) const QUANTILES: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 0.9999];

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Steady {
    pub(crate) system: Name,
    pub(crate) events: u64,
    /// From the beginning of one event to that of the next.
    pub(crate) period: Duration,
    /// Whether what takes the events from their thread stands still meanwhile.
    pub(crate) is_stalled: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Latencies {
    /// In nanoseconds, by [`QUANTILES`]; `None` where there were too few events to tell. A reading of the clock is
    /// part of each.
    pub(crate) quantiles: [Option<f64>; 5],
    /// The longest of all, in nanoseconds; that of warming up included.
    pub(crate) longest: f64,
    pub(crate) cpu_ns: f64,
    pub(crate) lost: Option<u64>,
}

impl Errand for Steady {
    const KIND: &'static str = "steady";
    type Found = Latencies;

    fn run(&self, directory: &Path) -> anyhow::Result<Latencies> {
        let system = self.system.start(directory)?;
        ensure!(system.run(Work::Event, 0..0), "{} has no events", self.system);
        ensure!(!self.is_stalled || system.stall(true), "{} cannot stand still", self.system);
        let cpu = ProcessTime::now();
        let mut times = Vec::new();
        system.within_spans(&mut || times = self.times(&*system));
        let longest = times.iter().copied().fold(0.0, f64::max);
        let lost = system.finish()?;
        let cpu_ns = cpu.elapsed().as_nanos() as f64 / self.events as f64;
        // The first tenth warms up.
        let times = Samples::new(times.split_off(times.len() / 10));
        let quantiles = QUANTILES.map(|part| times.quantile(part));
        Ok(Latencies { quantiles, longest, cpu_ns, lost })
    }
}

impl Steady {
    /// An event that is late because the one before took long begins at once.
    fn times(&self, system: &dyn System) -> Vec<f64> {
        let mut times = Vec::with_capacity(self.events as usize);
        let mut due = clock::now();
        for number in 0..self.events {
            while clock::now() < due {
                std::hint::spin_loop();
            }
            due += self.period;
            let before = clock::now();
            let is_there = system.run(Work::Event, number..number + 1);
            times.push(before.elapsed().as_nanos() as f64);
            debug_assert!(is_there, "it was asked before");
        }
        times
    }
}
