//! What a receiver got, against what was made.
use super::content::Content;
use obs_receiver::{Receiver, text};
use serde::Serialize;
use std::collections::HashMap;

/// What arrived of one signal.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Arrived {
    /// Numbers that arrived.
    pub(crate) once: u64,
    /// How many more often than once.
    pub(crate) twice: u64,
    /// Records whose content is another one.
    pub(crate) wrong: u64,
}

impl Arrived {
    fn of(numbers: impl Iterator<Item = Option<u64>>) -> Self {
        let (mut counts, mut arrived) = (HashMap::new(), Self::default());
        for number in numbers {
            match number {
                Some(number) => *counts.entry(number).or_insert(0_u64) += 1,
                None => arrived.wrong += 1,
            }
        }
        arrived.once = counts.len() as u64;
        arrived.twice = counts.values().map(|count| count - 1).sum();
        arrived
    }
}

/// The spans and the log records that a receiver has.
pub(crate) fn arrived(receiver: &Receiver) -> [Arrived; 2] {
    let store = receiver.store();
    let spans = store.spans.iter().filter(|span| span.item.name == "work");
    let logs = store.logs.iter().filter(|log| text(log.item.body.as_ref()) == "did");
    [
        Arrived::of(spans.map(|span| Content::right(&span.item.attributes))),
        Arrived::of(logs.map(|log| Content::right(&log.item.attributes))),
    ]
}
