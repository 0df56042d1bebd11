//! Secrets in free text.
use super::kinds::{PASSWORDS, PREFIXED, shaped, token};
use expect_test::{Expect, expect};
use obs_core::redact::{RedactionCounts, Redactor};
use std::borrow::Cow;

#[track_caller]
fn check(text: &str, expected: Expect) {
    let redactor = Redactor::new();
    let redacted = redactor.redact(text);
    expected.assert_eq(&redacted);
    assert_eq!(redactor.redact(&redacted), redacted, "twice is once");
}

/// Text around a token that nothing names.
const AROUND: &[&str] = &[
    "{}",
    "upstream refused {} as expired",
    "got '{}'",
    "parsed \"{}\" from the header",
    "args=[\"run\", \"{}\", \"--fast\"]",
    "cfg::{}::loaded",
    "value={}",
    "see https://example.com/cb?x={}&y=2",
    "({})",
    "{\"level\":\"info\",\"event\":\"sent {}\"}",
    "first\\n{}\\nlast",
    "<td>{}</td>",
    "a,{},b",
    "state=%22{}%22",
    "x = Some(\"{}\")",
];

#[test]
fn a_token_of_any_known_kind_goes_wherever_it_stands() {
    let redactor = Redactor::new();
    for (seed, kind) in (1..).zip(PREFIXED) {
        let token = token(kind, seed);
        for around in AROUND {
            let text = around.replace("{}", &token);
            let redacted = redactor.redact(&text);
            assert!(!redacted.contains(&token[token.len() / 2..]), "{text}\n{redacted}");
            let frame: Vec<&str> = around.split("{}").collect();
            assert!(redacted.starts_with(frame[0]) && redacted.ends_with(frame[1]), "{redacted}");
            assert_eq!(redactor.redact(&redacted), redacted, "twice is once");
        }
    }
}

#[test]
fn a_token_of_a_known_kind_goes_also_in_base64() {
    let redactor = Redactor::new();
    for kind in PREFIXED.iter().filter(|(prefix, ..)| prefix.len() >= 5) {
        let encoded = base64(token(kind, 3).as_bytes());
        let text = format!("data: {encoded} end");
        assert!(redactor.has_secret(&text), "{} {text}", kind.0);
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|b| (0..8).rev().map(move |n| b >> n & 1)).collect();
    let digit = |six: &[u8]| {
        let value = six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit));
        char::from(DIGITS[value << (6 - six.len())])
    };
    bits.chunks(6).map(digit).collect()
}

#[test]
fn shapes_that_need_no_prefix_of_a_giver_go_too() {
    let redactor = Redactor::new();
    for (kind, secret) in shaped() {
        let text = format!("before {secret} after");
        let redacted = redactor.redact(&text);
        let body = &secret[secret.len() - 12..secret.len() - 4];
        assert!(!redacted.contains(body), "{kind}: {redacted}");
        assert!(redacted.starts_with("before ") && redacted.ends_with(" after"), "{redacted}");
    }
}

/// Ways to write a name and its value. `N` stands for the name, `V` for the value.
const KEYED: &[&str] = &[
    "N=V",
    "N='V'",
    "N=\"V\" next=1",
    "N: V",
    "N : \"V\"",
    "N := V",
    "N => 'V',",
    "N -> V",
    "connect N=V;host=db",
    "https://h.example/p?a=1&N=V&b=2",
    "{\"N\":\"V\",\"b\":1}",
    "{\"a\": {\"N\": \"V\"}}",
    "{\"msg\":\"{\\\"N\\\":\\\"V\\\"}\"}",
    "{\"m\":\"{\\\"m\\\":\\\"{\\\\\\\"N\\\\\\\":\\\\\\\"V\\\\\\\"}\\\"}\"}",
    "Config { N: \"V\", port: 1 }",
    "Config { N: Some(\"V\") }",
    "Config { N: Secret(\"V\") }",
    "[(\"N\", \"V\"), (\"b\", \"c\")]",
    "{\"name\": \"N\", \"value\": \"V\"}",
    "<N>V</N>",
    "<add key=\"N\" value=\"V\"/>",
    "run --N V --fast",
    "run --N=V --fast",
    "run --N 'V' --fast",
    "export N=V",
    "set N 'V'",
    "line one\\nN=V\\nline three",
    "N%3DV%26b%3D2",
    "&quot;N&quot;:&quot;V&quot;",
    "\\u0022N\\u0022:\\u0022V\\u0022",
    "if (\"V\" == N)",
    "N=V|b=2",
    "N,\"V\"",
];

#[test]
fn a_value_under_a_secret_name_goes_however_it_is_written() {
    let redactor = Redactor::new();
    let names = ["password", "db_password", "apiKey", "client_secret", "ACCESS_TOKEN", "passwd"];
    for (name, value) in names.iter().flat_map(|name| PASSWORDS.iter().map(move |v| (name, v))) {
        for way in KEYED {
            if way.starts_with('<') && value.contains('&') || way.contains('%') && !is_plain(value)
            {
                continue;
            }
            if way.contains("?a") && value.contains(['#', '&'])
                || way.contains("set ") && name.len() > 8
            {
                continue;
            }
            let text = way.replace('N', name).replace('V', value);
            let redacted = redactor.redact(&text);
            assert!(!redacted.contains(value), "{text}\n{redacted}");
            assert_eq!(redactor.redact(&redacted), redacted, "twice is once: {text}");
        }
    }
}

fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[test]
fn what_is_around_a_secret_stays() {
    check(
        "login user=ada password=hunter2 attempt=3",
        expect!["login user=ada password=[REDACTED:name:password] attempt=3"],
    );
    check(
        r#"{"user":"ada","password":"hun\"ter2","port":5432}"#,
        expect![[r#"{"user":"ada","password":"[REDACTED:name:password]","port":5432}"#]],
    );
    check(
        "GET /cb?code=4/P7q7W91a-oMsCeLvIaQm6bTrgtp7&state=xyz&api_key=8f14e45f HTTP/1.1",
        expect![
            "GET /cb?code=4/P7q7W91a-oMsCeLvIaQm6bTrgtp7&state=xyz&api_key=[REDACTED:name:api_key] HTTP/1.1"
        ],
    );
    check(
        "Error: Db(Config { host: \"db\", password: Some(\"hunter2\"), pool: 8 })",
        expect![[
            r#"Error: Db(Config { host: "db", password: Some("[REDACTED:name:password]"), pool: 8 })"#
        ]],
    );
}

#[test]
fn authorization_headers_keep_their_scheme() {
    check(
        "Authorization: Bearer abc.def-123",
        expect!["Authorization: Bearer [REDACTED:name:authorization]"],
    );
    check(
        "> authorization: Basic YWRhOmh1bnRlcjI=\n> accept: */*",
        expect!["> authorization: Basic [REDACTED:name:authorization]\n> accept: */*"],
    );
    check(
        "sent Basic YWRhOmh1bnRlcjI= upstream",
        expect!["sent Basic [REDACTED:header:basic] upstream"],
    );
    check("Cookie: a=1; sid=xyz", expect!["Cookie: [REDACTED:name:cookie]"]);
    check(
        r#"headers={"authorization": "Bearer abc123def", "accept": "*/*"}"#,
        expect![[
            r#"headers={"authorization": "Bearer [REDACTED:name:authorization]", "accept": "*/*"}"#
        ]],
    );
}

#[test]
fn addresses_keep_everything_but_their_password() {
    check(
        "postgres://ada:p%40ss@db.example:5432/app?sslmode=require",
        expect!["postgres://ada:[REDACTED:url:userinfo]@db.example:5432/app?sslmode=require"],
    );
    check(
        "redis://:hunter2@cache:6379/0",
        expect!["redis://:[REDACTED:url:userinfo]@cache:6379/0"],
    );
    check("https://h:4317/a@b", expect!["https://h:4317/a@b"]);
    check("ssh://git@github.com/a/b", expect!["ssh://git@github.com/a/b"]);
}

#[test]
fn commands_are_read_as_their_programs_do() {
    check("curl -u ada:hunter2 https://h", expect!["curl -u ada:[REDACTED:flag:user] https://h"]);
    check("curl --user 'ada:hunter2' h", expect!["curl --user 'ada:[REDACTED:flag:user]' h"]);
    check("curl -s --user=ada:hunter2 h", expect!["curl -s --user=ada:[REDACTED:flag:user] h"]);
    check(
        "curl --proxy-user ada:hunter2 h",
        expect!["curl --proxy-user ada:[REDACTED:flag:user] h"],
    );
    check("docker run --user 1000:hunter2 h", expect!["docker run --user 1000:hunter2 h"]);
    check(
        "mysql -h db --password=hunter2 app",
        expect!["mysql -h db --password=[REDACTED:name:password] app"],
    );
    check("tar -u a:b", expect!["tar -u a:b"]);
}

#[test]
fn short_flags_hide_what_some_commands_take_behind_them() {
    for (command, password) in [
        ("mysql -u root -phunter2 app", "hunter2"),
        ("MYSQL_HOME=/m mysqldump -u root -p'hunter 2' app", "hunter 2"),
        ("mariadb-admin -p12345 ping", "12345"),
        ("sshpass -p hunter2 ssh -p 22 ada@h", "hunter2"),
        ("sshpass -p'hunter2' ssh -p 2222 ada@h", "hunter2"),
        ("docker login -u ada -p hunter2 registry.example", "hunter2"),
        ("helm registry login -p=hunter2 h", "hunter2"),
        ("mongosh -u ada -p \"hunter2\" h", "hunter2"),
        ("redis-cli -h cache -p 6379 -a hunter2 PING", "hunter2"),
        ("ldapsearch -x -D cn=ada -w hunter2 -b dc=x", "hunter2"),
        ("7z a -phunter2 out.7z in", "hunter2"),
    ] {
        let expected = command.replace(password, "[REDACTED:flag:password]");
        assert_eq!(Redactor::new().redact(command), expected);
    }
    for kept in [
        "mysql -u root -p app",
        "mysql -h db -P 3306 && mkdir -p /srv/app",
        "mysql -p$PASSWORD app",
        "docker run -p 8080:80 h",
        "sshpass -f file ssh -p 2222 ada@h",
        "docker login -p ${TOKEN} h",
        "redis-cli -p 6379 -a",
        "mongod -port 27017",
        "ldapsearch -W -b dc=x",
        "cp -p a b -a c -w d",
        "mysql\ncp -phunter2",
    ] {
        assert_eq!(Redactor::new().redact(kept), kept);
    }
}

#[test]
fn sql_statements_keep_their_users() {
    check(
        "CREATE USER 'ada'@'%' IDENTIFIED BY 'hunter2'",
        expect!["CREATE USER 'ada'@'%' IDENTIFIED BY '[REDACTED:sql:password]'"],
    );
    check(
        "ALTER USER app WITH PASSWORD 'hunter2 and more';",
        expect!["ALTER USER app WITH PASSWORD '[REDACTED:name:password]';"],
    );
}

#[test]
fn a_private_key_goes_whole_also_on_one_line_or_without_end() {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    let begin = ["-----BEGIN", "PRIVATE KEY-----"].join(" ");
    let end = "-----END PRIVATE KEY-----";
    for text in [
        format!("key: {begin}\n{body}\n{body}\n{end} done"),
        format!("{{\"key\":\"{begin}\\n{body}\\n{end}\\n\"}}"),
        format!("{begin} {body} {body}"),
    ] {
        let redacted = Redactor::new().redact(&text).into_owned();
        assert!(!redacted.contains(&body[..16]), "{redacted}");
    }
    let public = "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIE\n-----END CERTIFICATE-----";
    assert_eq!(Redactor::new().redact(public), public);
}

#[test]
fn clean_text_is_given_back_as_it_is() {
    let text = "max_tokens=4096 took 12 ms, session_id=7f3a, see https://docs.example/token";
    assert!(matches!(Redactor::new().redact(text), Cow::Borrowed(same) if same == text));
}

#[test]
fn what_each_rule_took_out_is_counted() {
    let mut counts = RedactionCounts::default();
    let text = "password=a1b2 token=c3d4 password: e5f6";
    Redactor::new().redact_counted(text, &mut counts);
    let all: Vec<_> = counts.iter().collect();
    assert_eq!(all, [("name:password", 2), ("name:token", 1)]);
}

#[test]
fn the_colours_of_a_terminal_hide_nothing() {
    const TOKEN: &str = "ghp_aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5";
    let redactor = Redactor::new();
    for (text, redacted) in [
        (format!("a \x1b[31m{TOKEN}\x1b[0m z"), "a \x1b[31m[REDACTED:shape:github]\x1b[0m z"),
        (format!("a \x1b[1;38;5;196m{TOKEN}"), "a \x1b[1;38;5;196m[REDACTED:shape:github]"),
        (
            format!("\x01{TOKEN}\x02 \0{TOKEN}"),
            "\x01[REDACTED:shape:github]\x02 \0[REDACTED:shape:github]",
        ),
        (format!("\\u001b[31m{TOKEN}\\u001b[0m"), "\\u001b[31m[REDACTED:shape:github]\\u001b[0m"),
        (
            "\x1b[3mpassword\x1b[0m\x1b[2m=\x1b[0m\"hunter2\" \x1b[3muser\x1b[0m=ada".to_owned(),
            "\x1b[3mpassword\x1b[0m\x1b[2m=\x1b[0m\"[REDACTED:name:password]\" \x1b[3muser\x1b[0m=ada",
        ),
        (
            "\x1b[3mapi_key\x1b[0m\x1b[2m=\x1b[0mSome-key9 next".to_owned(),
            "\x1b[3mapi_key\x1b[0m\x1b[2m=\x1b[0m[REDACTED:name:api_key] next",
        ),
        (
            "\x1b[32mtoken\x1b[0m: \x1b[33mabcdefgh1\x1b[0m end".to_owned(),
            "\x1b[32mtoken\x1b[0m: \x1b[33m[REDACTED:name:token]\x1b[0m end",
        ),
        (
            "Authorization: Bearer \x1b[4mabcdef1234567890\x1b[0m".to_owned(),
            "Authorization: Bearer \x1b[4m[REDACTED:name:authorization]",
        ),
        ("max \x1b[31m40m\x1b[0m, \x1b[1mprimary key\x1b[0m=7".to_owned(), ""),
    ] {
        let redacted = if redacted.is_empty() { &text } else { redacted };
        assert_eq!(redactor.redact(&text), redacted);
    }
}

#[test]
fn an_object_under_a_secret_name_keeps_its_form_and_loses_its_first_value() {
    let redactor = Redactor::new();
    for (text, expected) in [
        (r#"{"password":{"stringValue":"hunter2x"}}"#, r#"{"password":{"stringValue":"#),
        (
            r#"{"key":"password","value":{"stringValue":"hunter2x"}},"#,
            r#"{"key":"password","value":{"stringValue":"#,
        ),
        (
            r#"{ "key" : "api_key" , "value" : { "stringValue" : "hunter2x" } }"#,
            r#"{ "key" : "api_key" , "value" : { "stringValue" : "#,
        ),
        (
            r#"{"key":"password","value":{"arrayValue":{"values":[{"stringValue":"hunter2x"}]}}}"#,
            r#"{"key":"password","value":{"arrayValue":{"values":[{"stringValue":"#,
        ),
        (r#"said {\"token\":{\"v\":\"hunter2x\"}}"#, r#"said {\"token\":{\"v\":"#),
    ] {
        let redacted = redactor.redact(text);
        assert!(!redacted.contains("hunter2x"), "{redacted}");
        assert!(redacted.starts_with(expected), "{redacted}");
        assert_eq!(redactor.redact(&redacted), redacted, "twice is once");
    }
}
