//! The recorder without front ends: one run at a time, and events that are a text and a number.
use obs_core::{Callsite, CallsiteKind, Level, Settings};
use obs_recorder::emit::{self, Source};
use std::sync::{Mutex, MutexGuard, PoisonError};

static CALLSITE: u8 = 0;

/// Only one run may be alive in a process, and the tests of one share it: to be held while a run is alive.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The service `test`, with the smallest stage there is, so that it is soon full, and without signal handlers.
#[must_use]
pub fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.service = "test".into();
    settings.stage_bytes = 1 << 20;
    settings.crash_signals = false;
    settings
}

/// Logs an event with the fields `message` and `number`.
pub fn say(message: &str, number: u64) {
    let describe = || Callsite {
        kind: CallsiteKind::Event,
        level: Level::Info,
        name: String::new(),
        target: "test".into(),
        file: None,
        line: None,
        fields: vec!["message".into(), "number".into()],
    };
    let source = Source {
        address: std::ptr::from_ref(&CALLSITE) as usize,
        level: Level::Info,
        describe: &describe,
    };
    emit::event(source, None, |mut fields| {
        fields.text(0, message);
        fields.u64(1, number);
    });
}
