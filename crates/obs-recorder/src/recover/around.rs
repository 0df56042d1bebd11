//! What was going on when a run died: who it hit, within what, and what was said last.
use super::text_attributes;
use crate::fingerprint::{Last, Panic};
use crate::last_panic;
use obs_core::join::{Join, OpenSpan};
use obs_core::{Callsite, SpanId};
use std::collections::HashSet;

/// What was said before so many other records has nothing to do with the end.
const RECORDS: u64 = 64;

/// The last panic, if it was among the last records.
pub(super) fn recent_panic(state: &Join) -> Option<Panic<'_>> {
    let (seq, body) = state.landmarks().panic.as_ref()?;
    if is_recent(state, *seq) { last_panic::read(body) } else { None }
}

/// The last error, if it was among the last records.
pub(super) fn last_error<'a>(state: &'a Join, place: &'a mut String) -> Last<'a> {
    let error = state.landmarks().error.as_ref().filter(|(seq, _)| is_recent(state, *seq));
    let panic = state.landmarks().panic.as_ref().map(|(seq, _)| *seq);
    match (error, recent_panic(state)) {
        (Some((seq, callsite)), _) if panic != Some(*seq) => {
            *place = place_of(callsite);
            Last::Event { target: &callsite.target, place }
        }
        (_, Some(panic)) => Last::Panic(panic),
        _ => Last::Nothing,
    }
}

/// The status that the process exited with, if it did; empty where nobody knows.
pub(super) fn exit_status(state: &Join) -> Option<String> {
    let attributes = text_attributes(state.landmarks().exit.as_ref()?);
    let status = attributes.into_iter().find(|(name, _)| name == "status");
    Some(status.map(|(_, status)| status).unwrap_or_default())
}

/// The name of a thread, and of the innermost span that it had open.
pub(super) fn thread(state: &Join, tid: u32) -> (&str, &str) {
    let Some((ring, thread)) = state.threads().iter().find(|(_, thread)| thread.tid == tid) else {
        return ("", "");
    };
    let span = state.open_spans().into_iter().rfind(|span| span.ring == *ring);
    (&thread.name, span.map_or("", |span| &span.callsite.name))
}

/// The name of the span that has been open the longest of those with no open span in them: where a program hangs that
/// is killed, and what is the same each time in one that does many things.
pub(super) fn oldest_innermost(state: &Join) -> &str {
    let open = state.open_spans();
    let parents: HashSet<SpanId> = open.iter().filter_map(|span| span.parent).collect();
    let is_innermost = |span: &&&OpenSpan| !parents.contains(&span.span.span);
    open.iter().find(is_innermost).map_or("", |span| &span.callsite.name)
}

fn is_recent(state: &Join, seq: u64) -> bool {
    seq + RECORDS >= state.last_seq()
}

fn place_of(callsite: &Callsite) -> String {
    match (&callsite.file, callsite.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        _ => callsite.name.clone(),
    }
}
