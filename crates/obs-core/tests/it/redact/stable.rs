//! What was redacted is left alone when it is redacted again.
use super::kinds::{PASSWORDS, PREFIXED, Sequence, shaped, token};
use super::worst::UNITS;
use obs_core::redact::{Literals, Redactor};

#[rustfmt::skip]
const SIGNS: &[&str] = &[
    " ", "\n", "\t", "=", ":", "\"", "'", "\\\"", ",", ";", "{", "}", "[", "]", "(", ")", "&", "?", "|", "<", ">", "@",
    "/", "http", "Bearer ", "Some(\"", "some(", "value", "%3D", "%22", "\\n", "null", "true", "123456", "user", "api",
    "key", "secret", "max_tokens", "\u{e9}", "\u{1f511}", "[REDACTED:name:token]", "[REDACTED:x#0a1b2c3d]",
    "-----END PRIVATE KEY-----",
];
const SOUPS: usize = 40_000;

/// Log lines as programs write them, each with a secret in it.
fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    let tokens = PREFIXED.iter().map(|kind| token(kind, 5));
    let passwords = PASSWORDS.iter().map(|password| (*password).to_owned());
    for secret in tokens.chain(passwords).chain(shaped().into_iter().map(|(_, secret)| secret)) {
        lines.extend([
            format!("password={secret} user=ada"),
            format!("{{\"token\":\"{secret}\",\"n\":1}}"),
            format!("Authorization: Bearer {secret}"),
            format!("curl -u ada:{secret} https://h.example"),
            format!("Login {{ user: \"ada\", api_key: Some(\"{secret}\") }}"),
            format!("--client-secret {secret} --verbose"),
            format!("if \"{secret}\" == password then token = \"{secret}\""),
        ]);
    }
    lines
}

#[test]
fn what_is_redacted_in_a_log_line_stays_as_it_is() {
    let redactor = Redactor::new();
    for line in lines() {
        let once = redactor.redact(&line).into_owned();
        assert_ne!(once, line);
        assert_eq!(redactor.redact(&once), once, "{line}");
    }
}

/// A few pieces in a row, one of them of `known`.
fn soup(numbers: &mut Sequence, known: &[&str]) -> String {
    let count = 1 + numbers.next() % 8;
    let mut piece = || match numbers.next() % 5 {
        0 | 1 => (*numbers.pick(UNITS)).to_owned(),
        2 | 3 => (*numbers.pick(SIGNS)).to_owned(),
        _ => format!(" {}", token(numbers.pick(PREFIXED), numbers.next() as u64)),
    };
    let mut pieces: Vec<String> = (0..count).map(|_| piece()).collect();
    if !known.is_empty() {
        pieces.insert(numbers.next() % count, (*numbers.pick(known)).to_owned());
    }
    pieces.concat()
}

#[test]
fn of_any_mixture_a_second_pass_leaves_nothing_for_a_third() {
    let redactor = Redactor::new();
    let mut numbers = Sequence::new(20_261_123);
    let mut unstable = 0;
    for _ in 0..SOUPS {
        let soup = soup(&mut numbers, &[]);
        let once = redactor.redact(&soup).into_owned();
        let twice = redactor.redact(&once).into_owned();
        assert_eq!(redactor.redact(&twice), twice, "{soup}");
        unstable += usize::from(once != twice);
    }
    assert!(unstable * 1_000 < SOUPS, "{unstable} of {SOUPS} change when they are redacted again");
}

#[test]
fn in_any_mixture_a_text_that_is_known_is_found() {
    const KNOWN: [&str; 3] = ["inner-Value-1", "access_key_=x Yz9", "a \"b\" password: c7"];
    let mut literals = Literals::default();
    KNOWN.iter().for_each(|known| literals.add_variable("A_TOKEN", known));
    let redactor = Redactor::new().with_literals(&literals);
    let mut numbers = Sequence::new(20_261_124);
    for _ in 0..SOUPS {
        let soup = soup(&mut numbers, &KNOWN);
        let once = redactor.redact(&soup).into_owned();
        assert!(!KNOWN.iter().any(|known| once.contains(known)), "{soup}: {once}");
        let twice = redactor.redact(&once).into_owned();
        assert_eq!(redactor.redact(&twice), twice, "{soup}");
    }
}
