//! What a secret may be near to: the stems of names, prefixes of tokens, and signs of structure.
use super::command::FLAGS;
use super::kinds::{
    ALNUM, ANYTHING, APART, ASCII, BLANK, BOUNDARY, DIGIT, FOREIGN, GRAPHIC, NAME_END, OPERATOR,
    SIGN, SMALL, USER,
};
use super::list::List;
use super::shape::{SHAPES, Shape};
use super::short::Short;
use crate::redact::name::words_from_end;
use crate::redact::rules::Rules;

/// A piece of text that calls for a closer look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor {
    /// At least three bytes.
    pub(super) text: Short,
    /// Whether letter case counts.
    pub(super) is_exact: bool,
    /// What may stand right before: anything for most.
    pub(super) before: u32,
    /// What may stand right behind.
    pub(super) next: u32,
    pub(super) role: Role,
}

/// How to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Part of a name that a secret may stand under.
    Name,
    /// What redaction itself wrote.
    Marker,
    /// `://`, behind which user and password may stand.
    Url,
    /// The first line of a PEM block.
    Pem,
    /// An authentication scheme with its token.
    Bearer,
    /// An authentication scheme with user and password.
    Basic,
    /// A JSON web token.
    Jwt,
    /// A flag behind which some commands take a secret, by its number.
    Flag(usize),
    /// SQL's words before a password.
    Sql,
    /// The prefix of a known kind of token, by its number.
    Shape(usize),
    /// The prefix of a pattern of the program, by its number.
    Pattern(usize),
}

impl Anchor {
    pub(super) fn is(&self, found: &[u8]) -> bool {
        let text = self.text.as_bytes();
        if self.is_exact { found == text } else { found.eq_ignore_ascii_case(text) }
    }

    const fn new(text: &str, role: Role) -> Self {
        let text = Short::new(text);
        Self { text, is_exact: true, before: ANYTHING, next: ANYTHING, role }
    }

    /// Part of a name, in whatever case.
    const fn name(text: &str) -> Self {
        Self::new(text, Role::Name).in_any_case()
    }

    const fn shape(number: usize, shape: &Shape) -> Self {
        let before = match shape.prefix.as_bytes()[0] {
            b':' => DIGIT,
            byte if byte.is_ascii_alphanumeric() => BOUNDARY,
            b'.' => ANYTHING,
            _ => SIGN,
        };
        let anchor = Self { text: shape.prefix, ..Self::new("", Role::Shape(number)) };
        anchor.before(before).next(shape.next())
    }

    const fn in_any_case(self) -> Self {
        Self { is_exact: false, ..self }
    }

    const fn before(self, before: u32) -> Self {
        Self { before, ..self }
    }

    const fn next(self, next: u32) -> Self {
        Self { next, ..self }
    }
}

/// Words that are looked for wherever they stand in a name.
#[rustfmt::skip]
const STEMS: &[&str] = &[
    "passw", "pass_", "pass-", "kennwort", "contrase", "senha", "twoord", "motdepasse", "passe",
    "secret", "credential", "authoriz", "authoris", "cookie", "sessid", "sessionid", "token", "bearer", "assertion",
    "samlres", "verifier", "phrase", "mnemonic",
    "signature", "_headers", "connect.sid", "apikey", "_uri", "_url",
];

/// Words that a name ends with, also as the end of a longer word.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "pass", "pwd", "pswd", "auth", "jwt", "key", "keys", "dsn", "code", "codes", "access", "private",
];

/// The same, but words of their own.
#[rustfmt::skip]
const APARTS: &[&str] = &[
    "cred", "creds", "psk", "sig", "otp", "totp", "hotp", "cvv", "cvc", "pat", "pin",
];

/// Those with a capital behind a small letter.
const HUMPS: &[&str] = &["Psk", "Sig", "Otp", "Cred", "Creds", "Pin", "Cvv", "Cvc"];

/// Signs that a short word has around it.
const SHORT: &[&str] = &["pw=", "pw :", "pw: ", "pw\":", "pw':", "-pw "];

/// Words that stand before a blank where they are names.
const CAPITALS: &[&str] = &["ACCESS", "PRIVATE", "KEY", "TOKEN", "PAT"];

pub(super) const ANCHORS_MAX: usize = 640;
pub(super) type Anchors = List<Anchor, ANCHORS_MAX>;

/// The anchors of all built-in rules.
pub(super) static ANCHORS: Anchors = built_in();

const fn built_in() -> Anchors {
    let mut all = Anchors::new(Anchor::new("", Role::Marker));
    all.push(Anchor::new("[REDACTED", Role::Marker));
    all.push(Anchor::new("://", Role::Url).before(ALNUM | FOREIGN).next(USER));
    all.push(Anchor::new("-BEGIN ", Role::Pem));
    all.push(Anchor::new("bearer ", Role::Bearer).in_any_case());
    all.push(Anchor::new("basic ", Role::Basic).in_any_case());
    all.push(Anchor::new("AUTH ", Role::Name));
    all.push(Anchor::new("eyJ", Role::Jwt).before(BOUNDARY).next(ALNUM));
    all.push(Anchor::new("identified", Role::Sql).in_any_case());
    let mut at = 0;
    while at < FLAGS.len() {
        all.push(Anchor::new(FLAGS[at].text, Role::Flag(at)).before(ASCII));
        at += 1;
    }
    at = 0;
    while at < STEMS.len() {
        all.push(Anchor::name(STEMS[at]));
        at += 1;
    }
    at = 0;
    while at < SHORT.len() {
        all.push(Anchor::name(SHORT[at]).before(APART).next(GRAPHIC));
        at += 1;
    }
    at = 0;
    while at < CAPITALS.len() {
        all.push(Anchor::new(CAPITALS[at], Role::Name).next(BLANK));
        at += 1;
    }
    at = 0;
    while at < ENDS.len() {
        push_ending(&mut all, Anchor::name(ENDS[at]).before(ASCII));
        at += 1;
    }
    at = 0;
    while at < APARTS.len() {
        push_ending(&mut all, Anchor::name(APARTS[at]).before(APART));
        at += 1;
    }
    at = 0;
    while at < HUMPS.len() {
        push_ending(&mut all, Anchor::new(HUMPS[at], Role::Name).before(SMALL | DIGIT));
        at += 1;
    }
    at = 0;
    while at < SHAPES.as_slice().len() {
        all.push(Anchor::shape(at, &SHAPES.as_slice()[at]));
        at += 1;
    }
    all
}

/// Adds a word as the end of a name: before a sign, before a blank and a sign, or as a flag before a blank. Before any
/// other blank stand too many words of too many sentences.
const fn push_ending(all: &mut Anchors, word: Anchor) {
    let blank = match word.text.as_bytes() {
        [.., b'y' | b'd'] => BLANK,
        _ => 0,
    };
    all.push(word.next(NAME_END | blank));
    let spaced = Anchor { text: word.text.with(b' '), ..word };
    all.push(spaced.next(OPERATOR));
    let flag = Anchor { text: spaced.text.behind(b'-'), ..word };
    all.push(flag.before(ANYTHING));
}

/// The anchors of a program's own rules: the longest word of each name, and the beginning of each pattern.
pub(super) fn added(rules: &Rules) -> Vec<Anchor> {
    const WORD_BYTES_MIN: usize = 3;
    let longest =
        |name: &String| words_from_end(name).max_by_key(|word| word.len()).map(str::to_owned);
    let words = rules.names.iter().filter_map(longest);
    let names = words.filter(|word| word.len() >= WORD_BYTES_MIN).map(|word| Anchor::name(&word));
    let patterns = rules.patterns.iter().enumerate();
    let patterns =
        patterns.map(|(number, pattern)| Anchor::new(pattern.prefix(), Role::Pattern(number)));
    names.chain(patterns).collect()
}
