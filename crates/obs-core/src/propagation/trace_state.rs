//! The header `tracestate`.
use std::fmt;

/// Members of a `tracestate`.
pub const TRACE_STATE_MEMBERS_MAX: usize = 32;
/// Bytes of a `tracestate` that are kept.
pub const TRACE_STATE_BYTES_MAX: usize = 512;

/// A header that is longer is not looked at.
const READ_BYTES_MAX: usize = 32 * 1024;
/// Members that are longer than this go first where there is no room.
const LONG_MEMBER_BYTES: usize = 128;
const KEY_BYTES_MAX: usize = 256;
const VALUE_BYTES_MAX: usize = 256;

/// What the tracing systems on a request's way said of its trace: the header `tracestate` of W3C Trace Context, level
/// 2. It goes out as it came in.
///
/// ```
/// use obs_core::propagation::TraceState;
///
/// let state = TraceState::parse("rojo=00f067aa0ba902b7 , congo=t61rcWkgMzE,,rojo=again");
/// assert_eq!(state.to_string(), "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
/// assert_eq!(state.value("congo"), Some("t61rcWkgMzE"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceState {
    /// Members with commas between.
    text: Box<str>,
}

impl TraceState {
    /// Reads a header, or several joined by commas. Of members with one key the first counts. With more than 32
    /// members, or one that is none, the whole is left out: the standard says so. Where it is longer than 512 bytes,
    /// members of more than 128 go, then those at the end.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::read(text).unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > READ_BYTES_MAX {
            return None;
        }
        let mut members: Vec<&str> = Vec::new();
        let mut count = 0;
        for member in text.split(',') {
            let member = member.trim_matches([' ', '\t']);
            if member.is_empty() {
                continue;
            }
            count += 1;
            let (key, value) = member.split_once('=')?;
            if count > TRACE_STATE_MEMBERS_MAX || !is_key(key) || !is_value(value) {
                return None;
            }
            if !members.iter().any(|known| key_of(known) == key) {
                members.push(member);
            }
        }
        let mut length: usize = members.iter().map(|member| member.len() + 1).sum();
        let mut shorten = |is_over: &mut dyn FnMut(&str) -> bool| {
            while length > TRACE_STATE_BYTES_MAX + 1
                && let Some(at) = members.iter().rposition(|member| is_over(member))
            {
                length -= members.remove(at).len() + 1;
            }
        };
        shorten(&mut |member| member.len() > LONG_MEMBER_BYTES);
        shorten(&mut |_| true);
        Some(Self { text: members.join(",").into() })
    }

    /// Keys and values, the latest first.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text.split(',').filter_map(|member| member.split_once('='))
    }

    /// What one tracing system said.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.members().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The header's text; empty without members, and then there is no header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn key_of(member: &str) -> &str {
    member.split_once('=').map_or(member, |(key, _)| key)
}

fn is_key(key: &str) -> bool {
    let is_start = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = |byte: u8| is_start(byte) || b"_-*/@".contains(&byte);
    let first = key.bytes().next().is_some_and(is_start);
    first && key.len() <= KEY_BYTES_MAX && key.bytes().all(fits)
}

fn is_value(value: &str) -> bool {
    let fits = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'=';
    (1..=VALUE_BYTES_MAX).contains(&value.len()) && value.bytes().all(fits)
}
