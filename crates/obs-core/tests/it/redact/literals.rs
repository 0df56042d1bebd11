//! Texts that are known to be secret.
use obs_core::redact::{JsonLines, Literals, RedactStream, RedactionCounts, Redactor};

const PASSWORD: &str = "tr0ub4dor&3 \"quoted\"/ü?";

fn redactor() -> Redactor {
    let mut literals = Literals::default();
    literals.add_variable("DB_PASSWORD", PASSWORD);
    Redactor::new().with_literals(&literals)
}

/// Base64 with padding, as others write it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in bytes.chunks(3) {
        let whole = [part[0], *part.get(1).unwrap_or(&0), *part.get(2).unwrap_or(&0), 0];
        let number = u32::from_be_bytes(whole) >> 8;
        for place in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * place) & 63) as usize];
            out.push(if place > part.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

#[test]
fn a_known_text_is_taken_out_in_every_form_that_programs_write_it_in() {
    let once = serde_json::json!(PASSWORD).to_string();
    let twice = serde_json::json!(once).to_string();
    let hex: String = PASSWORD.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent = "tr0ub4dor%263%20%22quoted%22%2F%C3%BC%3F";
    for text in [
        format!("login with {PASSWORD} as ada"),
        format!("body {once}"),
        format!("body of body {twice}"),
        format!("digits {hex}"),
        format!("DIGITS {}", hex.to_ascii_uppercase()),
        format!("GET /?q={percent}&page=2"),
        format!("GET /?q={}&page=2", percent.to_ascii_lowercase()),
        format!("GET /?q={}&page=2", percent.replace("%20", "+")),
        format!("blob {}", base64(PASSWORD.as_bytes())),
        format!("blob {}", base64(format!("a{PASSWORD}b").as_bytes())),
        format!("blob {}", base64(format!("ab{PASSWORD}bc").as_bytes())),
        format!("blob {}", base64(format!("abc{PASSWORD}bcd").as_bytes())),
        format!("blob {}", base64(PASSWORD.as_bytes()).replace('+', "-").replace('/', "_")),
    ] {
        let redacted = redactor().redact(&text).into_owned();
        assert!(redacted.contains("[REDACTED:literal:environment]"), "{text}: {redacted}");
        assert!(redacted.len() < text.len() + 30, "{text}: {redacted}");
        let rest = redacted.replace("[REDACTED:literal:environment]", "");
        assert!(!rest.contains("tr0ub") && !rest.contains("quoted"), "{rest}");
        assert_eq!(redactor().redact(&redacted), redacted, "twice is once");
    }
}

#[test]
fn words_paths_and_short_texts_are_not_looked_for() {
    let mut literals = Literals::default();
    for (name, value) in [
        ("DB_PASSWORD", "postgres"),
        ("DB_PASSWORD", "a1!"),
        ("API_TOKEN", "/run/secrets/api_token"),
        ("API_TOKEN", "${OTHER_TOKEN}"),
        ("API_TOKEN", "[REDACTED:name:token]"),
        ("HOME", "/srv/ada-2024"),
        ("RUST_LOG", "info,app=debug"),
        ("GREETING", "hello there, number 7 of 9"),
    ] {
        literals.add_variable(name, value);
    }
    literals.add_arguments(["app", "--port", "8080", "--verbose", "serve-all-the-things"]);
    assert!(literals.is_empty(), "{literals:?}");
}

#[test]
fn what_a_variable_or_argument_shows_is_known_from_then_on() {
    let mut literals = Literals::default();
    literals.add_variable("UPSTREAM", "postgres://ada:Corr3ct-Horse@db/x");
    literals.add_arguments(["app", "--api-key", "9f86d081884c7d65"]);
    literals.add_key(&[7; 32]);
    let redactor = Redactor::new().with_literals(&literals);
    let mut counts = RedactionCounts::default();
    let text = format!("Corr3ct-Horse, then 9f86d081884c7d65, then {}", "07".repeat(32));
    let redacted = redactor.redact_counted(&text, &mut counts);
    assert_eq!(
        redacted,
        "[REDACTED:literal:environment], then [REDACTED:literal:argument], then [REDACTED:literal:key]"
    );
    assert_eq!(counts.total(), 3);
    assert_eq!(format!("{literals:?}"), "Literals { count: 3 }");
    assert!(!format!("{redactor:?}").contains("Horse"));
}

#[test]
fn a_known_text_in_a_secret_and_a_secret_in_a_known_text_go_as_one() {
    let mut literals = Literals::default();
    literals.add_variable("A_TOKEN", "inner-Value-1");
    literals.add_variable("B_TOKEN", "user password=hunter2 and more");
    let redactor = Redactor::new().with_literals(&literals);
    for (text, redacted) in [
        ("password=xinner-Value-1y z", "password=[REDACTED:name:password] z"),
        ("is user password=hunter2 and more!", "is [REDACTED:name:password]!"),
        (
            "a inner-Value-1 password=x",
            "a [REDACTED:literal:environment] password=[REDACTED:name:password]",
        ),
        (
            "password=x inner-Value-1",
            "password=[REDACTED:name:password] [REDACTED:literal:environment]",
        ),
        (
            "inner-Value-1inner-Value-1",
            "[REDACTED:literal:environment][REDACTED:literal:environment]",
        ),
    ] {
        assert_eq!(redactor.redact(text), redacted);
    }
    // The value that an anchor points to is far behind it; what stands between is looked at too.
    let token = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    for (before, between, behind, redacted) in [
        (
            "curl -u ",
            ":xinner-Value-1y",
            " z",
            "curl -u [REDACTED:shape:github]:[REDACTED:flag:user] z",
        ),
        (
            "curl -u ",
            ":hunter2",
            " inner-Value-1",
            "curl -u [REDACTED:shape:github]:[REDACTED:flag:user] [REDACTED:literal:environment]",
        ),
        (
            "password.",
            "=inner-Value-1",
            " z",
            "password.[REDACTED:shape:github]=[REDACTED:literal:environment] z",
        ),
    ] {
        let text = format!("{before}{token}{between}{behind}");
        assert_eq!(redactor.redact(&text), redacted);
    }
    for (text, redacted) in [
        (
            "curl -u inner-Value-1:hunter2 z",
            "curl -u [REDACTED:literal:environment]:[REDACTED:flag:user] z",
        ),
        (
            "postgres://inner-Value-1:hunter2@db/x",
            "postgres://[REDACTED:literal:environment]:[REDACTED:url:userinfo]@db/x",
        ),
    ] {
        assert_eq!(redactor.redact(text), redacted);
    }
}

#[test]
fn a_known_text_is_found_across_pieces_and_in_lines_of_json() {
    let text = format!("{}{PASSWORD}\n", "x".repeat(100_000)).repeat(30);
    let whole = redactor().redact(&text).into_owned();
    assert_eq!(whole.matches("[REDACTED:literal:environment]").count(), 30);
    for size in [1 << 16, 99_991] {
        let mut stream = RedactStream::new(&redactor());
        let mut out = Vec::new();
        text.as_bytes()
            .chunks(size)
            .for_each(|piece| stream.write(piece, |bytes| out.extend_from_slice(bytes)));
        assert_eq!(stream.finish(|bytes| out.extend_from_slice(bytes)).total(), 30);
        assert!(out == whole.as_bytes(), "in pieces of {size} bytes");
    }
    let line = serde_json::json!({"message": format!("as {PASSWORD}"), "n": 1}).to_string();
    assert_eq!(
        JsonLines::new(&redactor()).redact(&line),
        r#"{"message":"as [REDACTED:literal:environment]","n":1}"#
    );
}

#[test]
fn of_a_long_key_every_part_is_found() {
    let body: String = (0..300).map(|n| format!("{:04x}Zz{n}\n", n * 7919 % 65_536)).collect();
    let mut literals = Literals::default();
    literals.add_variable("SIGNING_SECRET", &body.repeat(4));
    let redacted = Redactor::new().with_literals(&literals).redact(&body.repeat(4)).into_owned();
    assert!(!redacted.contains("Zz"), "{redacted}");
}
