//! Levels as log records have them.
use obs_core::Level;

/// The number and the text of a level.
pub(crate) fn severity(level: Level) -> (u64, &'static str) {
    match level {
        Level::Trace => (1, "TRACE"),
        Level::Debug => (5, "DEBUG"),
        Level::Info => (9, "INFO"),
        Level::Warn => (13, "WARN"),
        Level::Error => (17, "ERROR"),
        _ => (21, "FATAL"),
    }
}
