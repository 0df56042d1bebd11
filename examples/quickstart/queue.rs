//! Files on their way to the workers.
use crate::tree::File;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::warn;

/// Files that wait for a worker.
const FILES_MAX: usize = 64;

/// Where workers take files from.
pub(crate) type Queue = Arc<Mutex<Receiver<File>>>;

pub(crate) fn new() -> (SyncSender<File>, Queue) {
    let (to_workers, queue) = sync_channel(FILES_MAX);
    (to_workers, Arc::new(Mutex::new(queue)))
}

/// Hands out files as fast as the workers take them; ends early when no worker is left.
#[obs::traced(fields(files = files.len()))]
pub(crate) fn feed(files: Vec<File>, to_workers: &SyncSender<File>) {
    let taken = files.into_iter().try_for_each(|file| to_workers.send(file));
    if taken.is_err() {
        warn!("no worker takes files any more");
    }
}

/// `None` when there are no more.
pub(crate) fn next(queue: &Queue) -> Option<File> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
