//! The log lines and spans of a bundle, counted and grouped as they stream by.
use crate::markdown::code;
use obs_bundle::{BundleError, Manifest, Reader};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// So many groups of errors are shown.
const SHOWN_MAX: usize = 20;
/// So many are kept, the newest, while lines are read.
const GROUPS_MAX: usize = 1_000;
/// So many open spans are named.
const OPEN_MAX: usize = 20;
/// A longer line is counted as none.
const LINE_BYTES_MAX: usize = 1 << 20;
/// Of longer texts the beginning is kept.
const TEXT_CHARS_MAX: usize = 300;

/// Errors that say the same.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Group {
    pub(crate) level: String,
    pub(crate) event: String,
    pub(crate) logger: String,
    pub(crate) count: u64,
    pub(crate) first: String,
    pub(crate) last: String,
    #[serde(skip)]
    order: u64,
}

impl Group {
    /// A line of Markdown.
    pub(crate) fn line(&self) -> String {
        let (event, logger) = (code(&self.event), code(&self.logger));
        let last = code(&self.last);
        match self.count {
            1 => format!("{last} {} {event} in {logger}", code(&self.level)),
            count => format!(
                "{last} {} {event} in {logger}, {count} times since {}",
                code(&self.level),
                code(&self.first)
            ),
        }
    }
}

/// What the lines come to.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    pub(crate) levels: BTreeMap<String, u64>,
    /// Lines that are no lines of a log.
    pub(crate) unread: u64,
    /// The last spans that were open when the run ended.
    pub(crate) open: Vec<String>,
    groups: HashMap<(String, String), Group>,
    lines: u64,
}

/// What matters of a line.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    #[serde(borrow)]
    level: Cow<'a, str>,
    #[serde(borrow, default)]
    event: Cow<'a, str>,
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    logger: Cow<'a, str>,
    #[serde(default)]
    unfinished: bool,
}

impl Digest {
    /// Reads all lines of logs and spans, oldest file first. Memory does not grow with them.
    pub(crate) fn read(reader: &mut Reader, manifest: &Manifest) -> Result<Self, BundleError> {
        let mut digest = Self::default();
        for role in ["log", "spans"] {
            let files = manifest.files.iter().filter(|file| file.role == role);
            let mut paths: Vec<&str> = files.map(|file| file.path.as_str()).collect();
            paths.sort_unstable();
            for path in paths {
                let mut begun = Vec::new();
                reader.read(path, &mut |piece| {
                    for part in piece.split_inclusive(|byte| *byte == b'\n') {
                        begun.extend_from_slice(&part[..part.len().min(LINE_BYTES_MAX)]);
                        if part.ends_with(b"\n") || begun.len() > LINE_BYTES_MAX {
                            digest.take(&begun, role);
                            begun.clear();
                        }
                    }
                    Ok(())
                })?;
            }
        }
        let excess = digest.open.len().saturating_sub(OPEN_MAX);
        digest.open.drain(..excess);
        Ok(digest)
    }

    fn take(&mut self, line: &[u8], role: &str) {
        let Ok(line) = serde_json::from_slice::<Line<'_>>(line) else {
            self.unread += 1;
            return;
        };
        if role == "spans" {
            self.take_span(&line);
            return;
        }
        self.lines += 1;
        let known = self.levels.contains_key(&*line.level) || self.levels.len() < 10;
        let level = if known { cut(&line.level) } else { "other".to_owned() };
        *self.levels.entry(level).or_default() += 1;
        if matches!(&*line.level, "error" | "fatal") {
            self.take_error(&line);
        }
    }

    fn take_span(&mut self, line: &Line<'_>) {
        if !line.unfinished {
            return;
        }
        if self.open.len() >= 2 * OPEN_MAX {
            self.open.drain(..OPEN_MAX);
        }
        self.open.push(cut(&line.name));
    }

    fn take_error(&mut self, line: &Line<'_>) {
        let key = (cut(&line.event), cut(&line.logger));
        let order = self.lines;
        let group = self.groups.entry(key).or_insert_with_key(|(event, logger)| Group {
            level: cut(&line.level),
            event: event.clone(),
            logger: logger.clone(),
            count: 0,
            first: cut(&line.timestamp),
            last: String::new(),
            order,
        });
        group.count += 1;
        group.order = order;
        group.last = cut(&line.timestamp);
        if self.groups.len() > GROUPS_MAX {
            let mut orders: Vec<u64> = self.groups.values().map(|group| group.order).collect();
            orders.sort_unstable();
            let middle = orders[orders.len() / 2];
            self.groups.retain(|_, group| group.order > middle);
        }
    }

    /// The last groups of errors, newest first.
    pub(crate) fn last_errors(&self) -> Vec<&Group> {
        let mut groups: Vec<&Group> = self.groups.values().collect();
        groups.sort_unstable_by_key(|group| std::cmp::Reverse(group.order));
        groups.truncate(SHOWN_MAX);
        groups
    }
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}
