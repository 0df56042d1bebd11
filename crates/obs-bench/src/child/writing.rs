//! Plain writing to a file, for comparison, or as company that keeps the disk busy.
use crate::clock;
use crate::process::Errand;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

const BLOCK_BYTES: usize = 64 << 10;
/// The file becomes no longer: writing begins again at its start.
const FILE_BYTES: u64 = 4 << 30;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Writing {
    pub(crate) duration: Duration,
    /// Blocks between two syncs; one sync at the end if it is not said.
    pub(crate) blocks_a_sync: Option<u64>,
}

impl Errand for Writing {
    const KIND: &'static str = "writing";
    /// MiB a second, with all syncs.
    type Found = f64;

    fn run(&self, directory: &Path) -> anyhow::Result<f64> {
        let mut file = File::create(directory.join("blocks"))?;
        let block: Vec<u8> = (0..BLOCK_BYTES).map(|at| (at % 251) as u8).collect();
        let (start, mut blocks) = (clock::now(), 0_u64);
        while start.elapsed() < self.duration {
            file.write_all(&block)?;
            blocks += 1;
            if self.blocks_a_sync.is_some_and(|every| blocks.is_multiple_of(every)) {
                file.sync_data()?;
            }
            if blocks.is_multiple_of(FILE_BYTES / BLOCK_BYTES as u64) {
                file.rewind()?;
            }
        }
        file.sync_data()?;
        let mib = (blocks * BLOCK_BYTES as u64) as f64 / f64::from(1 << 20);
        Ok(mib / start.elapsed().as_secs_f64())
    }
}
