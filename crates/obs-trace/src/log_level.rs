//! The level down to which the macros of `log` make records, as far as that is ours to say.
use log::LevelFilter;
use obs_core::Level;

/// Who takes the records of `log`, and what has become of their level.
#[derive(Debug, Default)]
pub(crate) struct LogLevel {
    pub(crate) taken_by: TakenBy,
    /// What was found, and what it was raised to.
    raised: Option<(LevelFilter, LevelFilter)>,
}

/// Who takes the records of `log`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TakenBy {
    /// Nobody that we know of.
    #[default]
    Unknown,
    /// Us alone.
    Us,
    /// We and, through us, the subscriber of the process with all its layers.
    UsAndLayers,
}

impl LogLevel {
    /// Sets the level so that no record is missing that is captured from `captured` on. What `has_layer` tells is
    /// whether records that another logger takes may reach us as events.
    pub(crate) fn follow(&mut self, captured: Option<Level>, has_layer: bool) {
        let captured = filter_of(captured);
        match self.taken_by {
            TakenBy::Us => log::set_max_level(captured),
            // What layers want may change without our being told; whoever passes records on looks.
            TakenBy::UsAndLayers => log::set_max_level(LevelFilter::Trace),
            TakenBy::Unknown if has_layer => self.raise(captured),
            TakenBy::Unknown => {}
        }
    }

    /// The level belongs to another logger: it is only ever raised, and goes back to where it was found.
    fn raise(&mut self, captured: LevelFilter) {
        let current = log::max_level();
        let found = match self.raised {
            Some((found, raised)) if raised == current => found,
            _ => current,
        };
        let raised = captured.max(found);
        self.raised = (raised != found).then_some((found, raised));
        log::set_max_level(raised);
    }
}

fn filter_of(level: Option<Level>) -> LevelFilter {
    match level {
        None => LevelFilter::Off,
        Some(Level::Trace) => LevelFilter::Trace,
        Some(Level::Debug) => LevelFilter::Debug,
        Some(Level::Info) => LevelFilter::Info,
        Some(Level::Warn) => LevelFilter::Warn,
        Some(_) => LevelFilter::Error,
    }
}
