//! What a secret may be near to: the stems of names, prefixes of tokens, and signs of structure.
use super::shape::Shape;
use crate::redact::name::words_from_end;
use crate::redact::rules::Rules;
use std::fmt;

/// A piece of text that calls for a closer look.
pub(super) struct Anchor {
    /// At least three bytes.
    pub(super) text: Box<str>,
    /// Whether letter case counts.
    pub(super) is_exact: bool,
    /// What may stand right before; anything for most.
    pub(super) before: fn(u8) -> bool,
    /// What may stand right behind.
    pub(super) next: fn(u8) -> bool,
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
    /// `-u`, behind which `curl` takes user and password.
    UserFlag,
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

    fn new(text: &str, role: Role) -> Self {
        Self { text: text.into(), is_exact: true, before: anything, next: anything, role }
    }

    pub(super) fn name(text: &str) -> Self {
        Self { is_exact: false, ..Self::new(text, Role::Name) }
    }

    pub(super) fn shape(number: usize, shape: &Shape) -> Self {
        let next = shape.next();
        let before = match shape.prefix.as_bytes().first() {
            Some(b':') => |byte: u8| byte.is_ascii_digit(),
            Some(byte) if byte.is_ascii_alphanumeric() => is_boundary,
            Some(b'.') => anything,
            _ => is_sign,
        };
        Self { next, before, ..Self::new(&shape.prefix, Role::Shape(number)) }
    }
}

impl fmt::Debug for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.text, self.role)
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
const APART: &[&str] = &[
    "cred", "creds", "psk", "sig", "otp", "totp", "hotp", "cvv", "cvc", "pat", "pin",
];

/// Those with a capital behind a small letter.
const HUMPS: &[&str] = &["Psk", "Sig", "Otp", "Cred", "Creds", "Pin", "Cvv", "Cvc"];

/// The anchors of all built-in rules but those of `shapes`, and with them.
pub(super) fn built_in(shapes: &[Shape]) -> Vec<Anchor> {
    let mut all = vec![
        Anchor::new("[REDACTED", Role::Marker),
        Anchor { before: is_scheme, next: is_user, ..Anchor::new("://", Role::Url) },
        Anchor::new("-BEGIN ", Role::Pem),
        Anchor { is_exact: false, ..Anchor::new("bearer ", Role::Bearer) },
        Anchor { is_exact: false, ..Anchor::new("basic ", Role::Basic) },
        Anchor::new("AUTH ", Role::Name),
        Anchor { before: is_boundary, next: is_digit_of_base64, ..Anchor::new("eyJ", Role::Jwt) },
        Anchor {
            before: |byte| byte.is_ascii(),
            next: is_flag_end,
            ..Anchor::new(" -u", Role::UserFlag)
        },
        Anchor { is_exact: false, ..Anchor::new("identified", Role::Sql) },
    ];
    all.extend(STEMS.iter().map(|text| Anchor::name(text)));
    let short = ["pw=", "pw :", "pw: ", "pw\":", "pw':", "-pw "];
    all.extend(short.map(|text| Anchor { before: is_apart, next: is_value, ..Anchor::name(text) }));
    let capitals = ["ACCESS", "PRIVATE", "KEY", "TOKEN", "PAT"];
    all.extend(
        capitals.map(|text| Anchor { next: |b| b == b' ', ..Anchor::new(text, Role::Name) }),
    );
    for text in ENDS {
        all.extend(ending(Anchor { before: |byte| byte.is_ascii(), ..Anchor::name(text) }));
    }
    for text in APART {
        all.extend(ending(Anchor { before: is_apart, ..Anchor::name(text) }));
    }
    for text in HUMPS {
        all.extend(ending(Anchor { before: is_hump, ..Anchor::new(text, Role::Name) }));
    }
    all.extend(shapes.iter().enumerate().map(|(number, shape)| Anchor::shape(number, shape)));
    all
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

/// A word as the end of a name: before a sign, before a blank and a sign, or as a flag before a blank. Before any other
/// blank stand too many words of too many sentences.
fn ending(word: Anchor) -> [Anchor; 3] {
    let Anchor { text, is_exact, before, .. } = word;
    let next = if text.ends_with(['y', 'd']) {
        |byte| is_name_end(byte) || byte == b' '
    } else {
        is_name_end
    };
    let with = |text: String| Anchor { is_exact, before, ..Anchor::new(&text, Role::Name) };
    [
        Anchor { next, ..with(text.to_string()) },
        Anchor { next: is_operator, ..with(format!("{text} ")) },
        Anchor { before: anything, ..with(format!("-{text} ")) },
    ]
}

fn anything(_: u8) -> bool {
    true
}

/// What may stand before a token: a sign, the last byte of a character that is not ASCII, or that of an escape such
/// as `\n` and `%3D`, or that of a colour.
fn is_boundary(byte: u8) -> bool {
    is_sign(byte)
        || (0x80..0xc0).contains(&byte)
        || matches!(
            byte,
            b'm' | b'n' | b'r' | b't' | b'0' | b'2' | b'6' | b'7' | b'A'..=b'D' | b'F'
        )
}

fn is_apart(byte: u8) -> bool {
    is_sign(byte) || matches!(byte, b'm' | b'n' | b'r' | b't')
}

fn is_sign(byte: u8) -> bool {
    byte.is_ascii_punctuation() || byte.is_ascii_control() || byte == b' '
}

/// What may stand behind the last word of a name: a sign of any kind, a colour, or a number that belongs to the name.
fn is_name_end(byte: u8) -> bool {
    byte.is_ascii_punctuation() || byte.is_ascii_digit() || byte == 0x1b
}

/// What may begin a sign of assignment or comparison.
fn is_operator(byte: u8) -> bool {
    matches!(byte, b'=' | b':' | b'!' | b'?' | b'|' | b'+' | b'~' | b'-' | b'<' | b'>')
}

fn is_hump(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_value(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

fn is_digit_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_user(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.%:$<{*".contains(&byte)
}

fn is_flag_end(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'=' | b'\'' | b'"')
}
