//! How far the work is.
use std::io::{IsTerminal, Write, stderr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

const INTERVAL: Duration = Duration::from_secs(1);

/// How many files are done.
#[derive(Debug)]
pub(crate) struct Progress {
    files: usize,
    done: AtomicUsize,
    left_out: AtomicUsize,
}

impl Progress {
    pub(crate) fn new(files: usize) -> Self {
        Self { files, done: AtomicUsize::new(0), left_out: AtomicUsize::new(0) }
    }

    /// Counts a file; returns how many there are now.
    pub(crate) fn step(&self, is_left_out: bool) -> usize {
        self.left_out.fetch_add(usize::from(is_left_out), Ordering::Relaxed);
        self.done.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Shows a line each second, until the sender of `end` is gone.
    pub(crate) fn show(&self, end: &Receiver<()>) {
        while end.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            let (done, left_out) = (&self.done, &self.left_out);
            let (done, left_out) = (done.load(Ordering::Relaxed), left_out.load(Ordering::Relaxed));
            say(&format!("{done} of {} files, {left_out} left out", self.files));
        }
        say("");
    }
}

/// Takes the place of what this said before. A terminal that is gone is no reason to stop.
pub(crate) fn say(words: &str) {
    let mut terminal = stderr();
    if terminal.is_terminal() {
        drop(write!(terminal, "\r\x1b[K{words}").and_then(|()| terminal.flush()));
    }
}
