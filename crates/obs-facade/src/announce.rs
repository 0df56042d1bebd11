//! What the toolkit itself has to say, as records of the run.
use obs_core::{Callsite, CallsiteKind, Filter, Level, UnixNanos};
use obs_recorder::emit::{self, Fields, Source};

/// Its address stands for the callsite of what is said.
static FILTER_CHANGE: u16 = 0;

pub(crate) use obs_recorder::announce::warn;

/// A change of the capture filter.
#[derive(Debug)]
pub(crate) struct FilterChange<'a> {
    pub(crate) filter: &'a Filter,
    pub(crate) before: &'a Filter,
    /// What has changed it.
    pub(crate) by: &'a str,
    /// When it ends by itself.
    pub(crate) until: Option<UnixNanos>,
}

/// Says why lines begin or end from here on.
pub(crate) fn filter(change: &FilterChange<'_>) {
    const FIELDS: [&str; 5] =
        ["message", "capture", "capture.before", "capture.by", "capture.until"];
    let describe = || callsite(Level::Info, &FIELDS);
    let source = Source {
        address: std::ptr::from_ref(&FILTER_CHANGE) as usize,
        level: Level::Info,
        describe: &describe,
    };
    emit::event(source, None, |mut fields: Fields<'_>| {
        fields.text(0, "capture filter changed");
        fields.text(1, &change.filter.to_string());
        fields.text(2, &change.before.to_string());
        fields.text(3, change.by);
        if let Some(until) = change.until {
            fields.text(4, &until.to_string());
        }
    });
}

fn callsite(level: Level, fields: &[&str]) -> Callsite {
    Callsite {
        kind: CallsiteKind::Event,
        level,
        name: String::new(),
        target: "obs".to_owned(),
        file: None,
        line: None,
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    }
}
