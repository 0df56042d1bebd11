use obs_core::redact::{RedactionCounts, Redactor, is_marker, marker};
use proptest::prelude::*;
use serde_json::{Value, json};

fn check(mut value: Value, expected: Value, counts: &[(&str, u64)]) {
    let found = Redactor::new().redact_json(&mut value);
    assert_eq!(value, expected);
    assert_eq!(found.iter().collect::<Vec<_>>(), counts);
    assert_eq!(
        Redactor::new().redact_json(&mut value),
        RedactionCounts::default(),
        "twice is once"
    );
    assert_eq!(value, expected);
}

#[test]
fn a_secret_in_a_nested_value_is_redacted() {
    check(
        json!({"user": "ada", "db": [{"host": "h", "password": "x", "port": 5432}], "apiKey": 12}),
        json!({
            "user": "ada",
            "db": [{"host": "h", "password": "[REDACTED:name:password]", "port": 5432}],
            "apiKey": "[REDACTED:name:api_key]",
        }),
        &[("name:api_key", 1), ("name:password", 1)],
    );
}

#[test]
fn everything_below_a_secret_name_is_redacted() {
    check(
        json!({"credentials": {"user": "ada", "extra": [{"n": 7}, "x"], "live": true}}),
        json!({"credentials": {
            "user": "[REDACTED:name:credential]",
            "extra": [{"n": "[REDACTED:name:credential]"}, "[REDACTED:name:credential]"],
            "live": true,
        }}),
        &[("name:credential", 3)],
    );
}

#[test]
fn booleans_nulls_empty_texts_and_counts_are_no_secrets() {
    let value = json!({
        "password": null, "token": false, "secret": "", "secrets": 3, "pass": 12, "cookies": 0,
        "max_tokens": 9, "usage": {"input_tokens": 4},
    });
    check(value.clone(), value, &[]);
}

#[test]
fn a_pair_of_name_and_value_is_redacted_by_its_name() {
    check(
        json!([
            {"name": "password", "value": "x"},
            {"Key": "api_key", "Value": {"stringValue": "x"}},
            {"header": "Set-Cookie", "values": ["a=1", "b=2"]},
            {"name": "host", "value": "h"},
            {"name": "password", "type": "text"},
        ]),
        json!([
            {"name": "password", "value": "[REDACTED:name:password]"},
            {"Key": "api_key", "Value": {"stringValue": "[REDACTED:name:api_key]"}},
            {
                "header": "Set-Cookie",
                "values": ["[REDACTED:name:cookie]", "[REDACTED:name:cookie]"],
            },
            {"name": "host", "value": "h"},
            {"name": "password", "type": "text"},
        ]),
        &[("name:api_key", 1), ("name:cookie", 2), ("name:password", 1)],
    );
}

#[test]
fn a_list_of_pairs_is_redacted_by_their_first() {
    check(
        json!({"headers": [["authorization", "Bearer x"], ["accept", "*/*"]]}),
        json!({"headers": [["authorization", "[REDACTED:name:authorization]"], ["accept", "*/*"]]}),
        &[("name:authorization", 1)],
    );
    let fields = json!({"fields": ["token", "password"], "mixed": [["token", "x"], "y"]});
    check(fields.clone(), fields, &[]);
}

#[test]
fn flags_of_a_command_line_are_redacted_with_their_values() {
    check(
        json!([
            "app",
            "--token",
            "x",
            "--db-password=y",
            "-password",
            "-z",
            "-p",
            "v",
            "--out",
            "o"
        ]),
        json!([
            "app",
            "--token",
            "[REDACTED:name:token]",
            "--db-password=[REDACTED:name:password]",
            "-password",
            "[REDACTED:name:password]",
            "-p",
            "v",
            "--out",
            "o"
        ]),
        &[("name:password", 2), ("name:token", 1)],
    );
}

#[test]
fn a_flag_without_value_hides_no_other_flag() {
    let value = json!(["--token", "--verbose", "--password=", "--max-tokens", "100", "token", "x"]);
    check(value.clone(), value, &[]);
    let value = json!(["--password", {"name": "n"}, "x", "--secret"]);
    check(value.clone(), value, &[]);
}

#[test]
fn a_flag_that_takes_an_odd_value_hides_it_once() {
    check(
        json!(["--token", "--", "--token", "a=b", "c=d"]),
        json!(["--token", "--", "--token", "[REDACTED:name:token]", "c=d"]),
        &[("name:token", 1)],
    );
}

#[test]
fn an_environment_is_redacted_as_a_map_and_as_a_list() {
    check(
        json!({
            "env": {"HOME": "/h", "PWD": "/p", "GITHUB_TOKEN": "x", "DATABASE_URL": "postgres://u:p@h"},
            "environ": ["PATH=/bin", "AWS_SECRET_ACCESS_KEY=x=y", "TOKEN="],
        }),
        json!({
            "env": {
                "HOME": "/h", "PWD": "/p", "GITHUB_TOKEN": "[REDACTED:name:token]",
                "DATABASE_URL": "[REDACTED:name:connection_string]",
            },
            "environ": [
                "PATH=/bin", "AWS_SECRET_ACCESS_KEY=[REDACTED:name:access_key]", "TOKEN=",
            ],
        }),
        &[("name:access_key", 1), ("name:connection_string", 1), ("name:token", 1)],
    );
}

#[test]
fn text_that_is_no_argument_is_redacted_as_text() {
    check(
        json!(["the password = xy", "a token=b c", "=x", "--=x", "tokens: 3", "https://u:p@h"]),
        json!([
            "the password = [REDACTED:name:password]",
            "a token=[REDACTED:name:token] c",
            "=x",
            "--=x",
            "tokens: 3",
            "https://u:[REDACTED:url:userinfo]@h"
        ]),
        &[("name:password", 1), ("name:token", 1), ("url:userinfo", 1)],
    );
}

#[test]
fn a_value_too_deep_to_walk_is_taken_out_whole() {
    let mut value = json!("x");
    for _ in 0..1_000 {
        value = json!([value]);
    }
    let counts = Redactor::new().redact_json(&mut value);
    assert_eq!(counts.iter().collect::<Vec<_>>(), [("limit:depth", 1)]);
    assert!(value.to_string().contains("[[\"[REDACTED:limit:depth]\"]]"));
}

#[test]
fn markers_are_told_from_other_text() {
    for text in ["[REDACTED]", "[REDACTED:name:password]", "[REDACTED:jwt#0a1b2c3d]"] {
        assert!(is_marker(text), "{text}");
    }
    assert!(is_marker(&marker("name:one_time_code").to_string()));
    for text in [
        "",
        "REDACTED",
        "[REDACTED:]",
        "[REDACTED:x:]",
        "[REDACTED:a b]",
        "[REDACTED:hunter2]",
        "[REDACTED:jwt#0a1b2c3]",
        "[REDACTED:jwt#0a1b2c3G]",
        "[REDACTED] x",
        "x [REDACTED]",
    ] {
        assert!(!is_marker(text), "{text}");
    }
}

#[test]
fn counts_of_several_documents_add_up() {
    let mut counts = Redactor::new().redact_json(&mut json!({"token": "a", "password": "b"}));
    counts.merge(&Redactor::new().redact_json(&mut json!({"token": "c"})));
    assert_eq!(counts.total(), 3);
    assert_eq!(
        serde_json::to_value(&counts).unwrap(),
        json!({"name:password": 1, "name:token": 2})
    );
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z=-]{0,8}|--token|--password=x|PASSWORD=x|token".prop_map(Value::from),
    ];
    let key = prop_oneof![
        "[a-z]{0,4}",
        Just("token".to_owned()),
        Just("name".to_owned()),
        Just("value".to_owned()),
        Just("cookies".to_owned())
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..5).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn redacting_twice_is_redacting_once(mut value in document()) {
        Redactor::new().redact_json(&mut value);
        let once = value.clone();
        let again = Redactor::new().redact_json(&mut value);
        prop_assert_eq!(again.total(), 0);
        prop_assert_eq!(value, once);
    }
}
