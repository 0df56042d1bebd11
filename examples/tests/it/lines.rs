//! Reading JSON lines, strictly.
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::path::Path;

/// The lines of a file: each one JSON object with unique keys, with numbers that grow.
pub(crate) fn read(path: &Path) -> Vec<Map<String, Value>> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'), "the last line of {} is torn", path.display());
    let lines: Vec<_> = text.lines().map(|line| parse(line).unwrap()).collect();
    let seqs: Vec<_> = lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|one, next| one < next), "{seqs:?}");
    lines
}

/// The lines whose `key` is the text `value`.
pub(crate) fn with<'a>(
    lines: &'a [Map<String, Value>],
    key: &str,
    value: &str,
) -> Vec<&'a Map<String, Value>> {
    lines.iter().filter(|line| line.get(key).is_some_and(|it| it == value)).collect()
}

fn parse(line: &str) -> serde_json::Result<Map<String, Value>> {
    assert!(!line.chars().any(char::is_control), "{line:?}");
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
            if value.is_object() {
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
    let error = parse(r#"{"seq":1,"a":1,"b":[2],"a":3}"#).unwrap_err();
    assert_eq!(error.to_string(), "a is there twice at line 1 column 29");
}
