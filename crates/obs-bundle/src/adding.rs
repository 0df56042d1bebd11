//! One file on its way into the archive: as it is, or as far as there is room.
use crate::archive::Form;
use crate::collect::{NewFile, PLAIN_BYTES_MAX};
use crate::collection::{Collection, output_error};
use crate::error::{BundleError, BundleErrorKind};
use crate::lines::Lines;
use crate::manifest::{LeftOut, Truncated, Why};
use crate::measure::Measure;
use crate::media;
use crate::opened::{Fitting, Opened, Stage};
use crate::remote::{Answer, Ending};
use std::io;

/// Lines deflate to less than one part in so many: a file that is longer by more than that is measured at once.
const RATIO_LIKELY: u64 = 16;

impl Collection {
    /// Begins a file.
    pub(crate) fn begin(&mut self, mut file: NewFile) -> Result<Answer, BundleError> {
        if !self.options.wants(&file.path) {
            self.notes.left_out(LeftOut::new(file.path, Why::Excluded));
            return Ok(Answer::LeaveOut);
        }
        if !self.may_be_handed_out(&file) {
            self.notes.left_out(LeftOut::new(file.path, Why::Binary));
            return Ok(Answer::LeaveOut);
        }
        let limit = self.admit(&mut file)?;
        let room = limit.map(|limit| limit.saturating_sub(self.archive.bytes()));
        let is_long = room.is_some_and(|room| file.bytes > room.saturating_mul(RATIO_LIKELY));
        let is_cut = is_long && file.fitting == Fitting::Newest;
        let mut opened = Opened::new(file, self.options.window, limit, &self.redactor);
        if let Some(room) = room.filter(|_| is_cut) {
            opened.measure = Some(Measure::new(room));
            opened.stage = Stage::Measuring;
            self.open = Some(opened);
            return Ok(Answer::Go);
        }
        self.open = Some(opened);
        self.start()?;
        Ok(if self.is_too_long() { self.overflow()? } else { Answer::Go })
    }

    /// Whether secrets in it can be seen: in a text, or in what the toolkit itself wrote.
    fn may_be_handed_out(&self, file: &NewFile) -> bool {
        let is_readable = media::is_text(&file.media_type) || file.is_own;
        is_readable || self.options.include_binary
    }

    /// Begins the entry of the file that is being added.
    fn start(&mut self) -> Result<(), BundleError> {
        let Some(Opened { file, .. }) = &self.open else { return Ok(()) };
        let form = Form {
            is_deflated: !media::is_compressed(&file.media_type),
            is_large: file.bytes_max > PLAIN_BYTES_MAX,
        };
        let started = self.archive.start(&file.path, form);
        started.map_err(|error| self.note_broken(&error))
    }

    /// Takes the next bytes of the file that is being added. All bytes of all files pass here. Returns what the
    /// collector is to be told before it asks.
    pub(crate) fn copy(&mut self, piece: &[u8]) -> Result<Option<Answer>, BundleError> {
        let Some(open) = self.open.as_mut().filter(|open| !matches!(open.stage, Stage::Stale))
        else {
            return Ok(None);
        };
        open.taken_bytes += piece.len() as u64;
        let wanted = match &mut open.lines {
            Some(lines) => lines.pass(piece),
            None => piece,
        };
        let clean = open.filter.pass(wanted);
        match open.filter.refusal() {
            Some(why) => self.withhold(why).map(Some),
            None => self.put(&clean),
        }
    }

    /// Leaves out the file that is being added, because nobody can tell whether there are secrets in it.
    fn withhold(&mut self, why: &str) -> Result<Answer, BundleError> {
        self.take_back()?;
        if let Some(open) = self.open.take() {
            let path = open.file.path;
            self.notes.missing(&format!("\"{path}\" may hold secrets and is left out: {why}"));
            self.notes.left_out(LeftOut::new(path, Why::Redaction));
        }
        Ok(Answer::LeaveOut)
    }

    /// The same for what is still held back; what is left of an unfinished line only where the file is whole.
    fn put_rest(&mut self, is_whole: bool) -> Result<Option<Answer>, BundleError> {
        let Some(open) = &mut self.open else { return Ok(None) };
        let lines = open.lines.as_mut().filter(|_| is_whole);
        let rest = lines.map(Lines::finish).unwrap_or_default();
        let mut clean = open.filter.pass(&rest);
        clean.extend(open.filter.finish());
        match open.filter.refusal() {
            Some(why) => self.withhold(why).map(Some),
            None => self.put(&clean),
        }
    }

    /// Counts and writes what is to stand in the bundle, or measures it.
    fn put(&mut self, bytes: &[u8]) -> Result<Option<Answer>, BundleError> {
        let Some(open) = &mut self.open else { return Ok(None) };
        if let (Stage::Measuring, Some(measure)) = (&open.stage, &mut open.measure) {
            return measure.push(bytes).map(|()| None).map_err(|error| output_error(&error));
        }
        let bytes = open.behind_head(bytes);
        open.tally.update(bytes);
        let written = self.archive.write(bytes);
        written.map_err(|error| self.note_broken(&error))?;
        Ok(if self.is_too_long() { Some(self.overflow()?) } else { None })
    }

    fn is_too_long(&self) -> bool {
        let limit = self.open.as_ref().and_then(|open| open.limit);
        limit.is_some_and(|limit| self.archive.bytes() > limit)
    }

    /// Takes the file back that is being added, because it became too long, and says how to go on.
    fn overflow(&mut self) -> Result<Answer, BundleError> {
        let bytes = self.archive.bytes();
        self.take_back()?;
        let taken = self.archive.bytes();
        let Some(open) = &mut self.open else { return Ok(Answer::LeaveOut) };
        let limit = open.limit.unwrap_or(u64::MAX);
        match &mut open.measure {
            _ if open.file.fitting == Fitting::Whole => return Ok(self.leave_out()),
            None => {
                open.restart();
                open.measure = Some(Measure::new(limit.saturating_sub(taken)));
            }
            Some(measure) => {
                measure.shrink(bytes.saturating_sub(limit));
                if measure.skip().is_none() {
                    return Ok(self.leave_out());
                }
                open.restart();
            }
        }
        open.stage = Stage::Stale;
        Ok(Answer::Again)
    }

    fn leave_out(&mut self) -> Answer {
        if let Some(open) = self.open.take() {
            self.notes.left_out(LeftOut::new(open.file.path, Why::Size));
        }
        Answer::NoRoom
    }

    fn take_back(&mut self) -> Result<(), BundleError> {
        let taken = self.archive.take_back();
        taken.map_err(|error| self.note_broken(&error))
    }

    /// The collector goes on with the first byte of the file that is being added.
    pub(crate) fn again(&mut self) -> Result<(), BundleError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let is_measured = open.measure.as_ref().is_some_and(|measure| measure.total() > 0);
        if is_measured {
            open.stage = Stage::Writing;
            return self.start();
        }
        open.stage = Stage::Measuring;
        Ok(())
    }

    /// Completes the file that is being added, all of whose bytes were taken. `None` when nobody waits for an answer.
    pub(crate) fn end(&mut self, ending: Ending) -> Option<Result<Answer, BundleError>> {
        match self.open.as_ref()?.stage {
            Stage::Stale => None,
            Stage::Measuring => Some(self.end_measuring()),
            Stage::Writing => Some(self.end_writing(ending)),
        }
    }

    fn end_measuring(&mut self) -> Result<Answer, BundleError> {
        let broken = |error: io::Error| output_error(&error);
        self.put_rest(true)?;
        let Some(open) = &mut self.open else { return Ok(Answer::LeaveOut) };
        if let Some(measure) = &mut open.measure {
            measure.end().map_err(broken)?;
            if measure.skip().is_none() {
                return Ok(self.leave_out());
            }
        }
        open.restart();
        open.stage = Stage::Stale;
        Ok(Answer::Again)
    }

    fn end_writing(&mut self, ending: Ending) -> Result<Answer, BundleError> {
        if let Some(answer) = self.put_rest(matches!(ending, Ending::Whole))? {
            return Ok(answer);
        }
        self.archive.flush().map_err(|error| self.note_broken(&error))?;
        if self.is_too_long() {
            return self.overflow();
        }
        let cut = self.open.as_ref().and_then(|open| open.measure.as_ref()).map(Measure::total);
        match ending {
            Ending::Whole => {
                let path = self.close(None)?;
                let there = self.files.last().map_or(0, |file| file.size);
                let Some(total) = cut.filter(|total| *total > there) else { return Ok(Answer::Go) };
                let what = format!("\"{path}\" has room for the last {there} bytes of {total}");
                self.notes.missing(&what);
                Ok(Answer::Cut)
            }
            Ending::Bound(bytes_max) => {
                let path = self.close(Some(Truncated::tail(None)))?;
                self.notes.missing(&format!("\"{path}\" is cut after {bytes_max} bytes"));
                Ok(Answer::Go)
            }
            Ending::Failed(why) => {
                let path = self.close(Some(Truncated::tail(None)))?;
                let message = format!("cannot read all of \"{path}\": {why}");
                Err(BundleError::new(BundleErrorKind::Source, message))
            }
        }
    }

    /// Completes the file that is being added, though its collector has not: what is there stays, if it may.
    pub(crate) fn abandon(&mut self) -> Result<(), BundleError> {
        match self.open.as_ref().map(|open| &open.stage) {
            None => Ok(()),
            Some(Stage::Writing) => {
                self.put_rest(false)?;
                self.archive.flush().map_err(|error| self.note_broken(&error))?;
                if self.is_too_long() {
                    self.take_back()?;
                    self.leave_out();
                    return Ok(());
                }
                self.close(Some(Truncated::tail(None))).map(|_| ())
            }
            Some(_) => {
                let path = self.open.take().map(|open| open.file.path).unwrap_or_default();
                self.notes.missing(&format!("\"{path}\" was not read to its end"));
                Ok(())
            }
        }
    }

    /// Ends the entry, describes the file and returns its path.
    fn close(&mut self, truncated: Option<Truncated>) -> Result<String, BundleError> {
        let Some(open) = self.open.take() else { return Ok(String::new()) };
        let ended = self.archive.flush().and_then(|()| self.archive.end());
        ended.map_err(|error| self.note_broken(&error))?;
        let (part, redactions) = open.describe(truncated);
        for (rule, count) in redactions {
            *self.redactions.entry(rule).or_default() += count;
        }
        let path = part.path.clone();
        self.files.push(part);
        Ok(path)
    }
}
