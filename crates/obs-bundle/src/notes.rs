//! What a collector had to say, beside its files.
use crate::collect::Status;
use crate::manifest::{CollectorPart, LeftOut, Why};

/// More errors of one collector are only counted.
const ERRORS_MAX: usize = 100;
/// More files that one collector left out are only counted; those without room are told in little room.
pub(crate) const LEFT_OUT_MAX: usize = 1_000;
const WITHOUT_ROOM_MAX: u64 = 50;
/// Longer texts are cut.
const TEXT_CHARS_MAX: usize = 500;

/// What the collector that is being asked had to say.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    missing: Vec<String>,
    missing_more: usize,
    left_out: Vec<LeftOut>,
    left_out_more: u64,
    without_room: u64,
    /// Bytes of all texts of all collectors.
    pub(crate) text_bytes: usize,
}

impl Notes {
    /// Notes that something is not in the bundle, and why.
    pub(crate) fn missing(&mut self, what: &str) {
        if self.missing.len() < ERRORS_MAX {
            let what = shortened(what);
            self.text_bytes += what.len();
            self.missing.push(what);
        } else {
            self.missing_more += 1;
        }
    }

    /// Notes that a file is not in the bundle because it was not asked for, or has no room.
    pub(crate) fn left_out(&mut self, left_out: LeftOut) {
        self.without_room += u64::from(left_out.why == Why::Size);
        let is_told = self.left_out.len() < LEFT_OUT_MAX && self.without_room <= WITHOUT_ROOM_MAX;
        if is_told || left_out.why != Why::Size && self.left_out.len() < LEFT_OUT_MAX {
            self.text_bytes += left_out.path.len();
            self.left_out.push(left_out);
        } else {
            self.left_out_more += 1;
        }
    }

    /// What came of the collector. `ended` says how it was ended, if it did not end by itself.
    pub(crate) fn part(
        &mut self,
        name: String,
        files: Vec<String>,
        ended: Option<Status>,
    ) -> CollectorPart {
        match std::mem::take(&mut self.without_room) {
            0 => {}
            1 => self.missing("there is no room for a file"),
            count => self.missing(&format!("there is no room for {count} files")),
        }
        let mut errors = std::mem::take(&mut self.missing);
        if self.missing_more > 0 {
            errors.push(format!("{} more", std::mem::take(&mut self.missing_more)));
        }
        let status = ended.unwrap_or(match (errors.is_empty(), files.is_empty()) {
            (true, false) => Status::Ok,
            (true, true) => Status::Skipped,
            (false, false) => Status::Partial,
            (false, true) => Status::Failed,
        });
        let left_out = std::mem::take(&mut self.left_out);
        let left_out_more = std::mem::take(&mut self.left_out_more);
        CollectorPart { name, status, errors, files, left_out, left_out_more }
    }
}

/// The beginning of a long text.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
