//! Destinations that outlive the program.
use super::Dice;
use super::disk::Disk;
use obs_core::attributes::Attributes;
use obs_core::encode::Key;
use obs_core::record::{Fact, Record};
use obs_core::sink::Appetite;
use obs_core::{Batch, Sink, SinkError, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Stands for a context whose definition was damaged.
pub(super) const CONTEXT_LOST: &str = "lost";
/// The reason that a record is missing whose bytes, or definitions, were damaged.
pub(super) const DAMAGED: &str = "damaged";

/// What a record says, as far as the ledger is concerned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Content {
    /// The event with this number, of this producer, in this context.
    Event(u64, u64, String),
    /// So many records are missing, for this reason.
    Lost(String, u64),
    /// Anything else, by its name.
    Other(String),
}

impl Content {
    /// Whether `later` says the same, apart from what was damaged since.
    pub(super) fn is_as_good_as(&self, later: &Self) -> bool {
        match (self, later) {
            (
                Self::Event(producer, number, _),
                Self::Event(later_producer, later_number, other),
            ) if other == CONTEXT_LOST => (producer, number) == (later_producer, later_number),
            (_, Self::Lost(reason, _)) if reason == DAMAGED => true,
            _ => self == later,
        }
    }
}

pub(super) fn content(record: &Record<'_>) -> Content {
    match record.fact {
        Fact::Event(event) => {
            let number = |name| match event.fields.value(name) {
                Some(Value::U64(number)) => number,
                _ => u64::MAX,
            };
            let context = context_text(record.context);
            let context = if record.is_context_lost { CONTEXT_LOST.to_owned() } else { context };
            Content::Event(number("producer"), number("number"), context)
        }
        Fact::Lost(lost) => Content::Lost(lost.reason.as_str().to_owned(), lost.records),
        Fact::SpanStart(span) => Content::Other(format!("start {}", span.span.span)),
        Fact::SpanEnd(span) => {
            Content::Other(format!("end {} unfinished {}", span.span.span, span.is_unfinished))
        }
        other => {
            let name: String = format!("{other:?}")
                .chars()
                .take_while(|letter| letter.is_alphanumeric())
                .collect();
            Content::Other(name)
        }
    }
}

/// A context as the ledger knows it.
pub(super) fn context_text(context: Attributes<'_>) -> String {
    let text = |(key, value)| match (key, value) {
        (Key::Name(name), Value::Text(text)) => format!("{name}={}", text.text),
        other => format!("{other:?}"),
    };
    context.iter().map(text).collect()
}

/// What a destination holds: each number, and what it says.
pub(super) type Held = Arc<Mutex<BTreeMap<u64, Content>>>;

/// A destination elsewhere: it keeps what it took, whatever happens to this machine.
pub(super) struct Remote {
    pub(super) name: &'static str,
    pub(super) appetite: Appetite,
    pub(super) held: Held,
    pub(super) disk: Disk,
    pub(super) dice: Dice,
    /// It fails once in so many batches.
    pub(super) fails: u64,
}

impl Sink for Remote {
    fn name(&self) -> &str {
        self.name
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        let fails = self.dice.once_in(self.fails);
        let mut taken = 0;
        while let Some(record) = batch.next() {
            if fails && taken == 3 {
                return Err(SinkError::transient("simulated"));
            }
            taken += 1;
            self.disk.tick();
            let said = content(&record);
            if matches!(&said, Content::Lost(reason, _) if reason == "journal_full") {
                continue;
            }
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(before) = held.insert(record.seq, said.clone()) {
                let (name, seq) = (self.name, record.seq);
                assert!(before.is_as_good_as(&said), "{name}: {seq} names {before:?} and {said:?}");
            }
        }
        Ok(())
    }

    /// Whoever is offered what is only staged must be able to tell what it has: after a power cut the journal may not.
    fn resume(&mut self) -> Result<Option<u64>, SinkError> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let last = held.keys().next_back().copied().unwrap_or(0);
        Ok((self.appetite == Appetite::Staged).then_some(last))
    }

    fn appetite(&self) -> Appetite {
        self.appetite
    }
}
