//! How far a search has come.
use super::bytes::Bytes;
use super::effort::{Effort, Look};
use super::line::Words;
use super::word::{Known, Verdict};
use super::{Found, NEAR_BYTES};
use crate::redact::rules::Rules;
use std::ops::Range;

/// What one text leaves to the next that is looked at with it.
#[derive(Debug, Default)]
pub(in crate::redact) struct Memory {
    pub(in crate::redact) effort: Effort,
    known: Known,
}

impl Memory {
    pub(in crate::redact) fn of(effort: Effort) -> Self {
        Self { effort, known: Known::default() }
    }
}

/// A search of one text, and what is remembered from those before.
#[derive(Debug)]
pub(in crate::redact) struct Progress<'r, 'm> {
    pub(in crate::redact) place: Place<'r>,
    pub(in crate::redact) memory: &'m mut Memory,
}

/// How far a search has come: what is before was looked at.
#[derive(Debug, Clone)]
pub(in crate::redact) struct Place<'r> {
    /// Secrets begin here or behind.
    pub(in crate::redact) from: usize,
    /// What is near to a secret is looked for up to here.
    pub(super) to: usize,
    /// Names that begin before were judged.
    pub(super) judged: usize,
    /// What begins before is no JSON web token.
    pub(super) no_jwt: usize,
    pub(super) words: Words,
    literal: NextLiteral<'r>,
    /// What was found for a name or flag; other secrets may stand before it.
    pub(super) pending: Option<Pending<'r>>,
}

/// What was found behind a place, from which on other secrets may stand before it.
#[derive(Debug, Clone)]
pub(super) struct Pending<'r> {
    pub(super) from: usize,
    pub(super) found: Found<'r>,
}

impl Pending<'_> {
    /// The rest of it, where something else was taken out up to `from`.
    pub(super) fn behind(self, from: usize) -> Option<Self> {
        let Found { range, rule } = self.found;
        let range = range.start.max(from)..range.end;
        (!range.is_empty()).then_some(Self { found: Found { range, rule }, ..self })
    }
}

/// The next text that is known to be secret, once it was looked for.
#[derive(Debug, Clone, Default)]
enum NextLiteral<'r> {
    #[default]
    Unknown,
    None,
    At(Found<'r>),
}

impl<'r, 'm> Progress<'r, 'm> {
    pub(in crate::redact) fn new(memory: &'m mut Memory) -> Self {
        Self::between(0, usize::MAX, memory)
    }

    pub(in crate::redact) fn between(from: usize, to: usize, memory: &'m mut Memory) -> Self {
        let (literal, words) = Default::default();
        let place = Place { from, to, judged: from, no_jwt: 0, words, literal, pending: None };
        Self { place, memory }
    }

    /// Goes on behind a secret.
    pub(in crate::redact) fn go_to(&mut self, from: usize) {
        self.place.from = from;
        self.place.judged = self.place.judged.max(from);
    }

    /// What the name in `range` of the text says.
    pub(super) fn verdict(
        &mut self,
        rules: &Rules,
        text: Bytes<'_>,
        range: &Range<usize>,
    ) -> Verdict {
        let Memory { effort, known } = &mut *self.memory;
        let name = text.part(range.start, range.end);
        known.verdict(rules, name, || effort.take(Look::NewName(name.len())))
    }

    /// What was found for an anchor; others may stand between.
    pub(super) fn defer(&mut self, found: Found<'r>, anchor: Range<usize>) -> Found<'r> {
        let is_far = found.range.start > anchor.end + NEAR_BYTES;
        let pending = || Pending { from: anchor.start + 1, found: found.clone() };
        self.place.pending = is_far.then(pending);
        found
    }

    /// The next text that is known to be secret, which `find` finds behind a place.
    pub(in crate::redact) fn literal(
        &mut self,
        find: impl FnOnce(usize) -> Option<Found<'r>>,
    ) -> Option<Found<'r>> {
        let place = &mut self.place;
        let is_ahead = match &place.literal {
            NextLiteral::Unknown => false,
            NextLiteral::None => true,
            NextLiteral::At(found) => found.range.start >= place.from,
        };
        if !is_ahead {
            place.literal = find(place.from).map_or(NextLiteral::None, NextLiteral::At);
        }
        match &place.literal {
            NextLiteral::At(found) => Some(found.clone()),
            NextLiteral::Unknown | NextLiteral::None => None,
        }
    }

    /// Looks for nothing that begins behind `to`. Returns where the search was before.
    pub(in crate::redact) fn limit(&mut self, to: usize) -> Place<'r> {
        let before = self.place.clone();
        self.place.to = before.to.min(to);
        before
    }

    /// Goes on as far as before a limit.
    pub(in crate::redact) fn go_on(&mut self, before: &Place<'_>) {
        self.place.to = before.to;
    }

    /// Goes on behind `first`; `found` is next, where nothing stands before it.
    pub(in crate::redact) fn wait(&mut self, first: &Found<'_>, found: Found<'r>) {
        self.go_to(first.range.end);
        self.place.pending = Some(Pending { from: self.place.from, found });
    }
}
