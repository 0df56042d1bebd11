//! The judge: what was promised against what is there.
use super::disk::Disk;
use super::files;
use super::sinks::{CONTEXT_LOST, Content, DAMAGED, Held, content, context_text};
use obs_core::attributes::Attributes;
use obs_core::record::Fact;
use obs_core::{Context, LostReason, RunId};
use obs_recorder::Summary;
use obs_recorder::journal::{Fill, Reader};
use obs_recorder::layout::RunDirectory;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

/// What producers were promised.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Events that were committed, in order, with their contexts.
    events: Vec<(u64, u64, String)>,
    /// Events that have their context from the span around them.
    inherited: BTreeSet<(u64, u64)>,
    /// Events of level error among them.
    pub(super) errors: u64,
    /// Other records that were committed.
    pub(super) others: u64,
    pub(super) refused: u64,
    /// No record up to this number may be missing after a power cut.
    pub(super) synced_seq: u64,
    pub(super) power_cut: bool,
}

impl Ledger {
    /// Takes note of an event. `around` is the context of the span around it, which it has where it is in none itself.
    pub(super) fn commit(
        &mut self,
        (producer, number): (u64, u64),
        own: &Context,
        around: Option<&Context>,
    ) {
        let around = around.filter(|_| own.as_bytes().is_empty());
        self.inherited.extend(around.map(|_| (producer, number)));
        let context = around.unwrap_or(own).as_bytes();
        self.events.push((producer, number, context_text(Attributes::new(context))));
    }

    /// Whether `said` is an event of which nothing but the context is missing, which it has from the span around it: a
    /// destination may not have got the start of that, though the journal has it in the end.
    fn may_not_know(
        &self,
        said: &Content,
        content: &Content,
        journal: &BTreeMap<u64, Content>,
    ) -> bool {
        let (Content::Event(producer, number, context), Content::Event(its, same, _)) =
            (said, content)
        else {
            return false;
        };
        let is_inherited = self.inherited.contains(&(*producer, *number));
        let is_same = (producer, number) == (its, same);
        is_same && context == CONTEXT_LOST && is_inherited && missing(journal) > 0
    }

    pub(super) fn committed(&self) -> u64 {
        self.events.len() as u64 + self.others
    }
}

/// Judges the journal and every destination. Returns how many records are lost, and counted as such.
pub(super) fn judge(
    disk: &Disk,
    directory: &RunDirectory,
    run_id: RunId,
    ledger: &Ledger,
    held: &[Held],
) -> u64 {
    let (journal, made_up) = read_journal(disk, directory, run_id);
    let missing = missing(&journal);
    let events: Vec<(u64, u64, String)> = journal
        .values()
        .filter_map(|content| match content {
            Content::Event(producer, number, context) => {
                Some((*producer, *number, context.clone()))
            }
            _ => None,
        })
        .collect();
    each_once_in_order(&events);
    each_as_committed(&events, missing, ledger);
    if !ledger.power_cut && missing == 0 {
        let summary = Summary::load(disk, directory.path()).expect("a recovered run has run.json");
        assert_eq!(summary.errors, ledger.errors, "errors in run.json");
    }
    if !ledger.power_cut {
        nothing_else_is_missing(&journal, events.len(), made_up, ledger);
    }
    let damaged =
        |content: &&Content| matches!(content, Content::Lost(reason, _) if reason == DAMAGED);
    let damages = journal.values().filter(damaged).count();
    assert!(
        ledger.power_cut || damages == 0,
        "{damages} records are damaged, and no power was cut"
    );
    let gap_in_synced =
        (1..=ledger.synced_seq).filter(|seq| !journal.contains_key(seq)).count() as u64;
    if ledger.power_cut {
        let told = told_missing(&journal);
        assert!(
            gap_in_synced <= missing,
            "{gap_in_synced} synced records are missing, {told} told"
        );
    }
    for (name, held) in ["staged", "synced"].iter().zip(held) {
        let held = held.lock().unwrap_or_else(PoisonError::into_inner);
        if *name == "synced" {
            holds_nothing_else(&held, &journal);
        } else {
            no_two_contents(&held, &journal, ledger);
        }
        holds_all(name, &held, &journal);
    }
    for stem in ["log", "spans"] {
        let (lines, refused) = files::read(disk, directory.path(), stem);
        // Where the sink began anew next to a gap, nobody knows which refusals it had told of before.
        if stem == "log" && !ledger.power_cut && missing == 0 {
            assert_eq!(
                refused, ledger.refused,
                "refusals that log.jsonl tells of, and those that happened"
            );
        }
        no_two_contents(&lines, &journal, ledger);
        holds_all(stem, &lines, &of_file(stem, &journal));
    }
    missing
}

/// What of the journal must be in the files of lines with that name. Of a damaged record nobody knows where its line
/// would have been.
fn of_file(stem: &str, journal: &BTreeMap<u64, Content>) -> BTreeMap<u64, Content> {
    let belongs = |content: &Content| match content {
        Content::Lost(reason, _) => stem == "log" && reason != DAMAGED,
        Content::Event(..) => stem == "log",
        Content::Other(name) => stem == "spans" && name.starts_with("end"),
    };
    let found = journal.iter().filter(|(_, content)| belongs(content));
    found.map(|(seq, content)| (*seq, content.clone())).collect()
}

/// What the journal says, by number; and the refusals of which it says that the word on them is missing.
fn read_journal(
    disk: &Disk,
    directory: &RunDirectory,
    run_id: RunId,
) -> (BTreeMap<u64, Content>, u64) {
    let mut reader = Reader::new(Arc::new(disk.clone()), Some(directory.journal()), run_id, None);
    let (mut journal, mut made_up) = (BTreeMap::new(), 0);
    while reader.fill(u64::MAX).expect("a disk without faults") == Fill::Some {
        while let Some(record) = reader.next() {
            if let Fact::Lost(lost) = record.fact
                && lost.reason == LostReason::JournalFull
            {
                made_up += lost.by_level.iter().sum::<u64>();
                continue;
            }
            let said = content(&record);
            let before = journal.insert(record.seq, said);
            assert_eq!(before, None, "number {} stands twice in the journal", record.seq);
        }
    }
    (journal, made_up)
}

/// Numbers below the last that no record has.
fn missing(journal: &BTreeMap<u64, Content>) -> u64 {
    let last = journal.keys().next_back().copied().unwrap_or(0);
    last - journal.len() as u64
}

fn told_missing(journal: &BTreeMap<u64, Content>) -> u64 {
    journal
        .values()
        .map(|content| if let Content::Lost(_, records) = content { *records } else { 0 })
        .sum()
}

fn each_once_in_order(events: &[(u64, u64, String)]) {
    let mut last: BTreeMap<u64, u64> = BTreeMap::new();
    for (producer, number, _) in events {
        let before = last.insert(*producer, *number).unwrap_or(0);
        assert!(before < *number, "producer {producer}: event {number} after {before}");
    }
}

fn each_as_committed(events: &[(u64, u64, String)], missing: u64, ledger: &Ledger) {
    let committed: BTreeSet<&(u64, u64, String)> = ledger.events.iter().collect();
    let bare: BTreeSet<(u64, u64)> =
        ledger.events.iter().map(|(producer, number, _)| (*producer, *number)).collect();
    for event in events {
        if event.2 == CONTEXT_LOST {
            // With its start, what a span began in may be missing.
            let is_missing = missing > 0 && ledger.inherited.contains(&(event.0, event.1));
            assert!(
                ledger.power_cut || is_missing,
                "{event:?}: only a power cut damages a context"
            );
            assert!(bare.contains(&(event.0, event.1)), "{event:?} was never committed");
            continue;
        }
        assert!(committed.contains(event), "{event:?} was never committed like that");
    }
}

/// Conservation: committed = in the journal + missing numbers; refused = told.
fn nothing_else_is_missing(
    journal: &BTreeMap<u64, Content>,
    events: usize,
    made_up: u64,
    ledger: &Ledger,
) {
    let missing = missing(journal);
    let others = journal.values().filter(|content| {
        matches!(content, Content::Other(name) if name.starts_with("start") || name.ends_with("unfinished false"))
    });
    let own = journal.len() as u64 - events as u64 - others.clone().count() as u64;
    let found = events as u64 + others.count() as u64;
    let gone = ledger.committed().checked_sub(found);
    let gone = gone
        .unwrap_or_else(|| panic!("{found} records found, {} were committed", ledger.committed()));
    assert!(
        gone <= missing,
        "{gone} committed records are gone, {missing} numbers are missing ({own} own records)"
    );
    let told: u64 = journal
        .values()
        .map(|content| match content {
            Content::Lost(reason, records) if reason == "ring_full" => *records,
            _ => 0,
        })
        .sum();
    assert_eq!(
        told + made_up,
        ledger.refused,
        "refusals told, {made_up} of them made up for, and those that happened"
    );
    assert!(missing > 0 || gone == 0, "{gone} records are gone and none is missing");
}

/// Everything that a destination holds is what the journal says under that number.
fn no_two_contents(
    held: &BTreeMap<u64, Content>,
    journal: &BTreeMap<u64, Content>,
    ledger: &Ledger,
) {
    for (seq, said) in held {
        match journal.get(seq) {
            Some(content) => assert!(
                said.is_as_good_as(content) || ledger.may_not_know(said, content, journal),
                "number {seq} names two contents: {said:?}, {content:?}"
            ),
            None if matches!(said, Content::Lost(..)) => {}
            None => assert!(
                ledger.power_cut || missing(journal) > 0,
                "number {seq} is not in the journal: {said:?}"
            ),
        }
    }
}

/// What was given to a destination that wants what is synced stands in the journal for good, whatever happens.
fn holds_nothing_else(held: &BTreeMap<u64, Content>, journal: &BTreeMap<u64, Content>) {
    for (seq, said) in held {
        assert_eq!(journal.get(seq), Some(said), "synced: number {seq}");
    }
}

fn holds_all(name: &str, held: &BTreeMap<u64, Content>, journal: &BTreeMap<u64, Content>) {
    for (seq, content) in journal {
        assert!(held.contains_key(seq), "{name}: number {seq} never arrived: {content:?}");
    }
}
