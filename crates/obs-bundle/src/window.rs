//! The part of a run's time that a bundle is about.
use obs_core::UnixNanos;
use serde::Deserialize;
use std::borrow::Cow;

/// A part of a run's time. What is outside of it is left out as far as it has a time of its own: lines of logs, spans
/// and actions, and segments of the journal that are outside as a whole, but for a minute around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Window {
    /// The first instant that is in it. Default `None`: since the run began.
    pub from: Option<UnixNanos>,
    /// The first instant that is not in it any more. Default `None`: to the run's end.
    pub until: Option<UnixNanos>,
}

/// Where a line says of what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// In its `timestamp`.
    At,
    /// From `start` to `timestamp`.
    Span,
}

/// The times of a line.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    start: Option<Cow<'a, str>>,
}

/// How a line begins that the toolkit wrote.
const TIMESTAMP: &[u8] = b"{\"timestamp\":\"";

impl Window {
    /// Whether all times are in it.
    #[must_use]
    pub fn is_unbounded(&self) -> bool {
        (self.from, self.until) == (None, None)
    }

    /// Whether a line is in it. One whose time nobody can tell is.
    pub(crate) fn has_line(&self, line: &[u8], times: Times) -> bool {
        let Some(end) = timestamp(line) else { return true };
        if self.from.is_some_and(|from| end < from) {
            return false;
        }
        let is_early = |time: UnixNanos| self.until.is_none_or(|until| time < until);
        is_early(end) || times == Times::Span && start(line).is_none_or(is_early)
    }

    /// Whether something that lasted so long has a part in it; bounds that are not known do not bound.
    pub(crate) fn overlaps(&self, start: Option<UnixNanos>, end: Option<UnixNanos>) -> bool {
        let is_before = end.zip(self.from).is_some_and(|(end, from)| end < from);
        let is_behind = start.zip(self.until).is_some_and(|(start, until)| start >= until);
        !is_before && !is_behind
    }
}

fn timestamp(line: &[u8]) -> Option<UnixNanos> {
    let quick = line.strip_prefix(TIMESTAMP).and_then(|rest| {
        let end = rest.iter().take(40).position(|byte| *byte == b'"')?;
        std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
    });
    quick.or_else(|| serde_json::from_slice::<Line<'_>>(line).ok()?.timestamp?.parse().ok())
}

fn start(line: &[u8]) -> Option<UnixNanos> {
    serde_json::from_slice::<Line<'_>>(line).ok()?.start?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Times, Window};

    fn window(from: &str, until: &str) -> Window {
        let time = |text: &str| format!("2026-11-22T10:{text}Z").parse().ok();
        Window { from: time(from), until: time(until) }
    }

    #[test]
    fn a_line_is_in_the_window_by_its_timestamp() {
        let window = window("10:00", "20:00");
        for (time, is_in) in [
            ("10:09:59.999999999", false),
            ("10:10:00.000000000", true),
            ("10:19:59.999999999", true),
            ("10:20:00.000000000", false),
        ] {
            let line = format!("{{\"timestamp\":\"2026-11-22T{time}Z\",\"event\":\"x\"}}\n");
            assert_eq!(window.has_line(line.as_bytes(), Times::At), is_in, "{time}");
            let other = format!("{{ \"event\": \"x\", \"timestamp\": \"2026-11-22T{time}Z\"}}");
            assert_eq!(window.has_line(other.as_bytes(), Times::At), is_in, "{time}");
        }
    }

    #[test]
    fn a_span_is_in_the_window_if_it_has_a_part_in_it() {
        let window = window("10:00", "20:00");
        for (start, end, is_in) in [
            ("10:00:00", "10:09:59", false),
            ("10:00:00", "10:10:00", true),
            ("10:00:00", "10:30:00", true),
            ("10:19:59", "10:30:00", true),
            ("10:20:00", "10:30:00", false),
        ] {
            let line = format!(
                "{{\"timestamp\":\"2026-11-22T{end}Z\",\"start\":\"2026-11-22T{start}Z\"}}"
            );
            assert_eq!(window.has_line(line.as_bytes(), Times::Span), is_in, "{start} {end}");
        }
    }

    #[test]
    fn a_line_without_a_time_is_kept() {
        let window = window("10:00", "20:00");
        for line in ["", "{}", "no json", "{\"timestamp\":\"soon\"}", "{\"timestamp\":7}"] {
            assert!(window.has_line(line.as_bytes(), Times::At), "{line}");
        }
    }
}
