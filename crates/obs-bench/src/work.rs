//! What a system is asked to do, many times.
use std::fmt;
use std::str::FromStr;

/// One thing that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// An event with a message and four fields.
    Event,
    /// An event with a message and a text of 256 bytes.
    EventStr,
    /// An event that the filter leaves out.
    Disabled,
    /// A span with two fields, from open to close.
    Span,
}

const NAMES: [(&str, Work); 4] = [
    ("event", Work::Event),
    ("event-str", Work::EventStr),
    ("event-disabled", Work::Disabled),
    ("span", Work::Span),
];

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
