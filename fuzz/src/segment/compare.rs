//! A damaged journal against the one that was written.
use super::parts::{Part, parts};
use super::state::facts;
use super::told::{Seen, Told, read};
use crate::damage::{differences, is_touched};
use crate::memory::Files;
use obs_core::wire::Kind;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

/// The header of a segment file.
const HEADER_BYTES: usize = 72;

/// Compares what can be read from damaged segments with what was written.
///
/// Nothing else comes out: checkpoints say nothing that they did not; a record is told as it was written, with the
/// context that it had, or the reader says that the context is lost. What is missing is told between what is there,
/// exactly. And the loss is bounded: a record is there if the header of its segment, its own frame and a definition of
/// its callsite are as they were; so is its context, if a definition of that is.
///
/// # Panics
///
/// When that does not hold.
pub fn compare(original: &Files, damaged: &Files) {
    let (damage, parts) = (Damage::new(original, damaged), parts(original));
    let written: BTreeMap<u64, Seen> = seen(&read(original));
    let found = seen(&read(damaged));
    for (seq, seen) in &found {
        let before = written.get(seq).unwrap_or_else(|| panic!("{seq} was not written"));
        assert_eq!(seen.what, before.what, "{seq} was written otherwise");
        let is_right = seen.context.is_none()
            || seen.context == before.context
            || (before.context.is_none() && seen.context == of_span(&parts, &written, *seq));
        assert!(is_right, "{seq} is told in another context");
    }
    for (path, after) in damaged {
        let before = original.get(path).and_then(|bytes| facts(path, bytes));
        let (Some(before), Some(after)) = (before, facts(path, after)) else { continue };
        let new = after.difference(&before).next();
        assert!(new.is_none(), "a checkpoint of {} says: {new:?}", path.display());
    }
    for (index, part) in parts.iter().enumerate().filter(|(_, part)| part.seq > 0) {
        if !damage.is_whole(part) || !damage.is_defined(&parts[..index], part) {
            continue;
        }
        let Some(seen) = found.get(&part.seq) else {
            panic!("{} is lost, and nothing that it needs was damaged", part.seq);
        };
        let was_known = written[&part.seq].context.is_some();
        let is_known = seen.context.is_some() || !damage.has_context(&parts[..index], part);
        assert!(is_known || !was_known, "the context of {} is lost for nothing", part.seq);
    }
}

/// The context of the span that a record was made in. It is not told where that had ended, unless its end is lost.
fn of_span(parts: &[Part], written: &BTreeMap<u64, Seen>, seq: u64) -> Option<Vec<u8>> {
    let within = parts.iter().find(|part| part.seq == seq)?.within?;
    let begins = |part: &&Part| part.begins == Some(within) && part.seq > 0;
    written.get(&parts.iter().find(begins)?.seq)?.context.clone()
}

fn seen(told: &[Told]) -> BTreeMap<u64, Seen> {
    let record = |told: &Told| match told {
        Told::Record(seen) => Some((seen.seq, seen.clone())),
        Told::Missing(..) => None,
    };
    told.iter().filter_map(record).collect()
}

/// Where files differ from what they were, and how long they are.
struct Damage {
    files: BTreeMap<PathBuf, (Vec<Range<usize>>, usize)>,
}

impl Damage {
    fn new(original: &Files, damaged: &Files) -> Self {
        let compared = original.iter().map(|(path, before)| {
            let after = damaged.get(path).map_or(&[][..], Vec::as_slice);
            (path.clone(), (differences(before, after), after.len()))
        });
        Self { files: compared.collect() }
    }

    /// Whether a frame, and the header of its segment, are as they were.
    fn is_whole(&self, part: &Part) -> bool {
        self.files.get(&part.path).is_some_and(|(differences, length)| {
            *length >= part.body_start
                && !is_touched(differences, &(0..HEADER_BYTES))
                && !is_touched(differences, &part.range)
        })
    }

    /// Whether a definition that serves `part` is whole: one in its segment, in front of it.
    fn is_defined(&self, before: &[Part], part: &Part) -> bool {
        let defines = |other: &&Part| {
            other.kind == Kind::Callsite
                && other.path == part.path
                && other.callsite == part.callsite
        };
        part.callsite.is_none()
            || before.iter().filter(defines).any(|definition| self.is_whole(definition))
    }

    /// Whether what tells the context of `part` is whole: a definition of it, or the start of the span that it has it
    /// from, with what that needs in its turn.
    fn has_context(&self, before: &[Part], part: &Part) -> bool {
        if let Some(span) = part.within {
            let begins = |(_, other): &(usize, &Part)| {
                other.begins == Some(span) && other.path == part.path && self.is_whole(other)
            };
            return before.iter().enumerate().filter(begins).any(|(index, start)| {
                let before = &before[..index];
                self.is_defined(before, start) && self.has_context(before, start)
            });
        }
        let defines = |other: &&Part| {
            other.kind == Kind::Context && other.path == part.path && other.context == part.context
        };
        part.context == 0
            || before.iter().filter(defines).any(|definition| self.is_whole(definition))
    }
}
