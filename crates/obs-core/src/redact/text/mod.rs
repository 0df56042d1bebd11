//! Finds secrets in free text: by the names they stand under, by their place, and by what they look like.
//!
//! A scan finds the anchors, pieces of text that a secret may be near to; what an anchor means decides which closer
//! look is taken. No look goes further than 64 KiB, or looks again at what an earlier one took, so that time grows with
//! the length of the text, whatever it holds.
mod anchor;
mod bare;
mod bits;
mod bytes;
mod command;
mod compared;
mod effort;
mod frequency;
mod grams;
mod joined;
mod jwt;
mod kinds;
mod line;
mod link;
mod list;
mod named;
mod pem;
mod placeholder;
mod quote;
mod scan;
mod scheme;
mod shape;
mod shapes;
mod short;
mod sql;
mod token;
mod url;
mod word;

pub(super) use effort::{Effort, Look};
pub(super) use short::base64_prefix;
pub(super) use token::is_distinct;

use super::rules::Rules;
use anchor::{Anchor, Role};
use bytes::Bytes;
use line::Words;
use scan::{Hit, Scanner};
use std::borrow::Cow;
use std::ops::Range;
use word::{Known, Verdict};

/// A longer value is taken out up to here, and what follows looked at anew.
pub(super) const VALUE_BYTES_MAX: usize = 64 << 10;
/// No look goes further back, or forward to where a value begins.
pub(super) const CONTEXT_BYTES_MAX: usize = 1 << 10;
/// What a pattern of the program may take.
const PATTERN_BYTES_MAX: usize = 4 << 10;

/// The rule by which a text goes as it is.
pub(super) const WITHHELD: &str = "limit:effort";

/// Between an anchor and a value that is so near nothing else can stand.
const NEAR_BYTES: usize = 8;

/// All rules, ready for use.
#[derive(Debug)]
pub(super) struct Finder {
    anchors: Cow<'static, [Anchor]>,
    scanner: Scanner,
    pub(super) rules: Rules,
}

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found<'r> {
    pub(super) range: Range<usize>,
    pub(super) rule: &'r str,
}

impl<'r> Found<'r> {
    fn new(range: Range<usize>, rule: &'r str) -> Self {
        Self { range, rule }
    }

    /// Both, where they overlap.
    pub(super) fn and(self, other: &Self) -> Self {
        let start = self.range.start.min(other.range.start);
        Self { range: start..self.range.end.max(other.range.end), ..self }
    }
}

/// What one text leaves to the next that is looked at with it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    pub(super) effort: Effort,
    known: Known,
}

impl Memory {
    pub(super) fn of(effort: Effort) -> Self {
        Self { effort, known: Known::default() }
    }
}

/// How far a search has come: what is before was looked at.
#[derive(Debug, Clone)]
pub(super) struct Progress<'r> {
    /// Secrets begin here or behind.
    pub(super) from: usize,
    /// What is near to a secret is looked for up to here.
    to: usize,
    /// Names that begin before were judged.
    judged: usize,
    pub(super) memory: Memory,
    /// What begins before is no JSON web token.
    no_jwt: usize,
    words: Words,
    literal: NextLiteral<'r>,
    /// What was found for a name or flag; other secrets may stand before it.
    pending: Option<Pending<'r>>,
}

/// What was found behind a place, from which on other secrets may stand before it.
#[derive(Debug, Clone)]
struct Pending<'r> {
    from: usize,
    found: Found<'r>,
}

impl Pending<'_> {
    /// The rest of it, where something else was taken out up to `from`.
    fn behind(self, from: usize) -> Option<Self> {
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

impl<'r> Progress<'r> {
    pub(super) fn between(from: usize, to: usize) -> Self {
        let (memory, words) = Default::default();
        let (literal, pending) = (NextLiteral::Unknown, None);
        Self { from, to, judged: from, memory, no_jwt: 0, words, literal, pending }
    }
}

impl<'r> Progress<'r> {
    /// Goes on behind a secret.
    pub(super) fn go_to(&mut self, from: usize) {
        self.from = from;
        self.judged = self.judged.max(from);
    }

    /// What the name in `range` of the text says.
    fn verdict(&mut self, rules: &Rules, text: Bytes<'_>, range: &Range<usize>) -> Verdict {
        let Memory { effort, known } = &mut self.memory;
        let name = text.part(range.start, range.end);
        known.verdict(rules, name, || effort.take(Look::NewName(name.len())))
    }

    /// What was found for an anchor; others may stand between.
    fn defer(&mut self, found: Found<'r>, anchor: Range<usize>) -> Found<'r> {
        let is_far = found.range.start > anchor.end + NEAR_BYTES;
        let pending = || Pending { from: anchor.start + 1, found: found.clone() };
        self.pending = is_far.then(pending);
        found
    }

    /// The next text that is known to be secret, which `find` finds behind a place.
    pub(super) fn literal(
        &mut self,
        find: impl FnOnce(usize) -> Option<Found<'r>>,
    ) -> Option<Found<'r>> {
        let is_ahead = match &self.literal {
            NextLiteral::Unknown => false,
            NextLiteral::None => true,
            NextLiteral::At(found) => found.range.start >= self.from,
        };
        if !is_ahead {
            self.literal = find(self.from).map_or(NextLiteral::None, NextLiteral::At);
        }
        match &self.literal {
            NextLiteral::At(found) => Some(found.clone()),
            NextLiteral::Unknown | NextLiteral::None => None,
        }
    }

    /// The same place, but nothing that begins behind `to` is looked for.
    pub(super) fn up_to(&self, to: usize) -> Self {
        Self { to: self.to.min(to), ..self.clone() }
    }

    /// Goes on behind `first`; `found` is next, where nothing stands before it.
    pub(super) fn wait(&mut self, first: &Found<'_>, found: Found<'r>) {
        self.go_to(first.range.end);
        self.pending = Some(Pending { from: self.from, found });
    }

    /// Goes on from where `other` has come, which was not to look as far.
    pub(super) fn follow(&mut self, other: Self) {
        *self = Self { to: self.to, ..other };
    }
}

impl Default for Progress<'_> {
    fn default() -> Self {
        Self::between(0, usize::MAX)
    }
}

impl Finder {
    pub(super) fn new(rules: Rules) -> Self {
        let built_in = anchor::ANCHORS.as_slice();
        let added = anchor::added(&rules);
        let anchors = match added.is_empty() {
            true => Cow::Borrowed(built_in),
            false => Cow::Owned([built_in, &added].concat()),
        };
        Self { anchors, scanner: Scanner::with(&added), rules }
    }

    /// Tells where anchors are.
    pub(super) fn near(&self, text: &[u8], mut tell: impl FnMut(usize)) {
        let none: Option<()> = self.scanner.find(&self.anchors, text, 0, |hit| {
            tell(hit.start);
            None
        });
        debug_assert_eq!(none, None, "nothing was judged");
    }

    /// The next secret. Does not allocate.
    pub(super) fn next<'r>(
        &'r self,
        text: &[u8],
        progress: &mut Progress<'r>,
    ) -> Option<Found<'r>> {
        let pending = progress.pending.take().and_then(|it| it.behind(progress.from));
        let found = match pending {
            Some(pending) => self.before(pending, text, progress),
            None => {
                let found =
                    self.find(text, progress.from..progress.to.min(text.len()), progress)?;
                match progress.pending.take() {
                    Some(pending) => self.before(pending, text, progress),
                    None => found,
                }
            }
        };
        progress.go_to(found.range.end);
        Some(found)
    }

    /// What begins before what is pending, or that itself.
    fn before<'r>(
        &'r self,
        pending: Pending<'r>,
        text: &[u8],
        progress: &mut Progress<'r>,
    ) -> Found<'r> {
        let Pending { from, found: last } = pending;
        let from = from.max(progress.from);
        let first = self.find(text, from..last.range.start.min(progress.to).max(from), progress);
        progress.pending = None;
        let Some(first) = first.filter(|first| first.range.start < last.range.start) else {
            return last;
        };
        progress.pending = Some(Pending { from, found: last });
        first
    }

    fn find<'r>(
        &'r self,
        text: &[u8],
        range: Range<usize>,
        progress: &mut Progress<'r>,
    ) -> Option<Found<'r>> {
        self.scanner.find(&self.anchors, &text[..range.end], range.start, |hit| {
            progress.memory.effort.come_to(hit.start);
            progress.memory.effort.take(Look::Anchor);
            let found = self.judge(Bytes(text), hit, progress);
            let found = found.filter(|it| it.range.start >= progress.from && !it.range.is_empty());
            match progress.memory.effort.is_spent() {
                true => {
                    progress.pending = None;
                    Some(self.withheld(Bytes(text), hit.start.max(progress.from), found))
                }
                false => found.inspect(|_| progress.memory.effort.take(Look::Found)),
            }
        })
    }

    /// What begins at `start`, or with what was found there, where more was looked at than any text takes that
    /// somebody would read: nobody looks closer, and it goes as it is.
    fn withheld<'r>(
        &'r self,
        text: Bytes<'_>,
        start: usize,
        found: Option<Found<'r>>,
    ) -> Found<'r> {
        let mut end = effort::withheld_end(text, start);
        let tail = end.saturating_sub(CONTEXT_BYTES_MAX).max(start);
        // Marks close where their line ends, keys in PEM do not, and other values begin near to their names.
        let mut near = Progress::between(tail, end);
        near.memory.effort = Effort::endless();
        while let Some(found) = self.next(text.0, &mut near) {
            end = end.max(found.range.end);
        }
        end = end.max(pem::end_of_last(text, start..tail));
        let all = Found::new(start..end, WITHHELD);
        found.map_or(all.clone(), |found| all.and(&found))
    }

    fn judge<'r>(
        &'r self,
        text: Bytes<'_>,
        hit: Hit,
        progress: &mut Progress<'r>,
    ) -> Option<Found<'r>> {
        let Hit { start, end, anchor } = hit;
        match self.anchors[anchor].role {
            Role::Name => {
                let found = named::found(&self.rules, text, start..end, progress)?;
                Some(progress.defer(found, start..end))
            }
            Role::Url => url::found(text, end),
            Role::Pem => pem::found(text, start, end),
            Role::Bearer => {
                progress.memory.effort.take(Look::Name);
                scheme::bearer(text, start, end)
            }
            Role::Basic => {
                progress.memory.effort.take(Look::Name);
                scheme::basic(text, start, end)
            }
            Role::Jwt => jwt::found(text, start, progress),
            Role::Shape(number) => {
                progress.memory.effort.take(Look::Head);
                self.shape(text, start, number)
            }
            Role::UserFlag => {
                let found = command::found(text, start, end, progress)?;
                Some(progress.defer(found, start..end))
            }
            Role::Sql => sql::found(text, end),
            Role::Pattern(number) => {
                progress.memory.effort.take(Look::Pattern);
                self.pattern(text, start, number)
            }
            Role::Marker => {
                progress.judged = progress.judged.max(past_marker(text, end));
                None
            }
        }
    }

    fn pattern(&self, text: Bytes<'_>, start: usize, number: usize) -> Option<Found<'_>> {
        let pattern = &self.rules.patterns[number];
        let window = text.part(start, start + PATTERN_BYTES_MAX);
        let window = window.utf8_chunks().next()?.valid();
        let length = pattern.length(window)?;
        Some(Found::new(start..start + length, pattern.rule()))
    }
}

/// Behind a marker whose opening ends at `at`.
fn past_marker(text: Bytes<'_>, at: usize) -> usize {
    const MARKER_BYTES_MAX: usize = 96;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b":_#".contains(&byte);
    let end = text.past(at, MARKER_BYTES_MAX, is_part);
    if text.at(end) == b']' { end + 1 } else { at }
}
