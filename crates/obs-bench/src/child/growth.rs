//! How much memory comes on while very many events are written within one span.
use super::own::resident_kib;
use crate::process::Errand;
use crate::system::Name;
use crate::work::Work;
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Growth {
    pub(crate) system: Name,
    pub(crate) events: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Grown {
    pub(crate) kib: f64,
    pub(crate) lost: Option<u64>,
}

/// The first of so many parts fills whatever is bounded.
const PARTS: u64 = 10;

impl Errand for Growth {
    const KIND: &'static str = "growth";
    type Found = Grown;

    fn run(&self, directory: &Path) -> anyhow::Result<Grown> {
        let system = self.system.start(directory)?;
        let (mut before, mut after) = (Ok(0), Ok(0));
        system.within_spans(&mut || {
            let first = self.events / PARTS;
            let is_there = system.run(Work::Event, 0..first);
            before = resident_kib();
            let is_still_there = system.run(Work::Event, first..self.events);
            debug_assert!(is_there && is_still_there, "only systems with events are asked");
            after = resident_kib();
        });
        let lost = system.finish()?;
        Ok(Grown { kib: after? as f64 - before? as f64, lost })
    }
}
