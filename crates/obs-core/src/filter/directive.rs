//! One directive of a filter, and how a list of them is read.

use std::fmt;

use super::error::{FilterError, FilterErrorKind};
use crate::level::Level;
use crate::nearest::nearest;
use crate::parse::OneOf;

/// The level of the targets that start with a text; an empty text matches every target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) target: Box<str>,
    /// `None` is off.
    pub(super) level: Option<Level>,
}

impl Directive {
    pub(super) fn new(target: &str, level: Option<Level>) -> Self {
        Self { target: target.into(), level }
    }

    pub(super) fn matches(&self, target: &str) -> bool {
        target.starts_with(&*self.target)
    }

    pub(super) fn lets_pass(&self, level: Level) -> bool {
        self.level.is_some_and(|lowest| level >= lowest)
    }
}

impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self.level.map_or("off", Level::as_str);
        match &*self.target {
            "" => f.write_str(level),
            target => write!(f, "{target}={level}"),
        }
    }
}

/// The usable directives of a list, in its order, and what is wrong with the others.
pub(super) fn read_all(text: &str) -> (Vec<Directive>, Vec<FilterError>) {
    let mut directives = Vec::new();
    let mut errors = Vec::new();
    for (position, part) in parts(text) {
        match read(part) {
            Ok(directive) => directives.push(directive),
            Err((kind, why)) => errors.push(FilterError::new(kind, part, position, why)),
        }
    }
    (directives, errors)
}

/// The parts between commas that are not empty, without the blanks around them, with their byte
/// offsets. A comma within brackets or braces belongs to a span's fields and separates nothing.
fn parts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut depth = 0_usize;
    let split = text.split(move |c| {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    let mut next = 0;
    split
        .map(move |part| {
            let start = next + (part.len() - part.trim_start().len());
            next += part.len() + 1;
            (start, part.trim())
        })
        .filter(|(_, part)| !part.is_empty())
}

type Fault = (FilterErrorKind, String);

fn read(part: &str) -> Result<Directive, Fault> {
    if part.contains(['[', ']', '{', '}']) {
        let why = "directives on spans and fields are not supported".to_owned();
        return Err((FilterErrorKind::Span, why));
    }
    if part.contains('/') {
        let why = "message patterns after a slash are not supported".to_owned();
        return Err((FilterErrorKind::Pattern, why));
    }
    match part.split_once('=') {
        None => bare(part),
        Some((target, level)) => {
            let (target, level) = (target.trim(), level.trim());
            check_target(target)?;
            Ok(Directive::new(target, read_level(level)?))
        }
    }
}

/// A level alone, or a target alone.
fn bare(word: &str) -> Result<Directive, Fault> {
    if let Some(level) = level_of(word) {
        return Ok(Directive::new("", level));
    }
    if let Some(level) = LEVEL_WORDS.into_iter().find(|level| is_slip_of(word, level)) {
        let why = format!("did you mean {level}? for a target of this name write {word}=trace");
        return Err((FilterErrorKind::Level, why));
    }
    check_target(word)?;
    Ok(Directive::new(word, Some(Level::Trace)))
}

fn check_target(target: &str) -> Result<(), Fault> {
    let why = match target {
        "" => "the target before the equals sign is missing".to_owned(),
        _ => match target.chars().find(|c| c.is_whitespace() || matches!(c, '=' | '"' | '\'')) {
            Some(c) => format!("a target has no {c:?} in it"),
            None => return Ok(()),
        },
    };
    Err((FilterErrorKind::Target, why))
}

fn read_level(word: &str) -> Result<Option<Level>, Fault> {
    level_of(word).ok_or_else(|| {
        let why = match nearest(word, LEVEL_WORDS) {
            _ if word.is_empty() => "the level after the equals sign is missing".to_owned(),
            Some(level) => format!("\"{word}\" is not a level, did you mean {level}?"),
            None => format!("\"{word}\" is not a level, expected {}", OneOf(&LEVEL_WORDS)),
        };
        (FilterErrorKind::Level, why)
    })
}

const LEVEL_WORDS: [&str; 7] = ["trace", "debug", "info", "warn", "error", "fatal", "off"];

/// What a level word or number says; `Some(None)` is off.
fn level_of(word: &str) -> Option<Option<Level>> {
    let number = |level| Some(Some(level));
    match word {
        "0" => Some(None),
        "1" => number(Level::Error),
        "2" => number(Level::Warn),
        "3" => number(Level::Info),
        "4" => number(Level::Debug),
        "5" => number(Level::Trace),
        _ if word.eq_ignore_ascii_case("off") => Some(None),
        _ => Level::from_word(word).map(Some),
    }
}

/// Whether `word` is `level` with two neighbours swapped, a letter doubled, or one missing that is
/// not the first: slips of the finger, and no name that a crate would have (`warp` is not one).
fn is_slip_of(word: &str, level: &str) -> bool {
    let (word, level) = (word.to_ascii_lowercase(), level.as_bytes());
    let word = word.as_bytes();
    if level.len() < 4 {
        return false;
    }
    let without = |text: &[u8], at: usize| [&text[..at], &text[at + 1..]].concat();
    match word.len() as isize - level.len() as isize {
        0 => (1..word.len()).any(|at| {
            let mut swapped = word.to_vec();
            swapped.swap(at - 1, at);
            swapped == level
        }),
        1 => (1..word.len()).any(|at| word[at - 1] == word[at] && without(word, at) == level),
        -1 => word.len() >= 4 && (1..level.len()).any(|at| without(level, at) == word),
        _ => false,
    }
}
