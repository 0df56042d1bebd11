//! What a reader tells of a journal.
use super::DIRECTORY;
use crate::golden;
use crate::memory::{Files, Memory};
use obs_core::attributes::Attributes;
use obs_core::record::{Fact, Record, SpanFact};
use obs_recorder::journal::{Fill, Reader};
use std::sync::Arc;

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// Its number.
    pub seq: u64,
    /// What it says, but for what other frames said before: thread, attributes of context, run and spans.
    pub what: String,
    /// The attributes in scope; `None` where the reader says that they are lost.
    pub context: Option<Vec<u8>>,
}

/// What a reader tells, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Told {
    /// A record.
    Record(Seen),
    /// Records with the numbers from the first to the last are missing.
    Missing(u64, u64),
}

/// Reads all of a journal in these files.
///
/// # Panics
///
/// When reading does not end, or the numbers of what is told and what is missing do not follow each other.
#[must_use]
pub fn read(files: &Files) -> Vec<Told> {
    let bytes: usize = files.values().map(Vec::len).sum();
    let memory = Arc::new(Memory::new(files.clone()));
    let mut reader = Reader::new(memory, Some(DIRECTORY.into()), golden::run_id(), None);
    reader.seek(0, 0).expect("files in memory");
    let (mut all, mut fills, mut next) = (Vec::new(), 0, 1);
    while reader.fill(u64::MAX).expect("files in memory") == Fill::Some {
        fills += 1;
        assert!(fills <= bytes / 8 + files.len() + 1, "reading does not end");
        while let Some(record) = reader.next() {
            let told = told(&record);
            let (first, last) = match &told {
                Told::Record(seen) => (seen.seq, seen.seq),
                Told::Missing(first, last) => (*first, *last),
            };
            assert!(first == next && last >= first, "{first} to {last} where {next} is due");
            next = last + 1;
            all.push(told);
        }
    }
    all
}

fn told(record: &Record<'_>) -> Told {
    if let Fact::Lost(lost) = record.fact
        && let Some((first, last)) = lost.seqs
        && last == record.seq
    {
        return Told::Missing(first, last);
    }
    let what = match &record.fact {
        Fact::Event(event) => {
            let fields: Vec<_> = event.fields.iter().collect();
            let scope = event.scope.map(|scope| (scope.span(), scope.trace()));
            format!("{:?} {fields:?} {scope:?} {}", event.callsite, event.is_panic)
        }
        Fact::SpanStart(span) => format!("start {}", told_span(span)),
        Fact::SpanEnd(span) => format!("end {}", told_span(span)),
        Fact::Thread => "thread".to_owned(),
        Fact::RunContext => format!("run {:?}", record.run),
        other => format!("{other:?}"),
    };
    let what = format!("{} {:?} {what}", record.time, record.fact.level());
    let context = (!record.is_context_lost).then(|| attributes(record.context));
    Told::Record(Seen { seq: record.seq, what, context })
}

fn told_span(span_fact: &SpanFact<'_>) -> String {
    let SpanFact { callsite, span, parent, start, duration_ns, is_unfinished, .. } = span_fact;
    let flags = (span_fact.is_sampled, span_fact.is_parent_remote);
    format!("{callsite:?} {span:?} {parent:?} {flags:?} {start} {duration_ns} {is_unfinished}")
}

/// The bytes of a list, without what fills up its last word.
fn attributes(list: Attributes<'_>) -> Vec<u8> {
    list.trimmed().unwrap_or_default().to_vec()
}
