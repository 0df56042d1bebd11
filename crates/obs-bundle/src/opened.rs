//! The file that is being added.
use crate::collect::NewFile;
use crate::content::Tally;
use crate::filter::Filter;
use crate::lines::Lines;
use crate::manifest::{FilePart, Truncated};
use crate::measure::Measure;
use crate::media::{self, is_segment};
use crate::window::Window;
use obs_core::redact::Redactor;
use std::collections::BTreeMap;

/// What a file is cut to in a bundle of bounded size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fitting {
    /// It is there as a whole or not at all.
    Whole,
    /// Of its lines the newest are there.
    Newest,
}

/// What becomes of the bytes that come.
#[derive(Debug)]
pub(crate) enum Stage {
    /// They are written.
    Writing,
    /// They are measured, and come again.
    Measuring,
    /// They are of no use: the file is to be read again, and these come from before.
    Stale,
}

/// The file that is being added.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) file: NewFile,
    pub(crate) tally: Tally,
    pub(crate) filter: Filter,
    redactor: Redactor,
    /// Where the file consists of lines.
    pub(crate) lines: Option<Lines>,
    window: Option<Window>,
    pub(crate) stage: Stage,
    pub(crate) measure: Option<Measure>,
    /// How long the archive may become.
    pub(crate) limit: Option<u64>,
    /// Bytes at the head that are still to be left out.
    skip: u64,
    /// Whether what follows the head begins within a line.
    is_within: bool,
    /// Bytes that came.
    pub(crate) taken_bytes: u64,
}

impl Opened {
    pub(crate) fn new(
        file: NewFile,
        window: Window,
        limit: Option<u64>,
        redactor: &Redactor,
    ) -> Self {
        let window = Some(window).filter(|window| !window.is_unbounded());
        let lines = lines(&file, window);
        let tally = Tally::new(&file.media_type);
        let (stage, measure) = (Stage::Writing, None);
        let (filter, redactor) =
            (Filter::of(&file.path, &file.media_type, redactor), redactor.clone());
        let (skip, is_within) = (0, false);
        Self {
            file,
            tally,
            filter,
            redactor,
            lines,
            window,
            stage,
            measure,
            limit,
            skip,
            is_within,
            taken_bytes: 0,
        }
    }

    /// The file will be read again from its beginning.
    pub(crate) fn restart(&mut self) {
        self.tally = Tally::new(&self.file.media_type);
        self.filter = Filter::of(&self.file.path, &self.file.media_type, &self.redactor);
        self.lines = lines(&self.file, self.window);
        self.skip = self.measure.as_ref().and_then(Measure::skip).unwrap_or(0);
        self.is_within = self.skip > 0;
        self.taken_bytes = 0;
    }

    /// What of the next bytes stands behind the head that is left out.
    pub(crate) fn behind_head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        // The last byte of the head is looked at, too: it may end a line.
        let head = self.skip.saturating_sub(1).min(bytes.len() as u64);
        if self.is_within {
            self.skip -= head;
        }
        let rest = if self.is_within { &bytes[head as usize..] } else { bytes };
        if !self.is_within || rest.is_empty() {
            return rest;
        }
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(at) => {
                self.is_within = false;
                &rest[at + 1..]
            }
            None => &[],
        }
    }

    /// Its description, and its marks of redaction.
    pub(crate) fn describe(
        self,
        truncated: Option<Truncated>,
    ) -> (FilePart, BTreeMap<String, u64>) {
        let (content, file) = (self.tally.finish(), self.file);
        let total = self.measure.as_ref().map(Measure::total);
        let head = total.filter(|total| *total > content.size).map(Truncated::head);
        let is_torn = is_segment(&file.path) && self.taken_bytes > content.size;
        let torn = is_torn.then(|| Truncated::tail(Some(self.taken_bytes)));
        let part = FilePart {
            path: file.path,
            role: file.role,
            media_type: file.media_type,
            size: content.size,
            sha256: content.sha256,
            records: content.records,
            redactions: content.redactions.values().sum(),
            rewritten: self.filter.rewritten(),
            truncated: truncated.or(head).or(torn).or(file.truncated),
            selected: self.lines.and_then(|lines| lines.selected()),
            source: file.source,
        };
        (part, content.redactions)
    }
}

fn lines(file: &NewFile, window: Option<Window>) -> Option<Lines> {
    let lines = || window.zip(file.times).map_or_else(Lines::default, Lines::in_window);
    (file.media_type == media::LINES).then(lines)
}

#[cfg(test)]
mod tests {
    use super::Opened;
    use crate::collect::NewFile;
    use crate::window::Window;
    use obs_core::redact::Redactor;

    #[test]
    fn what_stands_behind_the_head_begins_with_a_line() {
        let text = b"one\ntwo\nthree\n";
        for (skip, rest) in [
            (0, "one\ntwo\nthree\n"),
            (1, "two\nthree\n"),
            (4, "two\nthree\n"),
            (5, "three\n"),
            (8, "three\n"),
            (13, ""),
            (14, ""),
        ] {
            for length in 1..=text.len() {
                let file = NewFile::new("run/log.jsonl", "log");
                let mut opened = Opened::new(file, Window::default(), None, &Redactor::new());
                (opened.skip, opened.is_within) = (skip, skip > 0);
                let pieces = text.chunks(length).map(|piece| opened.behind_head(piece).to_vec());
                let kept: Vec<u8> = pieces.flatten().collect();
                assert_eq!(String::from_utf8(kept).unwrap(), rest, "{skip} in pieces of {length}");
            }
        }
    }
}
