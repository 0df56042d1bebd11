//! Fields that say how a span is to be sent, as `tracing` programs know them.
use obs_core::value::Value;
use std::borrow::Cow;

/// OpenTelemetry's kinds of spans, by their numbers.
const KINDS: [(&str, u64); 5] =
    [("internal", INTERNAL), ("server", 2), ("client", 3), ("producer", 4), ("consumer", 5)];
const INTERNAL: u64 = 1;
/// The numbers of a status that is set.
pub(crate) const OK: u64 = 1;
pub(crate) const ERROR: u64 = 2;

/// What the special fields of a span say.
#[derive(Debug, Default)]
pub(crate) struct Special<'a> {
    name: Option<Cow<'a, str>>,
    kind: Option<u64>,
    status: Option<u64>,
    description: Option<Cow<'a, str>>,
    state: Option<Cow<'a, str>>,
    /// When it began and ended, in nanoseconds since 1970, where the program says so.
    pub(crate) start: Option<u64>,
    pub(crate) end: Option<u64>,
}

const PREFIX: &str = "otel.";

/// Whether a field says how a span is to be sent, and nothing else.
pub(crate) fn is_special(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// The field of an event that says when it happened, where that was given.
pub(crate) const EVENT_TIME: &str = "otel.time_unix_nano";

/// Takes a number; whether it is one.
fn number(value: &Value<'_>, to: &mut Option<u64>) -> bool {
    let Value::U64(number) = value else { return false };
    *to = Some(*number);
    true
}

impl<'a> Special<'a> {
    /// Takes a field if it is special. A value that makes no sense leaves it an attribute like any other.
    pub(crate) fn take(&mut self, name: &str, value: &Value<'a>) -> bool {
        let Some(name) = name.strip_prefix(PREFIX) else { return false };
        let text = || crate::value::text(value);
        match name {
            "name" => self.name = Some(text()),
            "status_description" | "status_message" => self.description = Some(text()),
            "trace_state" => self.state = Some(text()),
            "start_time_unix_nano" => return number(value, &mut self.start),
            "end_time_unix_nano" => return number(value, &mut self.end),
            "kind" => {
                let text = text();
                let kind = KINDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
                let Some((_, kind)) = kind else { return false };
                self.kind = Some(*kind);
            }
            "status_code" => match text().trim() {
                ok if ok.eq_ignore_ascii_case("ok") => self.status = Some(OK),
                error if error.eq_ignore_ascii_case("error") => self.status = Some(ERROR),
                unset if unset.eq_ignore_ascii_case("unset") => self.status = None,
                _ => return false,
            },
            _ => return false,
        }
        true
    }

    /// The span's name, which is never empty.
    pub(crate) fn name<'n>(&'n self, name: &'n str) -> &'n str {
        let given = self.name.as_deref().filter(|given| !given.is_empty());
        match given.unwrap_or(name) {
            "" => "unnamed",
            name => name,
        }
    }

    pub(crate) fn kind(&self) -> u64 {
        self.kind.unwrap_or(INTERNAL)
    }

    pub(crate) fn state(&self) -> Option<&str> {
        self.state.as_deref().filter(|state| !state.is_empty())
    }

    /// The status that was set, with its description.
    pub(crate) fn status(&self) -> Option<(u64, Option<&str>)> {
        self.status.map(|status| (status, self.description.as_deref()))
    }
}
