//! Files of lines as an outsider reads them.
use super::disk::Disk;
use super::sinks::{CONTEXT_LOST, Content};
use crate::lines::{self, Line};
use flate2::read::MultiGzDecoder;
use obs_core::io::{Io, read as read_file};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What all files of one log say, by number; and how many refusals they tell of.
pub(super) fn read(disk: &Disk, directory: &Path, stem: &str) -> (BTreeMap<u64, Content>, u64) {
    let (mut said, mut refused, mut last) = (BTreeMap::new(), 0, 0);
    for path in files(disk, directory, stem) {
        let bytes = read_file(disk, &path, u64::MAX).expect("a disk without faults");
        let text = if path.extension().is_some_and(|extension| extension == "gz") {
            let mut text = Vec::new();
            MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).expect("whole gzip");
            text
        } else {
            bytes
        };
        for line in lines::parse(&text) {
            last = lines::follow(last, &line);
            refused += refusals(&line);
            if let Some(content) = content(&line) {
                said.insert(last, content);
            }
        }
    }
    (said, refused)
}

/// Refusals by level, be they told for the first time or made up for.
fn refusals(line: &Line) -> u64 {
    let levels = line.get("lost.by_level").and_then(Value::as_object);
    levels.map_or(0, |levels| levels.values().filter_map(Value::as_u64).sum())
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

/// What the line says, as far as the ledger is concerned.
fn content(line: &Line) -> Option<Content> {
    let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| line.get(key).and_then(Value::as_u64);
    if let Some((reason, records)) = lines::lost(line) {
        return (reason != "journal_full").then(|| Content::Lost(reason.to_owned(), records));
    }
    if let Some(span) = line.get("span_id").filter(|_| line.contains_key("duration_ns")) {
        let span = span.as_str().unwrap_or_default();
        let is_unfinished = line.contains_key("unfinished");
        return Some(Content::Other(format!("end {span} unfinished {is_unfinished}")));
    }
    let context = match (text("context.attrs"), text("request_id")) {
        ("lost", _) => CONTEXT_LOST.to_owned(),
        (_, "") => String::new(),
        (_, id) => format!("request_id={id}"),
    };
    Some(Content::Event(number("producer")?, number("number")?, context))
}
