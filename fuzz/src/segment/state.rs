//! What a reader knows who begins at a segment.
use super::DIRECTORY;
use crate::golden;
use crate::memory::{Files, Memory};
use obs_core::join::Join;
use obs_recorder::journal::{Reader, Segment};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// What the checkpoint of the segment in this file says, a fact each; `None` when it is no segment.
#[must_use]
pub(super) fn facts(path: &Path, bytes: &[u8]) -> Option<BTreeSet<String>> {
    let memory = Arc::new(Memory::new(Files::from([(path.to_owned(), bytes.to_vec())])));
    let segment = Segment::open(memory.as_ref(), path).ok()??;
    let mut reader = Reader::new(memory, Some(DIRECTORY.into()), golden::run_id(), None);
    reader.seek(segment.first, 0).ok()?;
    let mut facts = Vec::new();
    told(reader.state(), &mut |fact| facts.push(fact));
    Some(facts.into_iter().collect())
}

fn told(join: &Join, tell: &mut dyn FnMut(String)) {
    for (number, callsite) in join.callsites() {
        tell(format!("callsite {number} is {callsite:?}"));
    }
    for (number, bytes) in join.contexts() {
        tell(format!("context {number} is {bytes:?}"));
    }
    for (ring, position) in join.positions() {
        tell(format!("ring {ring} was read up to {position}"));
    }
    for (ring, thread) in join.threads() {
        tell(format!("ring {ring} is of {thread:?}"));
    }
    for (ring, refused) in join.refused() {
        tell(format!("ring {ring} refused {refused:?}"));
    }
    for span in join.open_spans() {
        let id = span.span;
        tell(format!("span {id:?} began at {} in {:?}", span.start_unix_ns, span.parent));
        for list in span.lists() {
            tell(format!("span {id:?} has {list:?}"));
        }
    }
    if !join.run_context().is_empty() {
        tell(format!("the run has {:?}", join.run_context()));
    }
    if join.last_seq() > 0 {
        tell(format!("the last record was {}", join.last_seq()));
    }
}
