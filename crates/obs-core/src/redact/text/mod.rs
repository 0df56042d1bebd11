//! Finds secrets in free text: by the names they stand under, by their place, and by what they look like.
//!
//! A scan finds the anchors, pieces of text that a secret may be near to; what an anchor means decides which closer
//! look is taken. No look goes further than 64 KiB, or looks again at what an earlier one took, so that time grows with
//! the length of the text, whatever it holds.
mod anchor;
mod bare;
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
mod progress;
mod quote;
mod scan;
mod scheme;
mod shape;
mod shapes;
mod short;
mod sieve;
mod sql;
mod token;
mod url;
mod word;

pub(super) use effort::{Effort, Look};
pub(super) use progress::{Memory, Progress};
pub(super) use short::base64_prefix;
pub(super) use token::is_distinct;

use super::rules::Rules;
use anchor::{Anchor, Role};
use bytes::Bytes;
use progress::Pending;
use scan::{Hit, Scanner};
use std::borrow::Cow;
use std::ops::Range;

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

    /// Whether there is no anchor in the text.
    pub(super) fn is_far(&self, text: &[u8]) -> bool {
        self.scanner.find(&self.anchors, text, 0, |_| Some(())).is_none()
    }

    /// The next secret. Does not allocate.
    pub(super) fn next<'r>(
        &'r self,
        text: &[u8],
        progress: &mut Progress<'r, '_>,
    ) -> Option<Found<'r>> {
        let pending = progress.place.pending.take().and_then(|it| it.behind(progress.place.from));
        let found = match pending {
            Some(pending) => self.before(pending, text, progress),
            None => {
                let found = self.find(
                    text,
                    progress.place.from..progress.place.to.min(text.len()),
                    progress,
                )?;
                match progress.place.pending.take() {
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
        progress: &mut Progress<'r, '_>,
    ) -> Found<'r> {
        let Pending { from, found: last } = pending;
        let from = from.max(progress.place.from);
        let first =
            self.find(text, from..last.range.start.min(progress.place.to).max(from), progress);
        progress.place.pending = None;
        let Some(first) = first.filter(|first| first.range.start < last.range.start) else {
            return last;
        };
        progress.place.pending = Some(Pending { from, found: last });
        first
    }

    fn find<'r>(
        &'r self,
        text: &[u8],
        range: Range<usize>,
        progress: &mut Progress<'r, '_>,
    ) -> Option<Found<'r>> {
        self.scanner.find(&self.anchors, &text[..range.end], range.start, |hit| {
            progress.memory.effort.come_to(hit.start);
            progress.memory.effort.take(Look::Anchor);
            let found = self.judge(Bytes(text), hit, progress);
            let found =
                found.filter(|it| it.range.start >= progress.place.from && !it.range.is_empty());
            match progress.memory.effort.is_spent() {
                true => {
                    progress.place.pending = None;
                    Some(self.withheld(Bytes(text), hit.start.max(progress.place.from), found))
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
        let mut memory = Memory::of(Effort::endless());
        let mut near = Progress::between(tail, end, &mut memory);
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
        progress: &mut Progress<'r, '_>,
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
            Role::Flag(number) => {
                progress.memory.effort.take(Look::Name);
                let found = command::found(text, end, number, progress)?;
                Some(progress.defer(found, start..end))
            }
            Role::Sql => sql::found(text, end),
            Role::Pattern(number) => {
                progress.memory.effort.take(Look::Pattern);
                self.pattern(text, start, number)
            }
            Role::Marker => {
                progress.place.judged = progress.place.judged.max(past_marker(text, end));
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
