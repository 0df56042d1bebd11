//! What is saved of how far a sink has come.
use obs_core::io::Disk;
use obs_core::{Batch, RunId, Sink, SinkError};
use obs_recorder::journal::Reader;
use obs_recorder::{Limits, Runner, Step};
use obs_ring::stage::Stage;
use obs_ring::{Identity, Memory};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A sink whose destination holds 46 records already, and can be flushed, or not.
struct Held {
    is_sick: Arc<AtomicBool>,
}

impl Sink for Held {
    fn name(&self) -> &str {
        "held"
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        assert!(batch.next().is_none(), "an empty journal");
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        match self.is_sick.load(Ordering::Relaxed) {
            true => Err(SinkError::transient("cannot flush")),
            false => Ok(()),
        }
    }

    fn resume(&mut self) -> Result<Option<u64>, SinkError> {
        Ok(Some(46))
    }
}

#[test]
fn what_a_destination_says_to_hold_is_flushed_before_a_cursor_counts_on_it() {
    let directory = tempfile::tempdir().unwrap();
    let run_id = RunId::new(1, 2);
    let identity = Identity { run_id: run_id.to_bytes(), ..Identity::default() };
    let memory = Memory::heap(Stage::file_bytes(4096));
    let stage = Stage::create(memory, 4096, identity, 0).unwrap();
    let io = Arc::new(Disk::new());
    let reader = Reader::new(io.clone(), None, run_id, Some(stage));
    let is_sick = Arc::new(AtomicBool::new(true));
    let sink = Box::new(Held { is_sick: Arc::clone(&is_sick) });
    let cursors = directory.path().to_owned();
    let mut runner = Runner::new(sink, reader, io, Some(cursors.clone()), run_id);
    let limits = Limits { staged: 0, synced: 0 };
    let Step::WaitUntil(later) = runner.step(limits, 0) else { panic!("the flush failed") };
    assert!(!cursors.join("held.cursor").exists());
    is_sick.store(false, Ordering::Relaxed);
    assert_eq!(runner.step(limits, later), Step::Idle);
    assert!(cursors.join("held.cursor").exists());
}
