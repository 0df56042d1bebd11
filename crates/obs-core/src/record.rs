//! A record as a sink sees it: everything joined that the reader of a line wants to know.
use crate::attributes::{Attributes, Iter};
use crate::callsite::Callsite;
use crate::encode::Key;
use crate::id::{SpanId, TraceId};
use crate::join::{OpenSpan, Spans};
use crate::lost::LostReason;
use crate::value::Value;
use crate::wire::body::SpanRef;
use crate::wire::notes::total;
use crate::{Level, UnixNanos};

/// The field that says what happened.
pub const MESSAGE: &str = "message";

/// The thread that made a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Thread {
    /// Its process: the run's own, or a forked child.
    pub pid: u32,
    /// Its number in the system.
    pub tid: u32,
    /// Its name; empty if it has none.
    pub name: String,
}

impl Thread {
    /// A thread.
    #[must_use]
    pub fn new(pid: u32, tid: u32, name: impl Into<String>) -> Self {
        Self { pid, tid, name: name.into() }
    }
}

/// One fact of a run, in order.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Record<'a> {
    /// Its number within the run: 1, 2, 3 …; the key of the record everywhere.
    pub seq: u64,
    /// When, by the wall clock.
    pub time: UnixNanos,
    /// The thread that made it, where that is known.
    pub thread: Option<&'a Thread>,
    /// What it says.
    pub fact: Fact<'a>,
    /// The attributes in scope in the thread that made it.
    pub context: Attributes<'a>,
    /// The attributes in scope were damaged: `context` is empty, but was not.
    pub is_context_lost: bool,
    /// A number for `context` that stays the same while the bytes do, so that a sink can keep what it made of them; 0
    /// for the empty one.
    pub context_version: u64,
    /// The attributes of the whole run at that time.
    pub run: Attributes<'a>,
    /// Like `context_version`, for `run`.
    pub run_version: u64,
}

/// What a record says.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Fact<'a> {
    /// Something happened.
    Event(EventFact<'a>),
    /// A span began.
    SpanStart(SpanFact<'a>),
    /// A span ended, or was found open after the run's death.
    SpanEnd(SpanFact<'a>),
    /// Attributes were added to an open span, which has them already.
    SpanRecord(SpanId),
    /// A span follows from another.
    SpanLink(SpanId, SpanRef),
    /// Records are missing here.
    Lost(LostFact),
    /// A thread, which the record names, writes its first record into a ring.
    Thread,
    /// The run-wide attributes changed; `run` holds the new ones.
    RunContext,
    /// A file was declared to belong to the run: `path`, `role` and what else is known.
    Artifact(Fields<'a>),
    /// The process began to exit.
    Exit(Fields<'a>),
    /// A record could not be decoded or redacted, and is not shown.
    Withheld(Fields<'a>),
    /// The run began.
    RunStart(Fields<'a>),
    /// The run ended.
    RunEnd(Fields<'a>),
}

/// An event.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EventFact<'a> {
    /// The line of instrumentation.
    pub callsite: &'a Callsite,
    /// The callsite's number, for what a sink keeps by callsite.
    pub callsite_number: u32,
    /// Its fields.
    pub fields: Fields<'a>,
    /// The spans around it.
    pub scope: Option<Scope<'a>>,
    /// Whether it is a panic.
    pub is_panic: bool,
}

/// A span, at its start or end.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SpanFact<'a> {
    /// The line of instrumentation.
    pub callsite: &'a Callsite,
    /// The span and its trace.
    pub span: SpanRef,
    /// The span around it.
    pub parent: Option<SpanId>,
    /// Whether the parent is in another process.
    pub is_parent_remote: bool,
    /// Whether its trace is sent to where traces are kept.
    pub is_sampled: bool,
    /// When it began.
    pub start: UnixNanos,
    /// From start to end; to the last sign of life for an unfinished one. 0 at the start.
    pub duration_ns: u64,
    /// Whether the run died before the span ended.
    pub is_unfinished: bool,
    /// The span itself and those around it, with all attributes. The first is missing where the table was full.
    pub scope: Scope<'a>,
}

/// Records that are missing, with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LostFact {
    /// Why.
    pub reason: LostReason,
    /// How many; 0 where that cannot be known. Records that never had a number are among them, if the word on those
    /// is missing, too.
    pub records: u64,
    /// How many of each level (index 1 to 6), where that is known.
    pub by_level: [u64; 8],
    /// The numbers that the missing records had, if they had any: first and last.
    pub seqs: Option<(u64, u64)>,
}

impl LostFact {
    /// Missing records of which only the number is known.
    #[must_use]
    pub fn new(reason: LostReason, records: u64) -> Self {
        Self { reason, records, by_level: [0; 8], seqs: None }
    }

    /// The records with the numbers from `first` to `last`.
    #[must_use]
    pub fn range(reason: LostReason, first: u64, last: u64) -> Self {
        Self { seqs: Some((first, last)), ..Self::new(reason, last.saturating_sub(first) + 1) }
    }

    /// Records of known levels.
    #[must_use]
    pub fn levels(reason: LostReason, by_level: [u64; 8]) -> Self {
        Self { by_level, ..Self::new(reason, total(&by_level)) }
    }
}

/// Fields with their names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields<'a> {
    names: &'a [String],
    list: Attributes<'a>,
}

impl<'a> Fields<'a> {
    /// The list, whose places are named by `names`.
    #[must_use]
    pub fn new(names: &'a [String], list: Attributes<'a>) -> Self {
        Self { names, list }
    }

    /// Names and values, in the order in which they were recorded.
    #[must_use]
    pub fn iter(self) -> FieldsIter<'a> {
        FieldsIter { names: self.names, list: self.list.iter() }
    }

    /// The attributes themselves, which name fields by their places.
    #[must_use]
    pub fn attributes(self) -> Attributes<'a> {
        self.list
    }

    /// The last value of the field `name`.
    #[must_use]
    pub fn value(self, name: &str) -> Option<Value<'a>> {
        self.iter().filter(|(known, _)| *known == name).map(|(_, value)| value).last()
    }

    /// What an event says happened, if it says so.
    #[must_use]
    pub fn message(self) -> Option<Value<'a>> {
        let given = |(name, value): &(&str, Value<'_>)| *name == MESSAGE && *value != Value::Null;
        self.iter().filter(given).last().map(|(_, value)| value)
    }

    /// How many fields were left out for want of room.
    #[must_use]
    pub fn left_out(self) -> u16 {
        self.list.check(self.names.len()).unwrap_or(0)
    }
}

impl<'a> IntoIterator for Fields<'a> {
    type Item = (&'a str, Value<'a>);
    type IntoIter = FieldsIter<'a>;

    fn into_iter(self) -> FieldsIter<'a> {
        self.iter()
    }
}

/// Iterator over [`Fields`].
#[derive(Debug, Clone)]
pub struct FieldsIter<'a> {
    names: &'a [String],
    list: Iter<'a>,
}

impl FieldsIter<'_> {
    /// When all fields were taken: how many were left out for want of room.
    #[must_use]
    pub fn left_out(&self) -> u16 {
        self.list.left_out().unwrap_or(0)
    }
}

impl<'a> Iterator for FieldsIter<'a> {
    type Item = (&'a str, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.list.next()?;
        match key {
            Key::Field(index) => Some((self.names.get(index)?, value)),
            Key::Name(name) => Some((name, value)),
        }
    }
}

/// The spans around something, from the inside out.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    innermost: SpanRef,
    spans: &'a Spans,
}

/// One of the spans around something.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ScopeSpan<'a> {
    /// Which.
    pub span: SpanId,
    /// The span's line of instrumentation.
    pub callsite: &'a Callsite,
    /// Whether its parent is in another process.
    pub is_parent_remote: bool,
    /// Whether its trace is sent to where traces are kept.
    pub is_sampled: bool,
    /// A number that changes whenever the span's attributes do, for what a sink keeps by span.
    pub version: u64,
    lists: &'a [Box<[u8]>],
}

impl<'a> Scope<'a> {
    /// The spans around something within `innermost`.
    #[must_use]
    pub fn new(innermost: SpanRef, spans: &'a Spans) -> Self {
        Self { innermost, spans }
    }

    /// The innermost span.
    #[must_use]
    pub fn span(&self) -> SpanId {
        self.innermost.span
    }

    /// The trace.
    #[must_use]
    pub fn trace(&self) -> TraceId {
        self.innermost.trace
    }

    /// The spans from the innermost outwards, as far as the table of open spans holds them.
    pub fn spans(&self) -> impl Iterator<Item = ScopeSpan<'a>> + use<'a> {
        self.spans.outwards(self.innermost.span)
    }

    /// A number that changes whenever any span opens, changes or ends: as long as it is the same, this is the same.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.spans.changes()
    }

    /// Whether the table of open spans was full, so that attributes are missing.
    #[must_use]
    pub fn is_evicted(&self) -> bool {
        self.spans.span(self.innermost.span).is_none()
    }

    /// Whether the trace is sent to where traces are kept; also where the table of open spans was full, for then nobody
    /// knows.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.spans.span(self.innermost.span).is_none_or(|span| span.flags.is_sampled)
    }
}

impl<'a> ScopeSpan<'a> {
    pub(crate) fn new(open: &'a OpenSpan, lists: &'a [Box<[u8]>]) -> Self {
        Self {
            span: open.span.span,
            callsite: &open.callsite,
            is_parent_remote: open.flags.is_parent_remote,
            is_sampled: open.flags.is_sampled,
            version: open.version(),
            lists,
        }
    }

    /// The span's attributes in the order in which they were recorded; of two with one name the later counts.
    pub fn fields(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let names = &self.callsite.fields;
        self.lists.iter().flat_map(move |list| Fields::new(names, Attributes::new(list)).iter())
    }
}

impl Record<'_> {
    /// Whether an output of events from `level` on shows the record. What is missing is always shown.
    #[must_use]
    pub fn is_shown(&self, level: Level) -> bool {
        match &self.fact {
            Fact::Lost(_) | Fact::Withheld(_) => true,
            fact => fact.level() >= level,
        }
    }
}

impl<'a> Fact<'a> {
    /// For what the toolkit says of its own accord: in words, and with which fields.
    #[must_use]
    pub fn told(&self) -> Option<(&'static str, Fields<'a>)> {
        match self {
            Self::RunStart(fields) => Some(("run started", *fields)),
            Self::RunEnd(fields) => Some(("run ended", *fields)),
            Self::RunContext => Some(("run context changed", Fields::default())),
            Self::Artifact(fields) => Some(("artifact", *fields)),
            Self::Exit(fields) => Some(("process exits", *fields)),
            Self::Withheld(fields) => Some(("record withheld", *fields)),
            _ => None,
        }
    }

    /// How severe the fact is.
    #[must_use]
    pub fn level(&self) -> Level {
        match self {
            Self::Event(event) => event.callsite.level,
            Self::SpanStart(span) | Self::SpanEnd(span) => span.callsite.level,
            Self::Lost(_) | Self::Withheld(_) => Level::Warn,
            _ => Level::Info,
        }
    }
}
