//! What lines of every form have in common.
use obs_core::encode::Key;
use obs_core::record::{Fact, Fields, Record};
use obs_core::{Level, Value};

/// The field that says what happened.
pub(crate) const MESSAGE: &str = "message";
/// The logger of lines that the toolkit writes of its own accord.
pub(crate) const OWN: &str = "obs";

/// What an event says happened, if it says so.
pub(crate) fn message(fields: Fields<'_>) -> Option<Value<'_>> {
    let given = |(name, value): &(&str, Value<'_>)| *name == MESSAGE && *value != Value::Null;
    fields.iter().filter(given).last().map(|(_, value)| value)
}

/// An attribute whose name stands in the record itself, as all do that belong to no callsite.
pub(crate) fn named<'a>((key, value): (Key<'a>, Value<'a>)) -> Option<(&'a str, Value<'a>)> {
    match key {
        Key::Name(name) => Some((name, value)),
        _ => None,
    }
}

/// The text of lines that the toolkit writes of its own accord, and what they tell.
pub(crate) fn told<'a>(fact: &Fact<'a>) -> Option<(&'static str, Fields<'a>)> {
    match fact {
        Fact::RunStart(fields) => Some(("run started", *fields)),
        Fact::RunEnd(fields) => Some(("run ended", *fields)),
        Fact::RunContext => Some(("run context changed", Fields::default())),
        Fact::Artifact(fields) => Some(("artifact", *fields)),
        Fact::Exit(fields) => Some(("process exits", *fields)),
        Fact::Withheld(fields) => Some(("record withheld", *fields)),
        _ => None,
    }
}

/// Whether a sink that shows events from `level` on shows the record. What is missing is always shown.
pub(crate) fn is_shown(record: &Record<'_>, level: Level) -> bool {
    match &record.fact {
        Fact::Lost(_) | Fact::Withheld(_) => true,
        fact => fact.level() >= level,
    }
}
