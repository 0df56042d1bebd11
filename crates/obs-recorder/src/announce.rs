//! What the toolkit itself has to say, as records of the run.
use crate::emit::{self, Source};
use obs_core::settings::DiagnosticLevel;
use obs_core::{Callsite, CallsiteKind, Level};
use std::sync::atomic::{AtomicU8, Ordering};

/// The address of one of them stands for the callsite of what is said at a level.
static CALLSITES: [u8; 2] = [0; 2];
/// What is below this level is not said.
static LEVEL: AtomicU8 = AtomicU8::new(Level::Info as u8);

/// Says only what is as severe as `level`, from now on.
pub fn set_level(level: DiagnosticLevel) {
    let level = match level {
        DiagnosticLevel::None => u8::MAX,
        DiagnosticLevel::Error => Level::Error as u8,
        DiagnosticLevel::Warn => Level::Warn as u8,
        DiagnosticLevel::Debug => Level::Debug as u8,
        DiagnosticLevel::Trace => Level::Trace as u8,
        _ => Level::Info as u8,
    };
    LEVEL.store(level, Ordering::Relaxed);
}

/// A warning: in every output, once.
pub fn warn(what: &str) {
    say(Level::Warn, 0, what);
}

/// That something is as it should be again.
pub fn info(what: &str) {
    say(Level::Info, 1, what);
}

fn say(level: Level, callsite: usize, what: &str) {
    if (level as u8) < LEVEL.load(Ordering::Relaxed) {
        return;
    }
    let describe = || Callsite {
        kind: CallsiteKind::Event,
        level,
        name: String::new(),
        target: "obs".to_owned(),
        file: None,
        line: None,
        fields: vec!["message".to_owned()],
    };
    let address = std::ptr::from_ref(&CALLSITES[callsite]) as usize;
    let source = Source { address, level, describe: &describe };
    obs_core::own::speak(|| emit::event(source, None, |mut fields| fields.text(0, what)));
}
