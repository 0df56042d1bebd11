//! What the toolkit itself has to say, as records of the run.
use obs_core::{Callsite, CallsiteKind, Level};
use obs_recorder::emit::{self, Source};

/// Its address stands for the callsite of warnings.
static WARNING: u8 = 0;

/// A warning of the toolkit's own: in every output, once.
pub(crate) fn warn(what: &str) {
    let describe = || Callsite {
        kind: CallsiteKind::Event,
        level: Level::Warn,
        name: String::new(),
        target: "obs".to_owned(),
        file: None,
        line: None,
        fields: vec!["message".to_owned()],
    };
    let source = Source {
        address: std::ptr::from_ref(&WARNING) as usize,
        level: Level::Warn,
        describe: &describe,
    };
    emit::event(source, None, |mut fields| fields.text(0, what));
}
