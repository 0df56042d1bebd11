//! Rules that a program adds, and digits by which equal secrets are recognised.
use obs_core::redact::{Class, DigestKey, Pattern, PatternError, Redactor, Rules};

fn rules(names: &[&str], plain: &[&str]) -> Rules {
    let mut rules = Rules::default();
    rules.names = names.iter().map(|name| (*name).to_owned()).collect();
    rules.plain_names = plain.iter().map(|name| (*name).to_owned()).collect();
    rules
}

#[test]
fn a_name_that_the_program_adds_is_secret_in_all_its_spellings() {
    let redactor = Redactor::with_rules(rules(&["badge_number"], &[]));
    for (text, expected) in [
        ("badge_number=4711", "badge_number=[REDACTED:name:added]"),
        ("staffBadgeNumber: \"A 7\"", "staffBadgeNumber: \"[REDACTED:name:added]\""),
        ("--badge-number 4711x4711y4711", "--badge-number [REDACTED:name:added]"),
        ("number=4711", "number=4711"),
    ] {
        assert_eq!(redactor.redact(text), expected);
    }
    assert_eq!(redactor.classify("badgeNumber"), Class::Secret("name:added"));
}

#[test]
fn a_name_that_the_program_calls_plain_is_left() {
    let redactor = Redactor::with_rules(rules(&[], &["csrf_token"]));
    let text = "csrf_token=abc page.csrfToken=abc access_token=abc";
    let expected = "csrf_token=abc page.csrfToken=abc access_token=[REDACTED:name:token]";
    assert_eq!(redactor.redact(text), expected);
}

#[test]
fn a_pattern_goes_wherever_it_stands() {
    let mut rules = Rules::default();
    rules.patterns.push(Pattern::new("badge", "ACME-[0-9]{4,8}(-[a-z]+)?").unwrap());
    let redactor = Redactor::with_rules(rules);
    let text = "badges ACME-1234, \"ACME-98765432-north\", ACME-12";
    let expected = "badges [REDACTED:pattern:badge], \"[REDACTED:pattern:badge]\", ACME-12";
    assert_eq!(redactor.redact(text), expected);
}

#[test]
fn a_pattern_that_cannot_be_searched_for_is_refused_with_the_reason() {
    for (name, expression, message) in [
        ("badge", "[A-Z]{8}", "does not begin with three characters"),
        ("badge", "AC*ME", "does not begin with three characters"),
        ("badge", "ACME|X", "does not begin with three characters"),
        ("badge", "ACME(", "pattern badge: "),
        ("Badge 7", "ACME", "the name \"Badge 7\""),
        ("", "ACME", "the name \"\""),
    ] {
        let error: PatternError = Pattern::new(name, expression).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn what_is_neither_name_nor_pattern_is_refused() {
    for text in ["/[0-9]{4}-[0-9]{4}/", "badge,{x}", "!", "badge,a;b", "pass*"] {
        let error = text.parse::<Rules>().unwrap_err().to_string();
        assert!(error.contains("is no name; a pattern has one before it"), "{text}: {error}");
    }
    for text in ["badge", "badge number,!csrf_token", "x-badge.id,id=/ACME-[0-9]{8}/", ""] {
        assert_eq!(text.parse::<Rules>().unwrap().to_string(), text);
    }
}

#[test]
fn equal_secrets_have_equal_digits_under_one_key_and_others_under_another() {
    let text = "password=hunter2 url=https://ada:hunter2@h token=other99";
    let redact = |key: &[u8]| {
        let redactor = Redactor::new().with_key(DigestKey::new(key));
        let redacted = redactor.redact(text).into_owned();
        assert_eq!(redactor.redact(&redacted), redacted, "twice is once");
        redacted.split('#').skip(1).map(|rest| rest[..8].to_owned()).collect::<Vec<_>>()
    };
    let (one, other) = (redact(&[1; 32]), redact(&[2; 32]));
    assert_eq!(one.len(), 3);
    assert_eq!(one[0], one[1]);
    assert_ne!(one[0], one[2]);
    assert_ne!(one[0], other[0]);
}

/// RFC 4231, test case 2: key `Jefe`, text `what do ya want for nothing?`, HMAC-SHA-256 `5bdcc146…`.
#[test]
fn the_digits_are_the_first_of_an_hmac() {
    let redactor = Redactor::new().with_key(DigestKey::new(b"Jefe"));
    let redacted = redactor.redact("password='what do ya want for nothing?'");
    assert_eq!(redacted, "password='[REDACTED:name:password#5bdcc146]'");
}
