//! How OpenTelemetry's variables are read: unset is `None`, durations are milliseconds, switches are `true` or `false`.

use std::ffi::OsStr;
use std::time::Duration;

use super::super::choice::{Compression, DiagnosticLevel, OtlpProtocol, Sampler};
use super::super::value::{Value, trimmed, words_are_values};
use super::{Destinations, Endpoint, Headers, NamedValues, Propagators};
use crate::time::exact_duration;

words_are_values!(Headers, NamedValues, Propagators, Sampler, DiagnosticLevel);

macro_rules! options_are_values {
    ($($name:ty),+) => {
        $(impl Value for Option<$name> {
            fn read(text: &OsStr) -> Option<Self> {
                trimmed(text)?.parse().ok().map(Some)
            }

            fn show(&self) -> String {
                self.as_ref().map_or_else(String::new, ToString::to_string)
            }
        })+
    };
}

options_are_values!(Endpoint, Destinations, Headers, OtlpProtocol, Compression);

/// Only `true` and `false`, in any letter case, as OpenTelemetry wants it.
impl Value for Option<bool> {
    fn read(text: &OsStr) -> Option<Self> {
        match trimmed(text)?.to_ascii_lowercase().as_str() {
            "true" => Some(Some(true)),
            "false" => Some(Some(false)),
            _ => None,
        }
    }

    fn show(&self) -> String {
        self.map_or_else(String::new, |flag| flag.to_string())
    }
}

impl Value for Option<u32> {
    fn read(text: &OsStr) -> Option<Self> {
        trimmed(text)?.parse().ok().map(Some)
    }

    fn show(&self) -> String {
        self.map_or_else(String::new, |number| number.to_string())
    }

    fn number(&self) -> u128 {
        self.unwrap_or(1).into()
    }
}

impl Value for Option<Duration> {
    fn read(text: &OsStr) -> Option<Self> {
        let text = trimmed(text)?;
        let milliseconds = text.parse().map(Duration::from_millis);
        milliseconds.ok().or_else(|| crate::time::parse_duration(text).ok()).map(Some)
    }

    fn show(&self) -> String {
        self.map_or_else(String::new, exact_duration)
    }

    fn number(&self) -> u128 {
        self.map_or(0, |duration| duration.as_nanos())
    }
}

/// A part of the whole.
impl Value for Option<f64> {
    fn read(text: &OsStr) -> Option<Self> {
        let part = trimmed(text)?.parse::<f64>().ok()?;
        (0.0..=1.0).contains(&part).then_some(Some(part))
    }

    fn show(&self) -> String {
        self.map_or_else(String::new, |part| part.to_string())
    }
}
