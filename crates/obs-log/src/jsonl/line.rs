//! Reading a line back: enough of it to know that it is whole, and which record it tells.
use obs_core::{RunId, UnixNanos};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// Reads a line without its newline. `None` if it is not a whole JSON object of this run that has each key once.
pub(super) fn read_line(line: &[u8], run_id: RunId) -> Option<(u64, UnixNanos)> {
    let text = std::str::from_utf8(line).ok()?;
    let Stated { seq, run, time } = serde_json::from_str(text).ok()?;
    (run == run_id && seq > 0).then_some((seq, time))
}

/// What a line says about itself.
struct Stated {
    seq: u64,
    run: RunId,
    time: UnixNanos,
}

#[derive(PartialEq, Eq, Hash, Deserialize)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Stated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StatedVisitor)
    }
}

struct StatedVisitor;

impl<'de> Visitor<'de> for StatedVisitor {
    type Value = Stated;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line of a log")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Stated, A::Error> {
        let (mut seq, mut run, mut time) = (None, None, None);
        let mut keys = HashSet::new();
        while let Some(key) = members.next_key::<Word<'de>>()? {
            match key.0.as_ref() {
                "seq" => seq = Some(members.next_value()?),
                "run_id" => run = Some(parsed(&members.next_value::<Word<'de>>()?)?),
                "timestamp" => time = Some(parsed(&members.next_value::<Word<'de>>()?)?),
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
            if !keys.insert(key) {
                return Err(A::Error::custom("a key stands there twice"));
            }
        }
        let missing = || A::Error::custom("a key is missing");
        Ok(Stated {
            seq: seq.ok_or_else(missing)?,
            run: run.ok_or_else(missing)?,
            time: time.ok_or_else(missing)?,
        })
    }
}

fn parsed<T: std::str::FromStr<Err: fmt::Display>, E: Error>(word: &Word<'_>) -> Result<T, E> {
    word.0.parse().map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use super::read_line;
    use obs_core::{RunId, UnixNanos};

    #[test]
    fn only_whole_lines_of_the_run_with_unique_keys_are_read() {
        let run_id = RunId::new(7, 7);
        let time = "1970-01-01T00:00:00.000000005Z";
        let line = |rest: &str| format!(r#"{{"timestamp":"{time}","run_id":"{run_id}"{rest}"#);
        let read = |line: String| read_line(line.as_bytes(), run_id);
        assert_eq!(read(line(r#","a":[1,{"b":2}],"seq":3}"#)), Some((3, UnixNanos(5))));
        for wrong in [
            line(r#","seq":3"#),
            line(r#","seq":0}"#),
            line(r#","seq":-3}"#),
            line(r#","seq":"3"}"#),
            line("}"),
            line(r#","seq":3,"a":1,"\u0061":2}"#),
            line(r#","seq":3}{}"#),
            line(r#","seq":3}"#).replace("0007", "0008"),
            line(r#","seq":3}"#).replace("1970", "19x0"),
            format!(r#"[3,"{run_id}","{time}"]"#),
            String::new(),
        ] {
            assert_eq!(read(wrong.clone()), None, "{wrong}");
        }
    }
}
