//! Files of JSON lines, read as strictly as a stranger might.
//!
//! `seq` has to grow from line to line, no key may stand in an object twice, no member is an object itself, and
//! no character may be there that could do something on a terminal. What is otherwise panics: it is for tests.
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use std::path::Path;

/// A line: its members by key.
pub type Line = Map<String, Value>;

/// The lines of a file, in order.
///
/// # Panics
/// If there is no such file, or if it does not hold what it should.
#[must_use]
pub fn read(path: &Path) -> Vec<Line> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut last = 0;
    parse(&bytes).inspect(|line| last = follow(last, line)).collect()
}

/// The lines of a text, whose numbers need not grow.
///
/// # Panics
/// If the text does not hold what it should, where that is reached.
pub fn parse(bytes: &[u8]) -> impl Iterator<Item = Line> + '_ {
    let text = std::str::from_utf8(bytes).expect("lines are UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is torn");
    let lines = text.split_terminator('\n');
    lines.map(|line| object(line).unwrap_or_else(|error| panic!("{error}: {line:?}")))
}

/// The number of a line, which has to be above `last`.
///
/// # Panics
/// If it is not, or if there is none.
#[must_use]
pub fn follow(last: u64, line: &Line) -> u64 {
    let seq = line.get("seq").and_then(Value::as_u64).expect("every line has its number");
    assert!(last < seq, "number {seq} after {last}");
    seq
}

/// The lines whose `key` is the text `value`.
#[must_use]
pub fn with<'a>(lines: &'a [Line], key: &str, value: &str) -> Vec<&'a Line> {
    lines.iter().filter(|line| line.get(key).is_some_and(|it| it == value)).collect()
}

/// The numbers under `key`, of the lines that have one.
#[must_use]
pub fn numbers(lines: &[Line], key: &str) -> Vec<u64> {
    lines.iter().filter_map(|line| line.get(key)?.as_u64()).collect()
}

/// How many records the lines say are missing.
#[must_use]
pub fn missing(lines: &[Line]) -> u64 {
    lines.iter().filter_map(lost).map(|(_, records)| records).sum()
}

/// Why, and how many, records are missing, if a line says so.
#[must_use]
pub fn lost(line: &Line) -> Option<(&str, u64)> {
    Some((line.get("lost.reason")?.as_str()?, line.get("lost.records")?.as_u64()?))
}

/// Whether a character could do something on a terminal or in an editor besides being shown.
#[must_use]
pub fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

fn object(line: &str) -> serde_json::Result<Line> {
    match line.chars().find(|c| is_dangerous(*c)) {
        Some(c) => Err(serde_json::Error::custom(format!("{c:?} stands there raw"))),
        None => serde_json::from_str(line).map(|Strict(line)| line),
    }
}

struct Strict(Line);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueKeys)
    }
}

struct UniqueKeys;

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flat object with unique keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Strict, A::Error> {
        let mut line = Line::new();
        while let Some((key, value)) = access.next_entry::<String, Value>()? {
            if value.is_object() && key != "lost.by_level" {
                return Err(A::Error::custom(format!("{key} is not flat")));
            }
            if line.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("{key} is there twice")));
            }
        }
        Ok(Strict(line))
    }
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn what_a_line_may_not_be_is_an_error() {
        for (line, error) in [
            (r#"{"seq":1,"a":1,"b":[2],"a":3}"#, "a is there twice at line 1 column 29"),
            (r#"{"seq":1,"a":{}}"#, "a is not flat at line 1 column 16"),
            ("{\"seq\":1,\"a\":\"\u{202e}\"}", "'\\u{202e}' stands there raw"),
            (r#"{"seq":1}{}"#, "trailing characters at line 1 column 10"),
            (
                "[1]",
                "invalid type: sequence, expected a flat object with unique keys at line 1 column 0",
            ),
        ] {
            assert_eq!(object(line).unwrap_err().to_string(), error, "{line}");
        }
    }
}
