//! Takes secrets out of a JSON document.
use super::hit::{Argument, Hit, is_name_key, is_value_key};
use crate::redact::{RedactionCounts, Redactor, is_marker};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Deeper values are taken out whole: the walk is recursive, and its stack is not endless.
const DEPTH_MAX: usize = 128;
const DEPTH_RULE: &str = "limit:depth";

impl Redactor {
    /// Replaces every secret in the document by a [`marker`](crate::redact::marker) and says how many each
    /// rule took out.
    ///
    /// What counts as secret is decided by the rules for text and, as [`classify`](crate::redact::classify) does it, by
    /// the name that stands
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
    /// let counts = obs_core::redact::Redactor::new().redact_json(&mut value);
    /// assert_eq!(value["db"]["password"], "[REDACTED:name:password]");
    /// assert_eq!(value["max_tokens"], 9);
    /// assert_eq!(counts.total(), 1);
    /// ```
    pub fn redact_json(&self, value: &mut Value) -> RedactionCounts {
        let mut walk = Walk { redactor: self, counts: RedactionCounts::default() };
        walk.walk(value, 0);
        walk.counts
    }
}

struct Walk<'r> {
    redactor: &'r Redactor,
    counts: RedactionCounts,
}

impl Walk<'_> {
    fn walk(&mut self, value: &mut Value, depth: usize) {
        match value {
            Value::Object(_) | Value::Array(_) if depth >= DEPTH_MAX => {
                self.replace(value, DEPTH_RULE);
            }
            Value::Object(map) => self.object(map, depth),
            Value::Array(items) => self.array(items, depth),
            Value::String(text) => self.text(text),
            _ => {}
        }
    }

    fn object(&mut self, map: &mut Map<String, Value>, depth: usize) {
        let named = self.secret_pair(map);
        for (key, value) in map.iter_mut() {
            let as_value = named.filter(|_| is_value_key(key));
            match as_value.or_else(|| Hit::of(self.redactor, key)) {
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
        match name.as_str().and_then(|name| Hit::of(self.redactor, name)) {
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
        match Argument::of(self.redactor, text) {
            Argument::Plain => self.text(text),
            Argument::Flag(hit) => return Some(hit),
            Argument::Pair { name, rule } => {
                let (name, value) = text.split_at(name.len() + 1);
                if !value.is_empty() && !is_marker(value) {
                    let mut redacted = name.to_owned();
                    self.redactor.mark(&mut redacted, rule, value);
                    *text = redacted;
                    self.counts.add(rule);
                }
            }
        }
        None
    }

    /// The rules for text.
    fn text(&mut self, text: &mut String) {
        if let Cow::Owned(redacted) = self.redactor.redact_counted(text, &mut self.counts) {
            *text = redacted;
        }
    }

    /// The secret name in an object that pairs a name with a value.
    fn secret_pair(&self, map: &Map<String, Value>) -> Option<Hit> {
        let names = map.iter().filter(|(key, _)| is_name_key(key));
        names.filter_map(|(_, name)| name.as_str()).find_map(|name| Hit::of(self.redactor, name))
    }

    /// Takes out every text and number below.
    fn hide(&mut self, value: &mut Value, hit: Hit, depth: usize) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(_) if hit.is_plural => {}
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
            self.hide(value, hit.below(), depth + 1);
        }
    }

    fn hide_text(&mut self, text: &mut String, rule: &str) {
        if !text.is_empty() && !is_marker(text) {
            let secret = std::mem::take(text);
            self.redactor.mark(text, rule, &secret);
            self.counts.add(rule);
        }
    }

    fn replace(&mut self, value: &mut Value, rule: &str) {
        let mut text = String::new();
        self.redactor.mark(&mut text, rule, &value.to_string());
        *value = Value::String(text);
        self.counts.add(rule);
    }
}

fn is_pair(item: &Value) -> bool {
    matches!(item, Value::Array(pair) if pair.len() == 2 && pair[0].is_string())
}
