//! Not a peer: a subscriber that reads the clock, formats the message into a buffer on the stack, looks at the other
//! fields, and forgets all of it. What an event costs here, `tracing`'s macros, `core::fmt` and the clock cost anybody.
use super::System;
use crate::clock;
use std::fmt::{self, Write as _};
use std::hint::black_box;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

pub(crate) struct Floor;

struct Forgetful;

impl Floor {
    pub(crate) fn start() -> anyhow::Result<Self> {
        tracing::subscriber::set_global_default(Forgetful)?;
        Ok(Self)
    }
}

/// What has no room is left out.
#[derive(Default)]
struct Message {
    text: [u8; 32],
    length: usize,
}

impl fmt::Write for Message {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = &mut self.text[self.length..];
        let taken = part.len().min(room.len());
        room[..taken].copy_from_slice(&part.as_bytes()[..taken]);
        self.length += taken;
        Ok(())
    }
}

impl Visit for Message {
    fn record_f64(&mut self, _: &Field, value: f64) {
        black_box(value);
    }

    fn record_u64(&mut self, _: &Field, value: u64) {
        black_box(value);
    }

    fn record_bool(&mut self, _: &Field, value: bool) {
        black_box(value);
    }

    fn record_str(&mut self, _: &Field, value: &str) {
        black_box(value);
    }

    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        let written = write!(self, "{value:?}");
        debug_assert!(written.is_ok(), "a buffer that leaves out takes all");
    }
}

impl Subscriber for Forgetful {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= &tracing::Level::INFO
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut message = Message::default();
        attributes.record(&mut message);
        black_box((clock::now(), &message.text));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        black_box((clock::now(), &message.text));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}

    fn try_close(&self, _: Id) -> bool {
        black_box(clock::now());
        true
    }
}

impl System for Floor {}
