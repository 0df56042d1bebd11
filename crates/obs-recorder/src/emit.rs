//! What front ends call: one function for each fact that a thread can record.
use crate::callsites::{Key, Known};
use crate::local::{Making, Site, record, record_fixed, record_plain};
use crate::recorder::{GENERATION, Recorder};
use obs_core::encode::{Encoder, Key as Attribute};
use obs_core::wire::Kind;
use obs_core::wire::body::{self, SpanFlags, SpanRef};
use obs_core::{Callsite, Context, Level, SpanId};
use std::error::Error;
use std::fmt;
use std::sync::atomic::Ordering;

/// A line of instrumentation, as the front end that found it knows it.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The address of something static that belongs to this line alone.
    pub address: usize,
    /// How severe its records are.
    pub level: Level,
    /// Describes it, once in a run.
    pub describe: &'a dyn Fn() -> Callsite,
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("address", &self.address)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

impl Source<'_> {
    fn site(&self) -> Site<'_> {
        Site { address: self.address, describe: self.describe }
    }

    fn making(&self, kind: Kind) -> Making {
        Making { kind, level: self.level as u8 }
    }
}

/// Takes the fields of one record. Fields whose names mark them as secret are replaced before they are written.
#[derive(Debug)]
pub struct Fields<'a> {
    encoder: &'a mut Encoder,
    known: Option<&'a Known>,
}

/// Fields are named by their place in the callsite's list.
impl Fields<'_> {
    /// The rule that hides a field, if one does.
    #[inline]
    fn rule(&self, field: usize) -> Option<&'static str> {
        self.known.and_then(|known| known.secrets.get(field).copied().flatten())
    }

    /// Writes a value, or that it is hidden.
    #[inline]
    fn write(&mut self, field: usize, write: impl FnOnce(&mut Encoder, Attribute<'_>)) {
        match self.rule(field) {
            None => write(self.encoder, Attribute::Field(field)),
            Some(rule) => self.encoder.redacted(Attribute::Field(field), rule),
        }
    }

    /// A truth value; never hidden, for `has_password` says nothing.
    #[inline]
    pub fn bool(&mut self, field: usize, value: bool) {
        self.encoder.bool(Attribute::Field(field), value);
    }

    /// A whole number.
    #[inline]
    pub fn i64(&mut self, field: usize, value: i64) {
        self.write(field, |encoder, key| encoder.i64(key, value));
    }

    /// A whole number that is not negative.
    #[inline]
    pub fn u64(&mut self, field: usize, value: u64) {
        self.write(field, |encoder, key| encoder.u64(key, value));
    }

    /// A whole number of up to 128 bits.
    pub fn i128(&mut self, field: usize, value: i128) {
        self.write(field, |encoder, key| encoder.i128(key, value));
    }

    /// A whole number of up to 128 bits that is not negative.
    pub fn u128(&mut self, field: usize, value: u128) {
        self.write(field, |encoder, key| encoder.u128(key, value));
    }

    /// A number.
    #[inline]
    pub fn f64(&mut self, field: usize, value: f64) {
        self.write(field, |encoder, key| encoder.f64(key, value));
    }

    /// Text.
    #[inline]
    pub fn text(&mut self, field: usize, value: &str) {
        self.write(field, |encoder, key| encoder.text(key, value));
    }

    /// Bytes that are no text.
    pub fn bytes(&mut self, field: usize, value: &[u8]) {
        self.write(field, |encoder, key| encoder.bytes(key, value));
    }

    /// Whatever the value formats itself to.
    #[inline]
    pub fn debug(&mut self, field: usize, value: &dyn fmt::Debug) {
        self.write(field, |encoder, key| encoder.debug(key, value));
    }

    /// An error with its sources.
    pub fn error(&mut self, field: usize, value: &(dyn Error + 'static)) {
        self.write(field, |encoder, key| encoder.error(key, value));
    }

    /// A further attribute, under a name that is not in the callsite's list.
    pub fn named(&mut self, name: &str, write: impl FnOnce(&mut Encoder, Attribute<'_>)) {
        match obs_core::redact::classify(name) {
            obs_core::redact::Class::Secret(rule) => {
                self.encoder.redacted(Attribute::Name(name), rule)
            }
            _ => write(self.encoder, Attribute::Name(name)),
        }
    }
}

/// Whether a run is alive that takes records.
#[inline]
#[must_use]
pub fn is_recording() -> bool {
    GENERATION.load(Ordering::Relaxed) != 0
}

/// Now, in the ticks that [`span_end`] wants back.
#[inline]
#[must_use]
pub fn ticks() -> u64 {
    crate::local::source().now()
}

/// Something happened, within the span `scope`.
#[inline]
pub fn event(source: Source<'_>, scope: Option<SpanRef>, fill: impl FnOnce(Fields<'_>)) {
    record(source.making(Kind::Event), source.site(), |encoder, number, known| {
        body::begin_event(encoder, number, scope, false);
        fill(Fields { encoder, known });
    });
}

/// A panic happened; told by the panic hook.
pub fn panic(source: Source<'_>, scope: Option<SpanRef>, fill: impl FnOnce(Fields<'_>)) {
    record(source.making(Kind::Event), source.site(), |encoder, number, known| {
        body::begin_event(encoder, number, scope, true);
        fill(Fields { encoder, known });
    });
}

/// Something happened at a line that has nothing static: `key` is what tells it from all others. Slower than [`event`].
pub fn event_by_key(
    key: &Key,
    level: Level,
    scope: Option<SpanRef>,
    describe: impl FnOnce() -> Callsite,
    fill: impl FnOnce(Fields<'_>),
) {
    let Some(recorder) = Recorder::current() else { return };
    if obs_core::own::is_own_thread() {
        return;
    }
    let known = recorder.callsites().of(key, describe);
    record_plain(Making { kind: Kind::Event, level: level as u8 }, |encoder| {
        body::begin_event(encoder, known.number, scope, false);
        fill(Fields { encoder, known: known.has_secrets.then_some(known.as_ref()) });
    });
}

/// What is to be said again when a span ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "kept by front ends in fields of their own")]
pub struct Started {
    /// The run that the span began in.
    pub generation: u64,
    /// The callsite's number in that run.
    pub callsite: u32,
    /// When it began.
    pub ticks: u64,
}

/// A span begins now. `None` when no run is alive that takes records.
#[inline]
pub fn span_start(
    source: Source<'_>,
    span: SpanRef,
    parent: Option<SpanId>,
    flags: SpanFlags,
    fill: impl FnOnce(Fields<'_>),
) -> Option<Started> {
    let made = record(source.making(Kind::SpanStart), source.site(), |encoder, number, known| {
        body::begin_span(encoder, number, span, parent, flags);
        fill(Fields { encoder, known });
    })?;
    Some(Started { generation: generation(), callsite: made.callsite, ticks: made.ticks })
}

/// Attributes were added to a span that is open in the run that is alive.
pub fn span_record(source: Source<'_>, span: SpanId, fill: impl FnOnce(Fields<'_>)) {
    record(source.making(Kind::SpanRecord), source.site(), |encoder, number, known| {
        body::begin_span_record(encoder, number, span);
        fill(Fields { encoder, known });
    });
}

/// A span ends now. Nothing happens if it began in another run.
#[inline]
pub fn span_end(
    started: Started,
    level: Level,
    span: SpanRef,
    parent: Option<SpanId>,
    flags: SpanFlags,
) {
    if started.generation != generation() {
        return;
    }
    let Started { callsite, ticks, .. } = started;
    let (start, duration, is_unfinished) = (ticks, 0, false);
    let end = body::SpanEnd { callsite, span, parent, flags, start, duration, is_unfinished };
    record_fixed(Making { kind: Kind::SpanEnd, level: level as u8 }, &end.encode());
}

/// Which run is alive, as a number that is never used twice; another one in a forked child. 0 when none is.
#[inline]
#[must_use]
pub fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Counts a record that a front end could not make.
pub fn refuse(level: Level) {
    if let Some(recorder) = Recorder::current() {
        recorder.count_refused(level as u8);
    }
}

/// A span follows from another.
pub fn span_link(span: SpanId, follows: SpanRef) {
    let making = Making { kind: Kind::SpanLink, level: Level::Info as u8 };
    record_fixed(making, &body::SpanLink { span, follows }.encode());
}

/// The run-wide attributes are these from now on.
pub fn run_context(attributes: &Context) {
    plain(Kind::RunContext, |encoder| attributes.encode_into(encoder));
}

/// A file belongs to the run. `attributes` name its `path`, its `role` and what else is to be said of it.
pub fn artifact(attributes: &Context) {
    plain(Kind::Artifact, |encoder| attributes.encode_into(encoder));
}

/// The process begins to exit.
pub(crate) fn exit(status: Option<i32>) {
    plain(Kind::Exit, |encoder| {
        if let Some(status) = status {
            encoder.i64(Attribute::Name("status"), status.into());
        }
    });
}

/// These records must not be lost while others are: they may use the last eighth of a ring.
fn plain(kind: Kind, fill: impl FnOnce(&mut Encoder)) {
    record_plain(Making { kind, level: Level::Warn as u8 }, |encoder| {
        body::begin_attributes(encoder);
        fill(encoder);
    });
}
