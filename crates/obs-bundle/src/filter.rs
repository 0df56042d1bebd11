//! Takes secrets out of a file on its way into the bundle. Nothing of it is written anywhere before.
use crate::media::{self, is_segment};
use crate::segment::Segment;
use obs_core::redact::{JsonLines, RedactStream, Redactor};
use std::borrow::Cow;

/// A longer line or document is redacted as text.
const HELD_BYTES_MAX: usize = 8 << 20;
/// A line is redacted so often, or until nothing changes.
const PASSES_MAX: usize = 16;

/// What a file's bytes go through, which come in pieces.
#[derive(Debug)]
pub(crate) enum Filter {
    /// Nothing: it is no text.
    AsIs,
    Text(Box<Text>),
    /// JSON, each line for itself or all of it at once.
    Json(Box<Json>),
    /// A segment of the journal, frame by frame.
    Segment(Box<Segment>),
}

/// Text on its way, which is redacted three times: where only the mark in the place of one secret shows another, the
/// finished bundle would else be refused.
#[derive(Debug)]
pub(crate) struct Text {
    passes: [RedactStream; 3],
}

/// JSON on its way.
#[derive(Debug)]
pub(crate) struct Json {
    redactor: Redactor,
    lines: JsonLines,
    /// For what the marks in the places of secrets show.
    again: JsonLines,
    is_document: bool,
    /// What is not whole yet.
    held: Vec<u8>,
    /// Redacts the rest of a line or document that is too long to be held.
    long: Option<Text>,
    /// What was taken out of lines that are too long or no text.
    others: u64,
}

impl Filter {
    pub(crate) fn of(path: &str, media: &str, redactor: &Redactor) -> Self {
        match media {
            _ if is_segment(path) => Self::Segment(Box::new(Segment::new(redactor))),
            media::LINES => Self::json(redactor, false),
            media::JSON => Self::json(redactor, true),
            media if media::is_text(media) => Self::Text(Box::new(Text::new(redactor))),
            _ => Self::AsIs,
        }
    }

    /// Whether anything was taken out so far.
    pub(crate) fn has_found(&self) -> bool {
        match self {
            Self::AsIs => false,
            Self::Text(text) => text.found() > 0,
            Self::Json(json) => json.found() > 0,
            Self::Segment(segment) => segment.is_other(),
        }
    }

    /// Why the file may not be handed out, if that is known by now.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::Segment(segment) => segment.refusal(),
            _ => None,
        }
    }

    /// How many frames of a segment do not pass as they came.
    pub(crate) fn rewritten(&self) -> u64 {
        match self {
            Self::Segment(segment) => segment.changed(),
            _ => 0,
        }
    }

    fn json(redactor: &Redactor, is_document: bool) -> Self {
        Self::Json(Box::new(Json {
            redactor: redactor.clone(),
            lines: JsonLines::new(redactor),
            again: JsonLines::new(&redactor.clone().patient()),
            is_document,
            held: Vec::new(),
            long: None,
            others: 0,
        }))
    }

    /// What may be told of the file by now.
    pub(crate) fn pass(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(piece.len());
        match self {
            Self::AsIs => out.extend_from_slice(piece),
            Self::Text(text) => text.pass(piece, &mut out),
            Self::Json(json) => json.pass(piece, &mut out),
            Self::Segment(segment) => segment.pass(piece, &mut out),
        }
        out
    }

    /// The rest.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::AsIs => {}
            Self::Text(text) => text.end(&mut out),
            Self::Json(json) => json.end(&mut out),
            Self::Segment(segment) => segment.end(&mut out),
        }
        out
    }
}

impl Text {
    fn new(redactor: &Redactor) -> Self {
        let patient = redactor.clone().patient();
        Self { passes: [redactor, &patient, &patient].map(RedactStream::new) }
    }

    /// How many secrets were taken out so far.
    fn found(&self) -> u64 {
        self.passes.iter().map(|pass| pass.counts().total()).sum()
    }

    fn pass(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        pass(&mut self.passes, piece, out);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let mut passes = self.passes.as_mut_slice();
        while let Some((first, rest)) = passes.split_first_mut() {
            first.end(|bytes| pass(rest, bytes, out));
            passes = rest;
        }
    }
}

/// Passes a piece through all of `passes`.
fn pass(passes: &mut [RedactStream], piece: &[u8], out: &mut Vec<u8>) {
    match passes.split_first_mut() {
        Some((first, rest)) => first.write(piece, |bytes| pass(rest, bytes, out)),
        None => out.extend_from_slice(piece),
    }
}

/// The line without its secrets, and without those that the marks in their places show.
fn stable(lines: &mut JsonLines, again: &mut JsonLines, line: &str) -> String {
    let mut now = lines.redact(line).into_owned();
    if now != line {
        for _ in 1..PASSES_MAX {
            match again.redact(&now) {
                Cow::Borrowed(_) => break,
                Cow::Owned(next) => now = next,
            }
        }
    }
    now
}

impl Json {
    fn pass(&mut self, mut piece: &[u8], out: &mut Vec<u8>) {
        while !piece.is_empty() {
            let line = match self.is_document {
                true => None,
                false => piece.iter().position(|byte| *byte == b'\n').map(|at| at + 1),
            };
            let (now, later) = piece.split_at(line.unwrap_or(piece.len()));
            piece = later;
            match &mut self.long {
                Some(text) => text.pass(now, out),
                None => self.held.extend_from_slice(now),
            }
            if line.is_some() {
                self.end(out);
            } else if self.held.len() > HELD_BYTES_MAX {
                let mut text = Text::new(&self.redactor);
                text.pass(&self.held, out);
                self.held.clear();
                self.long = Some(text);
            }
        }
    }

    /// The line or document is complete.
    fn end(&mut self, out: &mut Vec<u8>) {
        if let Some(text) = self.long.take() {
            return self.end_text(text, out);
        }
        match std::str::from_utf8(&self.held) {
            Ok(text) => {
                out.extend_from_slice(stable(&mut self.lines, &mut self.again, text).as_bytes())
            }
            Err(_) => {
                let mut text = Text::new(&self.redactor);
                text.pass(&self.held, out);
                self.end_text(text, out);
            }
        }
        self.held.clear();
    }

    fn found(&self) -> u64 {
        self.lines.counts().total() + self.again.counts().total() + self.others
    }

    fn end_text(&mut self, mut text: Text, out: &mut Vec<u8>) {
        text.end(out);
        self.others += text.found();
    }
}
