//! Texts that are known to be secret, not by their look but because somebody named them so.
use super::redactor::Redactor;
use super::text::{Effort, Found, Memory, Progress, base64_prefix, is_distinct};
use aho_corasick::{AhoCorasick, MatchKind};
use std::ffi::OsString;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

const VARIABLE: &str = "literal:environment";
const ARGUMENT: &str = "literal:argument";
const KEY: &str = "literal:key";
/// More are not looked for.
const TEXTS_MAX: usize = 64;
/// Longer texts are looked for in parts.
const TEXT_BYTES_MAX: usize = 4 << 10;
/// A shorter form of a text stands in too many others.
const FORM_BYTES_MIN: usize = 8;
const DIGITS: &[u8; 16] = b"0123456789abcdef";
const CAPITALS: &[u8; 16] = b"0123456789ABCDEF";

/// Texts that are known to be secret, which are looked for as they are, in base64, in hexadecimal digits, and with the
/// escapes of JSON and of addresses.
///
/// What `DB_PASSWORD` is in the environment is secret wherever it turns up, also where no name stands before it. Texts
/// that are too short, or are words, are not looked for: they would be found everywhere. Up to 64 texts of
/// 4 KiB are kept, in memory alone.
///
/// ```
/// use obs_core::redact::{Literals, Redactor};
///
/// let mut literals = Literals::default();
/// literals.add_variable("DB_PASSWORD", "tr0ub4dor&3");
/// let redactor = Redactor::new().with_literals(&literals);
/// assert_eq!(
///     redactor.redact("login as ada with tr0ub4dor&3, in base64 dHIwdWI0ZG9yJjM="),
///     "login as ada with [REDACTED:literal:environment], in base64 [REDACTED:literal:environment]M="
/// );
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Literals {
    texts: Vec<(Vec<u8>, &'static str)>,
}

impl Literals {
    /// What is secret of the environment and the command line of this process, as they are now.
    pub fn of_process() -> Self {
        let mut literals = Self::default();
        for (name, value) in std::env::vars_os() {
            literals.add_variable(&name.to_string_lossy(), &value.to_string_lossy());
        }
        let arguments: Vec<OsString> = std::env::args_os().collect();
        let arguments: Vec<_> = arguments.iter().map(|text| text.to_string_lossy()).collect();
        literals.add_arguments(arguments.iter().map(AsRef::as_ref));
        literals
    }

    /// Adds what is secret of an environment variable: all of it if its name says so, else what its value shows, such
    /// as the password in an address.
    pub fn add_variable(&mut self, name: &str, value: &str) {
        let redactor = Redactor::new();
        if redactor.classify(name).rule().is_some() {
            self.add(value.as_bytes(), VARIABLE);
        }
        self.add_found(&redactor, value, VARIABLE);
    }

    /// Adds what is secret of a command line.
    pub fn add_arguments<'a>(&mut self, arguments: impl IntoIterator<Item = &'a str>) {
        let line: Vec<&str> = arguments.into_iter().collect();
        self.add_found(&Redactor::new(), &line.join(" "), ARGUMENT);
    }

    /// Adds the bytes of a key.
    pub fn add_key(&mut self, key: &[u8]) {
        self.add(key, KEY);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    fn add_found(&mut self, redactor: &Redactor, text: &str, rule: &'static str) {
        let mut memory = Memory::of(Effort::endless());
        let mut progress = Progress::new(&mut memory);
        while let Some(found) = redactor.next(text.as_bytes(), &mut progress) {
            self.add(&text.as_bytes()[found.range], rule);
        }
    }

    fn add(&mut self, text: &[u8], rule: &'static str) {
        for text in text.chunks(TEXT_BYTES_MAX) {
            let is_known = || self.texts.iter().any(|(known, _)| known == text);
            if self.texts.len() < TEXTS_MAX && (rule == KEY || is_distinct(text)) && !is_known() {
                self.texts.push((text.to_vec(), rule));
            }
        }
    }
}

impl fmt::Debug for Literals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Literals").field("count", &self.texts.len()).finish()
    }
}

/// All forms of all texts, ready to be looked for.
#[derive(Clone)]
pub(super) struct Forms {
    automaton: AhoCorasick,
    /// The rule of each form.
    rules: Arc<[&'static str]>,
}

impl Forms {
    /// `None` where there is nothing to look for.
    pub(super) fn of(literals: &Literals) -> Option<Self> {
        if literals.is_empty() {
            return None;
        }
        let mut forms: Vec<(Vec<u8>, &'static str)> = Vec::new();
        for (text, rule) in &literals.texts {
            let long = forms_of(text).into_iter().filter(|form| form.len() >= FORM_BYTES_MIN);
            forms.extend(long.map(|form| (form, *rule)));
        }
        let mut builder = AhoCorasick::builder();
        let builder = builder.match_kind(MatchKind::LeftmostLongest);
        let automaton = builder.build(forms.iter().map(|(form, _)| form));
        debug_assert!(automaton.is_ok(), "there are few forms, and they are short");
        let rules: Arc<[&'static str]> = forms.iter().map(|(_, rule)| *rule).collect();
        automaton.ok().filter(|_| !rules.is_empty()).map(|automaton| Self { automaton, rules })
    }

    /// Tells where forms begin in `text`.
    pub(super) fn each(&self, text: &[u8], mut tell: impl FnMut(usize)) {
        self.automaton.find_iter(text).for_each(|found| tell(found.start()));
    }

    /// Where the form ends that `at` is in the middle of.
    pub(super) fn end_of_cut(&self, text: &[u8], at: usize) -> Option<usize> {
        let reach = self.automaton.max_pattern_len();
        let from = at.saturating_sub(reach);
        let window = text.get(from..at.saturating_add(reach).min(text.len()))?;
        let mut found = self.automaton.find_iter(window).map(|it| it.range());
        let is_cut = |it: &Range<usize>| from + it.start < at && from + it.end > at;
        found.find(is_cut).map(|it| from + it.end)
    }

    /// The first form that stands in `text` behind `from`.
    pub(super) fn next(&self, text: &[u8], from: usize) -> Option<Found<'static>> {
        let found = self.automaton.find(text.get(from..)?)?;
        let range = from + found.start()..from + found.end();
        Some(Found { range, rule: self.rules[found.pattern().as_usize()] })
    }
}

/// Looks for the literals of a redactor in bytes of any kind that come in pieces.
#[derive(Debug)]
pub struct LiteralSearch {
    forms: Option<Forms>,
    /// The end of what came, where one may begin, and the piece that was looked at last.
    held: Vec<u8>,
    kept_bytes: usize,
}

impl LiteralSearch {
    /// For the literals that `redactor` takes out.
    pub fn new(redactor: &Redactor) -> Self {
        let forms = redactor.literals().cloned();
        let longest = forms.as_ref().map_or(0, |forms| forms.automaton.max_pattern_len());
        Self { forms, held: Vec::new(), kept_bytes: longest.saturating_sub(1) }
    }

    /// Whether one ends in the next piece.
    pub fn is_in(&mut self, piece: &[u8]) -> bool {
        let Some(forms) = &self.forms else { return false };
        self.held.extend_from_slice(piece);
        let is_found = forms.automaton.is_match(&self.held);
        let done = self.held.len().saturating_sub(self.kept_bytes);
        self.held.drain(..done);
        is_found
    }
}

impl fmt::Debug for Forms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forms").field("count", &self.rules.len()).finish()
    }
}

/// The ways in which programs write a text.
fn forms_of(text: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![text.to_vec(), hexadecimal(text, DIGITS), hexadecimal(text, CAPITALS)];
    for offset in 0..3 {
        let digits = base64(text, offset);
        forms.push(digits.replace('+', "-").replace('/', "_").into_bytes());
        forms.push(digits.into_bytes());
    }
    if let Ok(text) = std::str::from_utf8(text) {
        let once = escaped(text);
        forms.push(escaped(&once).into_bytes());
        forms.push(once.into_bytes());
    }
    let address = percent(text, CAPITALS);
    forms.push(String::from_utf8_lossy(&address).replace("%20", "+").into_bytes());
    forms.extend([address, percent(text, DIGITS)]);
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// The digits of base64 that the text alone decides when it stands `offset` bytes behind the beginning of what is
/// encoded, or at any distance that leaves the same rest when it is divided by three.
fn base64(text: &[u8], offset: usize) -> String {
    let digits = base64_prefix(&[&[0; 2][..offset], text].concat());
    digits.get((8 * offset).div_ceil(6)..).unwrap_or_default().to_owned()
}

fn hexadecimal(text: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    text.iter().flat_map(|byte| hex(*byte, digits)).collect()
}

fn hex(byte: u8, digits: &[u8; 16]) -> [u8; 2] {
    [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]
}

/// As it stands in a string of JSON.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As it stands in an address.
fn percent(text: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            byte if byte.is_ascii_alphanumeric() => out.push(*byte),
            byte => {
                out.push(b'%');
                out.extend(hex(*byte, digits));
            }
        }
    }
    out
}
