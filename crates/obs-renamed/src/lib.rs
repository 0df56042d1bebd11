//! What a user writes who calls the facade `telemetry`, and depends on no `tracing` of his own.
#![forbid(unsafe_code)]

use std::num::ParseIntError;
use telemetry::traced;

/// A store of numbers.
#[derive(Debug, Default)]
pub struct Store {
    sum: u64,
}

impl Store {
    /// Adds what `text` says. Its span tells how long the text is.
    ///
    /// # Errors
    ///
    /// When `text` is no number; the span's trace then has an event that says so.
    #[traced(fields(length = text.len()))]
    pub fn add(&mut self, text: &str) -> Result<u64, ParseIntError> {
        self.sum += text.parse::<u64>()?;
        Ok(self.sum)
    }

    /// Adds it from a future.
    ///
    /// # Errors
    ///
    /// As [`Store::add`].
    #[telemetry::traced(name = "add later", level = "debug")]
    pub async fn add_later(&mut self, text: &str) -> Result<u64, ParseIntError> {
        std::future::ready(()).await;
        self.add(text)
    }
}

/// A function of a macro of the user's own: the facade is found there, too.
#[macro_export]
macro_rules! traced_function {
    ($name:ident) => {
        #[telemetry::traced]
        fn $name() -> u32 {
            7
        }
    };
}
