//! What a system costs a program that does nothing.
use super::own::resident_kib;
use crate::clock;
use crate::process::Errand;
use crate::system::Name;
use crate::work::Work;
use cpu_time::ProcessTime;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Until what the start and the first event have caused is over.
const SETTLING: Duration = Duration::from_millis(500);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Idle {
    pub(crate) system: Name,
    pub(crate) duration: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Rest {
    /// Of one core.
    pub(crate) cpu_percent: f64,
    /// More than before the start.
    pub(crate) kib: f64,
}

impl Errand for Idle {
    const KIND: &'static str = "idle";
    type Found = Rest;

    fn run(&self, directory: &Path) -> anyhow::Result<Rest> {
        let before = resident_kib()?;
        let system = self.system.start(directory)?;
        system.within_spans(&mut || {
            let is_there = system.run(Work::Event, 0..1);
            debug_assert!(is_there, "only systems with events are asked");
        });
        thread::sleep(SETTLING);
        let (cpu, start) = (ProcessTime::now(), clock::now());
        thread::sleep(self.duration);
        let (cpu, took) = (cpu.elapsed(), start.elapsed());
        let kib = resident_kib()? as f64 - before as f64;
        system.finish()?;
        Ok(Rest { cpu_percent: cpu.as_secs_f64() / took.as_secs_f64() * 100.0, kib })
    }
}
