//! Texts made to take long.
use obs_core::redact::{JsonLines, RedactStream, Redactor};
use std::time::{Duration, Instant};

/// What is repeated until there is a MiB of it. Each makes some look begin again and again.
pub(super) const UNITS: &[&str] = &[
    "password=",
    "password={",
    "key=",
    "key=a",
    "key:key",
    "key-",
    "key.",
    "auth=\"",
    "token='",
    "pass(",
    "secret=a(",
    "secret=\\\"",
    "\\\\\\\"token\\\\\\\":",
    "://",
    "://a:",
    "://a:b",
    "a://a@",
    "-----BEGIN PRIVATE KEY",
    "-----BEGIN PRIVATE KEY-----",
    "eyJ",
    "eyJa.",
    "sk-",
    "sk-a",
    "pat-",
    "AIza",
    "bearer ",
    "basic ",
    "basic YTpi",
    "curl -u ",
    " -u a:",
    "curl ",
    "identified by ",
    "[REDACTED:",
    "[REDACTED",
    "<password>",
    "<password",
    "name=\"token\" ",
    "\"token\",",
    "(\"token\",",
    "&quot;token",
    "%22token%22%3A",
    "access_key_",
    "a=b;password;",
    "password,",
    "password\t",
    "password\n",
    "password ",
    "login password ",
    "api key ",
    "==password",
    "\"==password",
    "\"x\" == password ",
    "authorization: ",
    "cookie: ",
    "cookie: a",
    "$2b$",
    "$6$",
    "xoxb-",
    "ghp_",
    "AKIA",
    "glpat-",
    "live_",
    "AAAA-",
    "EAAC",
    "hooks.slack.com/services/",
    "password=************",
    "secret|",
    "key=&",
    "token=%",
    "vendorKEY-aaaa-",
    "\u{e4}password=\u{e4}",
    "\\u0022token\\u0022:",
    "{\"name\":\"token\",\"value\":",
    "[",
    "{\"a\":",
    "\"a\",",
    "[[\"token\",",
    "passwordpassword",
    "tokentokentoken",
    "= : => ",
    "PRIVATE ",
    "KEY ",
    "apikeyx=ypassworda:b",
    "secret_name=",
    "mysql_url=",
    "a1key:",
    "a1key:dsnkey: KEY ",
    "cookie=KEY :",
    "basic : cookie=",
    "KEY a1key:APRIVATE KEY:1token",
    "_%3D|secret_name%3DPRIVATE KEY",
    "AUTH pin=KEY KEY \"-",
    "-eyJ",
    " -u a:b",
    " -u \"a",
    "token=${",
];

const BYTES: usize = 1 << 20;
/// A look that is taken again and again takes half a minute; most of these take 30 ms, and the machine may be busy.
const TIME_MAX: Duration = Duration::from_secs(2);

#[test]
fn no_text_takes_more_than_time_in_proportion_to_its_length() {
    let redactor = Redactor::new();
    for unit in UNITS {
        let text = unit.repeat(BYTES / unit.len());
        for (what, time) in [
            ("as text", took(|| redactor.redact(&text).len())),
            ("in pieces", took(|| streamed(&redactor, &text))),
            ("as JSON", took(|| JsonLines::new(&redactor).redact(&text).len())),
            ("in JSON", took(|| JsonLines::new(&redactor).redact(&quoted(&text)).len())),
        ] {
            assert!(time < TIME_MAX, "{unit:?} {what}: {time:?}");
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::json!({ "text": text }).to_string()
}

fn streamed(redactor: &Redactor, text: &str) -> usize {
    let (mut stream, mut length) = (RedactStream::new(redactor), 0);
    stream.write(text.as_bytes(), |bytes| length += bytes.len());
    stream.finish(|bytes| length += bytes.len());
    length
}

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn took(work: impl FnOnce() -> usize) -> Duration {
    let begun = Instant::now();
    assert!(work() > 0);
    begun.elapsed()
}
