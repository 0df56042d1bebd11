//! What a run is made of, before it begins.
use crate::clock::{Clock, SystemClock, rate_between};
use crate::control::now_ns;
use crate::place::{self, Candidates, Chosen, Place};
use crate::pool::Pool;
use crate::run::{Start, StartError, cannot};
use crate::summary::Summary;
use crate::system;
use obs_core::io::replace_unsynced;
use obs_core::{Settings, SinkDelivery, UnixNanos};
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::ring::Shape;
use obs_ring::stage::Stage;
use obs_ring::{Identity, Memory};
use std::os::unix::ffi::OsStrExt;
use std::thread;

/// A place must have room for so much: the stage, a few rings, and what goes with them.
pub(crate) fn needed_bytes(settings: &Settings) -> u64 {
    settings.stage_bytes + 4 * settings.ring_bytes + (2 << 20)
}

/// How many rings there are to be, and for how many there is room in so many bytes.
pub(crate) fn ring_counts(settings: &Settings, budget_bytes: u64) -> (usize, usize) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let wanted =
        if settings.rings_max == 0 { (4 * cores).max(64) } else { settings.rings_max as usize };
    let affordable = (budget_bytes - settings.stage_bytes.min(budget_bytes)) / settings.ring_bytes;
    (wanted, usize::try_from(affordable).unwrap_or(usize::MAX))
}

/// The place for the rings, its pointer in the run directory, and the stage in it.
pub(crate) fn choose_place(
    start: &Start<'_>,
    identity: Identity,
) -> Result<(Chosen, Stage), StartError> {
    let settings = start.settings;
    let needed = needed_bytes(settings);
    let mut chosen = match &start.directory {
        Some(directory) => {
            let runtime = settings.runtime_dir.as_deref();
            let candidates = Candidates::new(runtime, Some(directory.path()));
            place::choose(settings.ring_place, &candidates, &start.run_id.to_string(), needed)
        }
        // Nobody would find them.
        None => Chosen::heap(),
    };
    let bytes = Stage::file_bytes(settings.stage_bytes);
    let owner = chosen.place.claim(start.directory.as_ref());
    let made = owner.and_then(|owner| {
        let memory = chosen.place.growing_memory(|directory| directory.stage(), bytes)?;
        Ok((owner, memory))
    });
    let (owner, memory) = made.unwrap_or_else(|error| {
        chosen.passed_over.push(format!("{}: {error}", chosen.place));
        chosen.passed_over.extend(chosen.place.remove());
        chosen.place = Place::Heap;
        (None, Memory::heap(bytes))
    });
    chosen.owner = owner;
    if let (Some(run), Some(rings)) = (&start.directory, chosen.place.directory()) {
        let line = [rings.path().as_os_str().as_bytes(), b"\n"].concat();
        // What it points to goes with the machine, too.
        replace_unsynced(start.io.as_ref(), &run.rings_pointer(), &line)
            .map_err(cannot("write rings.path"))?;
    }
    let stage = Stage::create(memory, settings.stage_bytes, identity, 0);
    let stage = stage.map_err(|error| StartError::Io {
        what: "make the stage",
        source: std::io::Error::other(error),
    })?;
    Ok((chosen, stage))
}

pub(crate) fn make_pool(
    settings: &Settings,
    chosen: &Chosen,
    identity: Identity,
    source: TickSource,
) -> Pool {
    let (wanted, affordable) = ring_counts(settings, chosen.budget_bytes);
    let rings_max = wanted.min(affordable);
    let shape = Shape::with_capacity(settings.ring_bytes).unwrap_or_else(|| {
        unreachable!("settings keep ring_bytes a power of two of 64 KiB or more")
    });
    Pool::new(chosen.place.clone(), shape, identity, source, rings_max)
}

pub(crate) fn summarise(
    start: &Start<'_>,
    chosen: &Chosen,
    boot_id: &system::BootId,
    anchor: &Anchor,
) -> Summary {
    let mut summary = Summary::new(start.run_id, &start.settings.service);
    summary.parent_run_id = start.parent.map(|parent| parent.to_string());
    summary.pid = std::process::id();
    summary.boot_id = boot_id.to_string();
    summary.started_at = rfc3339(anchor.unix_ns);
    summary.rings = chosen.place.to_string();
    summary.resource = start.resource.clone();
    // Should the run die, it is known who may want the rest.
    let sinks = start.sinks.iter().filter(|sink| sink.0.outlives_process());
    summary.delivery.sinks = sinks.map(|sink| SinkDelivery::new(sink.0.name())).collect();
    summary.oom_kills = system::oom_kills();
    summary
}

pub(crate) fn rfc3339(unix_ns: u64) -> String {
    UnixNanos(unix_ns).to_string()
}

/// An anchor, and a first estimate of the rate from two that are some microseconds apart.
pub(crate) fn first_rate(clock: &SystemClock) -> (Anchor, Option<u64>) {
    let first = clock.anchor();
    let until = now_ns() + 50_000;
    while now_ns() < until {
        std::hint::spin_loop();
    }
    (first, rate_between(&first, &clock.anchor()))
}
