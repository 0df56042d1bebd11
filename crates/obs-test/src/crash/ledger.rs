//! What was acknowledged, in memory that outlives the process.
use obs_ring::{Memory, place};
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Threads that a ledger has room for.
pub(crate) const THREADS_MAX: usize = 64;
const WORDS: usize = 8;

/// For each thread the number of its last acknowledged event and how many were refused.
#[derive(Debug)]
pub struct Ledger {
    memory: Memory,
}

impl Ledger {
    /// Makes the file.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = place::create(path, THREADS_MAX * WORDS * 8)?;
        Ok(Self { memory: Memory::map(&file)? })
    }

    /// Opens the file that another process made.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Self { memory: Memory::map(&file)? })
    }

    /// The event with this number was acknowledged.
    pub fn acknowledge(&self, thread: usize, number: u64) {
        self.memory[thread * WORDS].store(number, Ordering::Release);
    }

    /// The event with this number was refused.
    pub fn refuse(&self, thread: usize, number: u64) {
        self.memory[thread * WORDS + 1].fetch_add(1, Ordering::Release);
        self.acknowledge(thread, number);
    }

    /// A thread's last number, and how many up to there were refused.
    #[must_use]
    pub fn thread(&self, thread: usize) -> (u64, u64) {
        let word = |at: usize| self.memory[thread * WORDS + at].load(Ordering::Acquire);
        (word(0), word(1))
    }
}
