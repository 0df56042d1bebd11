//! A process that logs until it is killed, and notes every call that has returned in memory that outlives it.
use crate::clock;
use crate::process::Errand;
use crate::system::Name;
use crate::work::Work;
use anyhow::{Context as _, bail};
use obs_test::crash::Ledger;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// A process that nobody kills does not stay for ever.
const LIFE_MAX: Duration = Duration::from_secs(60);
const EVENTS_A_LOOK: u64 = 1024;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Doomed {
    pub(crate) system: Name,
    pub(crate) ledger: PathBuf,
    /// Events between two pauses.
    pub(crate) burst: u64,
    pub(crate) pause: Duration,
}

impl Errand for Doomed {
    const KIND: &'static str = "doomed";
    type Found = ();

    fn run(&self, directory: &Path) -> anyhow::Result<()> {
        let ledger = Ledger::open(&self.ledger).context("cannot open the ledger")?;
        let system = self.system.start(directory)?;
        let (start, mut number) = (clock::now(), 0_u64);
        system.within_spans(&mut || {
            while system.run(Work::Event, number..number + 1) {
                number += 1;
                ledger.acknowledge(0, number);
                if number.is_multiple_of(self.burst) {
                    thread::sleep(self.pause);
                }
                if number.is_multiple_of(EVENTS_A_LOOK) && start.elapsed() > LIFE_MAX {
                    break;
                }
            }
        });
        bail!("{} has no events, or nobody has killed it", self.system)
    }
}
