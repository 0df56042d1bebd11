//! Takes secrets out of a JSON document, by the names that they stand under.

use serde_json::{Map, Value};

use super::counts::RedactionCounts;
use super::name::classify;
use super::{is_marker, marker};

/// Deeper values are taken out whole: the walk is recursive, and its stack is not endless.
const DEPTH_MAX: usize = 128;
const DEPTH_RULE: &str = "limit:depth";

/// Keys that hold a name, and keys that hold its value, in lists of pairs.
const NAME_KEYS: [&str; 8] =
    ["name", "key", "field", "header", "variable", "attribute", "parameter", "option"];
const VALUE_KEYS: [&str; 3] = ["value", "values", "val"];

/// Replaces every secret in the document by its [`marker`] and says how many each
/// rule took out.
///
/// What counts as secret is decided by [`classify`] on the name that stands
///
/// - as the key in an object, at any depth; below a secret key every text and number goes,
/// - as the name in a pair: `{"name": "password", "value": "x"}`, `[["authorization", "x"]]`,
/// - as a flag in a list of arguments: `["--token", "x"]`, `["--token=x"]`, `["-password", "x"]`
///   (flags of one letter say nothing and are left),
/// - before the equals sign in a list: `["TOKEN=x"]`.
///
/// Booleans, nulls and empty texts are no secrets; a number under a plural (`"secrets": 3`) is a
/// count. A value more than 128 levels deep is taken out whole (`limit:depth`). Doing it twice
/// changes nothing more.
///
/// ```
/// let mut value = serde_json::json!({"db": {"user": "ada", "password": "x"}, "max_tokens": 9});
/// let counts = obs_core::redact::redact_json(&mut value);
/// assert_eq!(value["db"]["password"], "[REDACTED:name:password]");
/// assert_eq!(value["max_tokens"], 9);
/// assert_eq!(counts.total(), 1);
/// ```
pub fn redact_json(value: &mut Value) -> RedactionCounts {
    let mut redactor = Redactor { counts: RedactionCounts::default() };
    redactor.walk(value, 0);
    redactor.counts
}

struct Redactor {
    counts: RedactionCounts,
}

/// The rule by which a value goes, and whether its name is a plural.
#[derive(Clone, Copy)]
struct Hit {
    rule: &'static str,
    plural: bool,
}

impl Hit {
    fn of(name: &str) -> Option<Self> {
        let rule = classify(name).rule()?;
        Some(Self { rule, plural: name.ends_with(['s', 'S']) })
    }
}

impl Redactor {
    fn walk(&mut self, value: &mut Value, depth: usize) {
        match value {
            Value::Object(_) | Value::Array(_) if depth >= DEPTH_MAX => {
                self.replace(value, DEPTH_RULE);
            }
            Value::Object(map) => self.object(map, depth),
            Value::Array(items) => self.array(items, depth),
            _ => {}
        }
    }

    fn object(&mut self, map: &mut Map<String, Value>, depth: usize) {
        let named = secret_pair(map);
        for (key, value) in map.iter_mut() {
            let as_value = named.filter(|_| is_key_in(key, &VALUE_KEYS));
            match as_value.or_else(|| Hit::of(key)) {
                Some(hit) => self.hide(value, hit, depth + 1),
                None => self.walk(value, depth + 1),
            }
        }
    }

    fn array(&mut self, items: &mut [Value], depth: usize) {
        let pairs = items.iter().all(is_pair);
        let mut flag = None;
        for item in items {
            match item {
                Value::Array(pair) if pairs => self.pair(pair, depth + 1),
                Value::String(text) => flag = self.argument(text, flag),
                other => {
                    flag = None;
                    self.walk(other, depth + 1);
                }
            }
        }
    }

    fn pair(&mut self, pair: &mut [Value], depth: usize) {
        let [name, value] = pair else { return };
        match name.as_str().and_then(Hit::of) {
            Some(hit) => self.hide(value, hit, depth + 1),
            None => self.walk(value, depth + 1),
        }
    }

    /// One text in a list; `flag` is the hit of the secret flag just before it. Returns the hit of
    /// this one, if it is such a flag.
    fn argument(&mut self, text: &mut String, flag: Option<Hit>) -> Option<Hit> {
        if let Some(hit) = flag.filter(|_| !text.starts_with("--")) {
            self.hide_text(text, hit.rule);
            return None;
        }
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text.as_str(), None),
        };
        let bare = name.trim_start_matches('-');
        let is_flag = bare.len() < name.len();
        if bare.len() < 2 || !bare.bytes().all(is_name_byte) {
            return None;
        }
        match value {
            None => is_flag.then(|| Hit::of(bare)).flatten(),
            Some(value) => {
                let rule = classify(bare).rule()?;
                if !value.is_empty() && !is_marker(value) {
                    *text = format!("{name}={}", marker(rule));
                    self.counts.add(rule);
                }
                None
            }
        }
    }

    /// Takes out every text and number below.
    fn hide(&mut self, value: &mut Value, hit: Hit, depth: usize) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(_) if hit.plural => {}
            Value::Number(_) => self.replace(value, hit.rule),
            Value::String(text) => self.hide_text(text, hit.rule),
            _ if depth >= DEPTH_MAX => self.replace(value, hit.rule),
            Value::Array(items) => self.hide_all(items, hit, depth),
            Value::Object(map) => self.hide_all(map.values_mut(), hit, depth),
        }
    }

    fn hide_all<'v>(
        &mut self,
        values: impl IntoIterator<Item = &'v mut Value>,
        hit: Hit,
        depth: usize,
    ) {
        for value in values {
            self.hide(value, Hit { plural: false, ..hit }, depth + 1);
        }
    }

    fn hide_text(&mut self, text: &mut String, rule: &'static str) {
        if !text.is_empty() && !is_marker(text) {
            *text = marker(rule).to_string();
            self.counts.add(rule);
        }
    }

    fn replace(&mut self, value: &mut Value, rule: &'static str) {
        *value = Value::String(marker(rule).to_string());
        self.counts.add(rule);
    }
}

/// The secret name in an object that pairs a name with a value.
fn secret_pair(map: &Map<String, Value>) -> Option<Hit> {
    let names = map.iter().filter(|(key, _)| is_key_in(key, &NAME_KEYS));
    names.filter_map(|(_, name)| name.as_str()).find_map(Hit::of)
}

fn is_key_in(key: &str, keys: &[&str]) -> bool {
    keys.iter().any(|k| k.eq_ignore_ascii_case(key))
}

fn is_pair(item: &Value) -> bool {
    matches!(item, Value::Array(pair) if pair.len() == 2 && pair[0].is_string())
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}
