//! What a thread that logs costs in memory.
use super::own::resident_kib;
use crate::process::Errand;
use crate::system::Name;
use crate::work::Work;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{PoisonError, RwLock, mpsc};
use std::thread;
use std::time::Duration;

/// For what is done with the events in the background.
const REST: Duration = Duration::from_millis(50);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Threads {
    pub(crate) system: Name,
    pub(crate) threads: u32,
}

impl Errand for Threads {
    const KIND: &'static str = "threads";
    /// KiB for each thread.
    type Found = f64;

    fn run(&self, directory: &Path) -> anyhow::Result<f64> {
        let system = self.system.start(directory)?;
        let log = || {
            system.within_spans(&mut || {
                let is_there = system.run(Work::Event, 0..1);
                debug_assert!(is_there, "only systems with events are asked");
            });
        };
        log();
        thread::sleep(REST);
        let before = resident_kib()?;
        let (tell, told) = mpsc::channel();
        let gate = RwLock::new(());
        let after = thread::scope(|scope| {
            // Threads that have logged live until it goes, whatever happens here.
            let closed = gate.write().unwrap_or_else(PoisonError::into_inner);
            for number in 0..self.threads {
                let (tell, gate, log) = (tell.clone(), &gate, &log);
                let thread = thread::Builder::new().name(format!("producer-{number}"));
                thread.spawn_scoped(scope, move || {
                    log();
                    let is_told = tell.send(());
                    drop(gate.read());
                    is_told
                })?;
            }
            for _ in 0..self.threads {
                told.recv()?;
            }
            thread::sleep(REST);
            let after = resident_kib();
            drop(closed);
            after
        })?;
        system.finish()?;
        Ok((after as f64 - before as f64) / f64::from(self.threads))
    }
}
