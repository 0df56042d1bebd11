//! A thread of the simulated program: what it records, and what it was promised.
use super::Dice;
use super::judge::Ledger;
use super::world::SimClock;
use obs_core::encode::{Encoder, Key as Attribute};
use obs_core::wire::Kind;
use obs_core::wire::body::{self, SpanEnd, SpanFlags, SpanRef};
use obs_core::{Callsite, CallsiteKind, Context, Level, SpanId, TraceId};
use obs_recorder::{Callsites, Clock, Key};
use obs_ring::ring::{Entry, Producer};
use std::sync::Arc;

/// Spans that one speaker has open at most.
const DEPTH_MAX: usize = 4;

pub(super) struct Speaker {
    pub(super) number: u64,
    pub(super) producer: Producer,
    callsites: Arc<Callsites>,
    clock: Arc<SimClock>,
    context: Context,
    context_told: bool,
    next_event: u64,
    next_span: u64,
    open: Vec<Open>,
    encoder: Encoder,
}

/// A span that a speaker is within.
#[derive(Clone)]
struct Open {
    span: SpanRef,
    start: u64,
    /// What it began in.
    context: Context,
}

impl Speaker {
    pub(super) fn new(
        number: u64,
        producer: Producer,
        callsites: Arc<Callsites>,
        clock: Arc<SimClock>,
    ) -> Self {
        Self {
            number,
            producer,
            callsites,
            clock,
            context: Context::new(),
            context_told: true,
            next_event: 1,
            next_span: 1,
            open: Vec::new(),
            encoder: Encoder::new(1 << 10),
        }
    }

    /// Records something, and notes it in the ledger unless it was refused.
    pub(super) fn speak(&mut self, dice: &mut Dice, ledger: &mut Ledger) {
        if dice.once_in(6) {
            let value = format!("r{}", dice.below(5));
            let context = Context::new();
            self.context = if value == "r0" { context } else { context.with("request_id", value) };
            self.context_told = false;
        }
        let ticks = self.clock.tick();
        self.encoder.clear();
        let (kind, level) = match dice.below(10) {
            0 if self.open.len() < DEPTH_MAX => self.begin_span(),
            1 if !self.open.is_empty() => self.end_span(),
            what => self.make_event(what, dice),
        };
        let entry = Entry {
            kind: kind as u8,
            level: level as u8,
            ticks,
            context: self.context.as_bytes(),
            context_changed: !self.context_told,
            body: self.encoder.as_bytes(),
        };
        let clock = &self.clock;
        if self.producer.push(&entry, || clock.anchor()).is_err() {
            self.producer.count_refused(level as u8);
            return;
        }
        self.context_told = true;
        ledger.errors += u64::from(kind == Kind::Event && level == Level::Error);
        self.note(kind, ticks, ledger);
    }

    fn begin_span(&mut self) -> (Kind, Level) {
        let id = self.number << 32 | self.next_span;
        self.next_span += 1;
        let span = SpanId::new(id + 1).expect("not zero");
        let span = SpanRef { span, trace: TraceId::new(7).expect("not zero") };
        let callsite = site(&self.callsites, CallsiteKind::Span);
        body::begin_span(&mut self.encoder, callsite, span, None, SpanFlags::default());
        self.encoder.u64(Attribute::Field(0), id);
        self.encoder.finish();
        (Kind::SpanStart, Level::Info)
    }

    fn end_span(&mut self) -> (Kind, Level) {
        let Open { span, start, .. } = *self.open.last().expect("one is open");
        let callsite = site(&self.callsites, CallsiteKind::Span);
        let (parent, flags) = (None, SpanFlags::default());
        let (duration, is_unfinished) = (0, false);
        let end = SpanEnd { callsite, span, parent, flags, start, duration, is_unfinished };
        self.encoder.fixed(&end.encode());
        (Kind::SpanEnd, Level::Info)
    }

    fn make_event(&mut self, what: u64, dice: &mut Dice) -> (Kind, Level) {
        let scope = self.open.last().map(|open| open.span);
        let callsite = site(&self.callsites, CallsiteKind::Event);
        body::begin_event(&mut self.encoder, callsite, scope, false);
        self.encoder.u64(Attribute::Field(0), self.number);
        self.encoder.u64(Attribute::Field(1), self.next_event);
        let long = if what == 2 { 700 } else { 20 };
        self.encoder.text(Attribute::Field(2), &"x".repeat(dice.below(long) as usize));
        self.encoder.finish();
        (Kind::Event, if what == 3 { Level::Error } else { Level::Info })
    }

    fn note(&mut self, kind: Kind, ticks: u64, ledger: &mut Ledger) {
        match kind {
            Kind::Event => {
                let around = self.open.last().map(|open| &open.context);
                ledger.commit((self.number, self.next_event), &self.context, around);
                self.next_event += 1;
            }
            Kind::SpanStart => {
                let started =
                    body::SpanStart::decode(self.encoder.as_bytes()).expect("just written");
                let (span, context) = (started.span, self.context.clone());
                self.open.push(Open { span, start: ticks, context });
                ledger.others += 1;
            }
            _ => {
                self.open.pop();
                ledger.others += 1;
            }
        }
    }
}

/// The number of the one callsite of each kind.
pub(super) fn site(callsites: &Callsites, kind: CallsiteKind) -> u32 {
    let key = Key::Text(format!("{kind:?}").into());
    let fields = match kind {
        CallsiteKind::Span => vec!["id".to_owned()],
        _ => vec!["producer".to_owned(), "number".to_owned(), "filling".to_owned()],
    };
    let describe = || Callsite {
        kind,
        level: Level::Info,
        name: "site".into(),
        target: "sim".into(),
        file: None,
        line: None,
        fields,
    };
    callsites.of(&key, describe).number
}
