//! Secrets in lines of JSON.
use expect_test::{Expect, expect};
use obs_core::redact::{JsonLines, Redactor};
use std::borrow::Cow;

#[track_caller]
fn check(line: &str, expected: Expect) {
    let redactor = Redactor::new();
    let mut lines = JsonLines::new(&redactor);
    let redacted = lines.redact(line).into_owned();
    expected.assert_eq(&redacted);
    assert_eq!(lines.redact(&redacted), redacted, "twice is once");
    if serde_json::from_str::<serde_json::Value>(line).is_ok() {
        serde_json::from_str::<serde_json::Value>(&redacted).unwrap();
    }
}

#[test]
fn only_secrets_change() {
    check(
        r#"{ "n":1.0e+3,"big":123456789012345678901234567890, "s":"aä\/\u00e4", "password" : "x", "a":[ true,null ] }"#,
        expect![[
            r#"{ "n":1.0e+3,"big":123456789012345678901234567890, "s":"aä\/\u00e4", "password" : "[REDACTED:name:password]", "a":[ true,null ] }"#
        ]],
    );
}

#[test]
fn a_line_without_secret_is_given_back_as_it_is() {
    let redactor = Redactor::new();
    let line = "{\"max_tokens\":5, \"a\":{\"b\":[1,\"two\"]},\"session_id\":\"x\"}\r\n";
    assert!(matches!(JsonLines::new(&redactor).redact(line), Cow::Borrowed(same) if same == line));
}

#[test]
fn everything_below_a_secret_name_goes() {
    check(
        r#"{"credentials":{"user":"ada","pins":[1,2],"on":true,"none":null,"empty":""},"tokens":3}"#,
        expect![[
            r#"{"credentials":{"user":"[REDACTED:name:credential]","pins":["[REDACTED:name:credential]","[REDACTED:name:credential]"],"on":true,"none":null,"empty":""},"tokens":3}"#
        ]],
    );
}

#[test]
fn names_in_pairs_and_flags_count() {
    check(
        r#"[{"name":"token","type":"text","value":"x"},{"value":["y"],"key":"Set-Cookie"},["--password","z","-v"],[["api_key","k"],["a","b"]],["TOKEN=t","PATH=/bin"]]"#,
        expect![[
            r#"[{"name":"token","type":"text","value":"[REDACTED:name:token]"},{"value":["[REDACTED:name:cookie]"],"key":"Set-Cookie"},["--password","[REDACTED:name:password]","-v"],[["api_key","[REDACTED:name:api_key]"],["a","b"]],["TOKEN=[REDACTED:name:token]","PATH=/bin"]]"#
        ]],
    );
}

#[test]
fn strings_are_redacted_as_what_they_stand_for() {
    check(
        r#"{"text":"\u0070assword=hun\u0074er2\nnext","m":"{\"token\":\"abc\"}"}"#,
        expect![[
            r#"{"text":"password=[REDACTED:name:password]\nnext","m":"{\"token\":\"[REDACTED:name:token]\"}"}"#
        ]],
    );
}

#[test]
fn a_key_that_is_a_secret_goes_too() {
    let token = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    check(&format!(r#"{{"{token}":1}}"#), expect![[r#"{"[REDACTED:shape:github]":1}"#]]);
}

#[test]
fn what_is_not_json_is_redacted_as_text() {
    for line in [
        r#"{"password":"x" oops}"#,
        r#"{"password":"x""#,
        r#"plain "password":"x""#,
        r#"{"a":1}{"password":"x"}"#,
        r#"{"a":1,}  {"password":"x"}"#,
    ] {
        let redactor = Redactor::new();
        let redacted = JsonLines::new(&redactor).redact(line).into_owned();
        assert_eq!(redacted, line.replace("\"x\"", "\"[REDACTED:name:password]\""));
    }
}

#[test]
fn depth_needs_no_stack() {
    let depth = 200_000;
    let line = format!("{}{{\"password\":\"x\"}}{}", "[".repeat(depth), "]".repeat(depth));
    let redactor = Redactor::new();
    let redacted = JsonLines::new(&redactor).redact(&line).into_owned();
    assert_eq!(redacted, line.replace("\"x\"", "\"[REDACTED:name:password]\""));
}

#[test]
fn counts_are_of_all_lines() {
    let redactor = Redactor::new();
    let mut lines = JsonLines::new(&redactor);
    for _ in 0..3 {
        lines.redact(r#"{"token":"x","text":"password=y1"}"#);
    }
    let counts: Vec<_> = lines.counts().iter().collect();
    assert_eq!(counts, [("name:password", 3), ("name:token", 3)]);
}
