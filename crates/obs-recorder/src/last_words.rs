//! Exits and panics: what was recorded before them is shown before the process is gone.
use crate::control::{Control, now_ns};
use crate::emit;
use crate::recorder::{Recorder, is_child};
use crate::runner::SinkState;
use std::sync::Arc;
use std::time::Duration;

/// How long an exiting process waits for its last lines.
const WAIT_NS: u64 = 100_000_000;

/// Makes the process note that it exits, and wait a moment for its last lines to be shown.
pub(crate) fn watch_exit() {
    obs_ring::exit::set_hook(Some(at_exit));
}

fn at_exit(status: Option<i32>) {
    if Recorder::current().is_some() {
        emit::exit(status);
        show();
    }
}

/// Waits until everything that was recorded so far has been offered to the sink that people look at, a tenth of a
/// second at most.
pub fn show() {
    let Some(recorder) = Recorder::current() else { return };
    let Some(control) = recorder.control() else { return };
    // A forked child sees nothing of how far its parent's sinks are.
    if is_child() || consoles(control).next().is_none() {
        return;
    }
    let deadline_ns = now_ns() + WAIT_NS;
    recorder.wake_drain();
    let heads: Vec<_> = recorder
        .pool()
        .all()
        .iter()
        .map(|ring| (ring.consumer(None), ring.consumer(None).head()))
        .collect();
    let drained =
        || heads.iter().all(|(consumer, head)| consumer.ring().consumer(None).position() >= *head);
    while !drained() && now_ns() < deadline_ns {
        std::thread::sleep(Duration::from_micros(100));
    }
    let staged = control.stage.head();
    while !is_shown(control, staged) && now_ns() < deadline_ns {
        std::thread::sleep(Duration::from_micros(100));
    }
}

fn is_shown(control: &Control, staged: u64) -> bool {
    consoles(control).all(|sink| sink.position() >= staged)
}

fn consoles(control: &Control) -> impl Iterator<Item = &SinkState> {
    control.sinks.iter().map(Arc::as_ref).filter(|sink| sink.name() == "console")
}
