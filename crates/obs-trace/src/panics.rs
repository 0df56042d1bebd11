//! Panics as records.
use crate::spans::scope;
use obs_core::{Callsite, CallsiteKind, Level};
use obs_recorder::emit::{self, Source};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;
use std::sync::Once;

static INSTALLED: Once = Once::new();
/// Its address stands for the one callsite of all panics.
static CALLSITE: u8 = 0;

const FIELDS: [&str; 4] = ["message", "panic.location", "panic.thread", "panic.backtrace"];

/// Makes every panic an event of level error that is shown, with all before it, and then does what was done before: the
/// program may be about to abort.
pub(crate) fn install() {
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            record(panic);
            before(panic);
        }));
    });
}

fn record(panic: &PanicHookInfo<'_>) {
    if !emit::is_recording() {
        return;
    }
    let source = Source {
        address: std::ptr::from_ref(&CALLSITE) as usize,
        level: Level::Error,
        describe: &describe,
    };
    emit::panic(source, scope(), |mut fields| {
        let message = panic.payload_as_str().unwrap_or("a value that is no text");
        fields.debug(0, &format_args!("panicked: {message}"));
        if let Some(location) = panic.location() {
            fields.debug(1, &format_args!("{location}"));
        }
        fields.text(2, std::thread::current().name().unwrap_or("<unnamed>"));
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            fields.debug(3, &format_args!("{backtrace}"));
        }
    });
    obs_recorder::show();
}

fn describe() -> Callsite {
    Callsite {
        kind: CallsiteKind::Event,
        level: Level::Error,
        name: "panic".to_owned(),
        target: "panic".to_owned(),
        file: None,
        line: None,
        fields: FIELDS.map(str::to_owned).to_vec(),
    }
}
