//! Names in JSON, and what they say of the values that belong to them.
use crate::redact::Redactor;
use crate::redact::name::Class;

/// A name with a marker in it says what the marker's rule says.
const REDACTED: &str = "[REDACTED";
/// Keys that hold a name, and keys that hold its value, in lists of pairs.
const NAME_KEYS: [&str; 8] =
    ["name", "key", "field", "header", "variable", "attribute", "parameter", "option"];
const VALUE_KEYS: [&str; 3] = ["value", "values", "val"];

/// The rule by which a value goes, and whether its name is a plural.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) rule: &'static str,
    pub(super) is_plural: bool,
}

impl Hit {
    pub(super) fn of(redactor: &Redactor, name: &str) -> Option<Self> {
        let Class::Secret(rule) = redactor.classify(name) else { return None };
        if name.contains(REDACTED) {
            return None;
        }
        Some(Self { rule, is_plural: name.ends_with(['s', 'S']) })
    }

    /// The same for what is below.
    pub(super) fn below(self) -> Self {
        Self { is_plural: false, ..self }
    }
}

pub(super) fn is_name_key(key: &str) -> bool {
    is_in(key, &NAME_KEYS)
}

pub(super) fn is_value_key(key: &str) -> bool {
    is_in(key, &VALUE_KEYS)
}

fn is_in(key: &str, keys: &[&str]) -> bool {
    keys.iter().any(|k| k.eq_ignore_ascii_case(key))
}

/// What a text in a list says of itself or of the next one.
pub(super) enum Argument<'t> {
    /// Nothing.
    Plain,
    /// The next one is the value of this flag.
    Flag(Hit),
    /// It has a secret value behind its equals sign.
    Pair { name: &'t str, rule: &'static str },
}

impl<'t> Argument<'t> {
    /// Judges `--token`, `--token=x` and `TOKEN=x`; flags of one letter say nothing.
    pub(super) fn of(redactor: &Redactor, text: &'t str) -> Self {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let bare = name.trim_start_matches('-');
        let is_flag = bare.len() < name.len();
        if bare.len() < 2 || !bare.bytes().all(is_name_byte) {
            return Self::Plain;
        }
        match (value, Hit::of(redactor, bare)) {
            (None, Some(hit)) if is_flag => Self::Flag(hit),
            (Some(_), Some(hit)) => Self::Pair { name, rule: hit.rule },
            _ => Self::Plain,
        }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}
