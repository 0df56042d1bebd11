//! Times and durations, as people and files write them.
use crate::golden;
use obs_core::UnixNanos;
use obs_core::time::{human_duration, parse_duration, parse_when};

/// Takes the bytes for a time, a duration and an id.
///
/// # Panics
///
/// When what was read is another one after it was written.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(time) = text.parse::<UnixNanos>() {
        let written = time.rfc3339();
        let written = std::str::from_utf8(&written).expect("text");
        assert_eq!(written.parse(), Ok(time), "written as {written}");
    }
    for outcome in [
        parse_when(text, UnixNanos(golden::START_NS)).map(drop),
        parse_duration(text).map(|duration| drop(human_duration(duration.as_nanos() as u64))),
    ] {
        if let Err(error) = outcome {
            assert!(!error.to_string().contains(|c: char| c.is_control()), "{error:?}");
        }
    }
    if let Ok(id) = text.parse::<obs_core::RunId>() {
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
