//! What the segments of a dead run tell.
use crate::callsites::Callsites;
use crate::journal::{Fill, Reader, Segments};
use crate::layout::RunDirectory;
use obs_core::RunId;
use obs_core::io::Io;
use obs_core::join::Join;
use obs_ring::stage::Stage;
use std::io;
use std::sync::Arc;

/// Where the journal goes on, and the state of a reader there: behind the last whole frame of the segments; or where
/// they are damaged, if the stage still holds what stood there.
pub(super) fn read_segments(
    io: &Arc<dyn Io>,
    directory: &RunDirectory,
    run_id: RunId,
    stage: Option<&Stage>,
) -> io::Result<(Join, u64)> {
    let new_reader = || Reader::new(Arc::clone(io), Some(directory.journal()), run_id, None);
    let segments = Segments::open(io.as_ref(), &directory.journal(), run_id)?;
    let mut reader = new_reader();
    if let Some(first) = first_to_read(io.as_ref(), &segments, stage)? {
        reader.seek(first, 0)?;
    }
    loop {
        let before = reader.position();
        if reader.fill(u64::MAX)? == Fill::Nothing {
            return Ok((reader.into_state(), before));
        }
        let is_gap = reader.start() > before;
        if is_gap && stage.is_some_and(|stage| stage.tail() <= before && before < stage.head()) {
            let state = new_reader().state_at(before)?;
            return Ok((state.unwrap_or_default(), before));
        }
        reader.apply_rest();
    }
}

/// Takes over what dictionary and segments define, also those segments that do not count: what the stage holds may
/// refer to definitions that stood in a gap. Their numbers mean the same throughout a run.
pub(super) fn adopt_all_definitions(
    join: &mut Join,
    io: &Arc<dyn Io>,
    directory: &RunDirectory,
    run_id: RunId,
    dictionary: &Callsites,
) -> io::Result<()> {
    for known in dictionary.all() {
        join.adopt_callsite(known.number, known.callsite.clone());
    }
    for segment in Segments::open(io.as_ref(), &directory.journal(), run_id)?.all() {
        join.adopt_definitions(&segment.definitions(io.as_ref())?);
    }
    Ok(())
}

/// The start of the last segment that tells all that must be known, and in front of which nothing can be mended.
fn first_to_read(
    io: &dyn Io,
    segments: &Segments,
    stage: Option<&Stage>,
) -> io::Result<Option<u64>> {
    let moved = stage.map_or(u64::MAX, Stage::moved);
    let mut first = None;
    for segment in segments.all().iter().rev() {
        first = Some(segment.first);
        if segment.first <= moved && segment.has_whole_checkpoint(io)? {
            break;
        }
    }
    Ok(first)
}
