//! How long a recovery bears with sinks that fail.
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Is given a sink's name, and why it fails.
type Told = dyn FnMut(&str, &str);

/// How long a recovery bears with sinks that fail, and who hears of that.
///
/// All sinks are tried by turns, so that many that fail take no longer than one.
pub struct Patience {
    pub(super) limit: Duration,
    stop: Arc<AtomicBool>,
    told: Option<Box<Told>>,
}

impl Patience {
    /// A sink is given up when so long ago it last took something; what it has not taken then is pending.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self { limit, stop: Arc::default(), told: None }
    }

    /// Gives all sinks up early, once `stop` is set.
    #[must_use]
    pub fn ended_by(self, stop: Arc<AtomicBool>) -> Self {
        Self { stop, ..self }
    }

    /// Tells the name of each sink that fails and will be tried again, and why it does: once, when that begins.
    #[must_use]
    pub fn telling(self, told: impl FnMut(&str, &str) + 'static) -> Self {
        Self { told: Some(Box::new(told)), ..self }
    }

    pub(super) fn is_ended(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&mut self, name: &str, error: &str) {
        if let Some(told) = &mut self.told {
            told(name, error);
        }
    }
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patience").field("limit", &self.limit).finish_non_exhaustive()
    }
}
