//! Reading JSON lines, strictly.
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::path::Path;

/// The lines of a file: each one JSON object with unique keys and without raw controls, with numbers that grow.
pub(crate) fn read(path: &Path) -> Vec<Map<String, Value>> {
    let lines = parse(&std::fs::read(path).unwrap());
    let seqs: Vec<_> = lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|one, next| one < next), "{seqs:?}");
    lines
}

/// The lines of a text.
pub(crate) fn parse(bytes: &[u8]) -> Vec<Map<String, Value>> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is torn");
    text.split_terminator('\n').map(|line| object(line).unwrap()).collect()
}

/// The lines whose `key` is the text `value`.
pub(crate) fn with<'a>(
    lines: &'a [Map<String, Value>],
    key: &str,
    value: &str,
) -> Vec<&'a Map<String, Value>> {
    lines.iter().filter(|line| line.get(key).is_some_and(|it| it == value)).collect()
}

/// The numbers under `key`, of the lines that have one.
pub(crate) fn numbers(lines: &[Map<String, Value>], key: &str) -> Vec<u64> {
    lines.iter().filter_map(|line| line.get(key)?.as_u64()).collect()
}

/// How many records the lines say are missing.
pub(crate) fn missing(lines: &[Map<String, Value>]) -> u64 {
    let lost = lines.iter().filter(|line| line["event"] == "records lost");
    lost.map(|line| line["lost.records"].as_u64().unwrap()).sum()
}

/// Whether a character could do something on a terminal or in an editor besides being shown.
pub(crate) fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

fn object(line: &str) -> serde_json::Result<Map<String, Value>> {
    assert!(!line.chars().any(is_dangerous), "{line:?}");
    serde_json::from_str(line).map(|Unique(map)| map)
}

struct Unique(Map<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueKeys)
    }
}

struct UniqueKeys;

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = Unique;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a flat object with unique keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
        let mut map = Map::new();
        while let Some((key, value)) = access.next_entry::<String, Value>()? {
            if value.is_object() && key != "lost.by_level" {
                return Err(A::Error::custom(format!("{key} is not flat")));
            }
            if map.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("{key} is there twice")));
            }
        }
        Ok(Unique(map))
    }
}

#[test]
fn a_key_that_is_there_twice_is_an_error() {
    let error = object(r#"{"seq":1,"a":1,"b":[2],"a":3}"#).unwrap_err();
    assert_eq!(error.to_string(), "a is there twice at line 1 column 29");
}
