//! What a system is asked to do, many times.
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One thing that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Work {
    /// An event with a message and four fields.
    Event,
    /// An event with a message and a text of 256 bytes.
    EventStr,
    /// An event that the filter leaves out.
    Disabled,
    /// A span with two fields, from open to close.
    Span,
    /// A future within a span with two fields, polled ten times.
    SpanAsync,
    /// Ten spans with two fields, each within the one before.
    SpanDeep,
}

const NAMES: [(&str, Work); 6] = [
    ("event", Work::Event),
    ("event-str", Work::EventStr),
    ("event-disabled", Work::Disabled),
    ("span", Work::Span),
    ("span-async", Work::SpanAsync),
    ("span-deep", Work::SpanDeep),
];

/// How many spans are within one another in [`Work::SpanDeep`].
pub(crate) const DEPTH: u32 = 10;

impl FromStr for Work {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, work)| *work).ok_or_else(|| anyhow::anyhow!("there is no work `{name}`"))
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, work)| work == self).map_or("", |(name, _)| name);
        f.pad(name)
    }
}
