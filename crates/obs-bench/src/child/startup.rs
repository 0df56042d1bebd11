//! How long a system takes to start, and to end with little to write.
use crate::clock;
use crate::process::Errand;
use crate::system::Name;
use crate::work::Work;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Between start and end, for what starts in the background.
const LIFE: Duration = Duration::from_millis(100);
/// Events in that time.
const EVENTS: u64 = 10;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Startup {
    pub(crate) system: Name,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ends {
    pub(crate) start_ms: f64,
    pub(crate) finish_ms: f64,
    pub(crate) lost: Option<u64>,
}

impl Errand for Startup {
    const KIND: &'static str = "startup";
    type Found = Ends;

    fn run(&self, directory: &Path) -> anyhow::Result<Ends> {
        let before = clock::now();
        let system = self.system.start(directory)?;
        let start_ms = before.elapsed().as_secs_f64() * 1e3;
        system.within_spans(&mut || {
            thread::sleep(LIFE);
            let is_there = system.run(Work::Event, 0..EVENTS);
            debug_assert!(is_there, "only systems with events are asked");
        });
        let before = clock::now();
        let lost = system.finish()?;
        Ok(Ends { start_ms, finish_ms: before.elapsed().as_secs_f64() * 1e3, lost })
    }
}
