//! Files of lines as an outsider reads them.
use super::disk::Disk;
use super::sinks::{CONTEXT_LOST, Content};
use flate2::read::MultiGzDecoder;
use obs_core::io::{Io, read as read_file};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What all files of one log say, by number.
pub(super) fn read(disk: &Disk, directory: &Path, stem: &str) -> BTreeMap<u64, Content> {
    let (mut lines, mut last) = (BTreeMap::new(), 0);
    for path in files(disk, directory, stem) {
        let bytes = read_file(disk, &path, u64::MAX).expect("a disk without faults");
        let text = if path.extension().is_some_and(|extension| extension == "gz") {
            let mut text = Vec::new();
            MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).expect("whole gzip");
            text
        } else {
            bytes
        };
        let text = String::from_utf8(text).expect("lines are UTF-8");
        assert!(text.is_empty() || text.ends_with('\n'), "{path:?} ends within a line");
        for line in text.lines() {
            let line: Line = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{path:?}: {error}: {line:?}"));
            let seq = line.0["seq"].as_u64().expect("every line has its number");
            assert!(last < seq, "{path:?}: number {seq} after {last}");
            last = seq;
            if let Some(content) = line.content() {
                lines.insert(seq, content);
            }
        }
    }
    lines
}

/// The files in the order in which they were written.
fn files(disk: &Disk, directory: &Path, stem: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u64, PathBuf)> = Vec::new();
    for path in disk.list(directory).expect("a disk without faults") {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name of ours");
        if name == format!("{stem}.jsonl") {
            found.push((u64::MAX, path));
        } else if let Some(rest) = name.strip_prefix(&format!("{stem}."))
            && let Some((number, "jsonl" | "jsonl.gz")) = rest.split_once('.')
        {
            found.push((number.parse().expect("a number"), path));
        }
    }
    found.sort();
    for pair in found.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "{:?} and {:?} hold the same", pair[0].1, pair[1].1);
    }
    found.into_iter().map(|(_, path)| path).collect()
}

/// An object that has each key once.
struct Line(BTreeMap<String, Value>);

impl Line {
    /// What the line says, as far as the ledger is concerned.
    fn content(&self) -> Option<Content> {
        let text = |key: &str| self.0.get(key).and_then(Value::as_str).unwrap_or_default();
        let number = |key: &str| self.0.get(key).and_then(Value::as_u64);
        if let Some(records) = number("lost.records") {
            let reason = text("lost.reason").to_owned();
            return (reason != "journal_full").then_some(Content::Lost(reason, records));
        }
        if let Some(span) = self.0.get("span_id").filter(|_| self.0.contains_key("duration_ns")) {
            let span = span.as_str().unwrap_or_default();
            let is_unfinished = self.0.contains_key("unfinished");
            return Some(Content::Other(format!("end {span} unfinished {is_unfinished}")));
        }
        let context = match (text("context.attrs"), text("request_id")) {
            ("lost", _) => CONTEXT_LOST.to_owned(),
            (_, "") => String::new(),
            (_, id) => format!("request_id={id}"),
        };
        Some(Content::Event(number("producer")?, number("number")?, context))
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LineVisitor)
    }
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = Line;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Line, A::Error> {
        let mut line = BTreeMap::new();
        while let Some((key, value)) = members.next_entry::<String, Value>()? {
            if line.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands there twice"));
            }
        }
        Ok(Line(line))
    }
}
