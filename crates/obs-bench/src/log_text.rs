//! Log lines as many programs write them, the same each time.
use std::fmt::Write as _;

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// As a web server, a system logger, or a program for people does it.
    Text,
    /// An object a line.
    Json,
}

/// What lines are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Requests, caches, jobs.
    Work,
    /// The same, and every other line has a word that may stand before a secret.
    LookAlikes,
    /// The same, and one line in five has a secret in it.
    Secrets,
}

/// A kind of log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogText {
    pub(crate) style: Style,
    pub(crate) subject: Subject,
}

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "request", "accepted", "connection", "closed", "by", "peer", "user", "session", "opened", "cache", "miss", "for",
    "shard", "retry", "after", "timeout", "loaded", "rows", "from", "table", "orders", "worker", "started", "queue",
    "length", "is", "below", "limit", "flush", "took", "longer", "than", "expected", "state", "changed", "to", "ready",
    "the", "job", "was", "rescheduled", "because", "its", "lease", "expired",
];

/// A secret stands in one of so many lines.
const LINES_A_SECRET: u64 = 5;

/// Words that names of secrets are made of.
const LOOK_ALIKES: &[&str] = &["max_tokens", "primary", "key", "author"];

/// Made-up secrets as they come into lines.
const SECRETS: &[&str] = &[
    "password=hunter2-Xk9",
    "Authorization: Bearer 8f14e45fceea167a5a36dedd4bea2543",
    "postgres://app:s3cr3t-pw@db.internal/app",
    "api_key: \\\"9f86d081884c7d659a2feaa0c55ad015\\\"",
    "got ghp_aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5",
    "--client-secret wJalrXUtnFEMIK7MDENGbPxRfiCY",
];

struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.next() as usize % all.len()]
    }
}

impl LogText {
    /// At least so many bytes of whole lines.
    pub(crate) fn of(self, bytes: usize) -> String {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut text = String::with_capacity(bytes + 512);
        while text.len() < bytes {
            let has_secret =
                self.subject == Subject::Secrets && numbers.next().is_multiple_of(LINES_A_SECRET);
            let message = self.message(&mut numbers, has_secret);
            self.line(&mut text, &mut numbers, &message);
            text.push('\n');
        }
        text
    }

    fn message(self, numbers: &mut Numbers, has_secret: bool) -> String {
        let words = match self.subject {
            Subject::Work => WORDS.to_vec(),
            Subject::LookAlikes | Subject::Secrets => [WORDS, LOOK_ALIKES].concat(),
        };
        let count = 4 + numbers.next() % 8;
        let mut message: Vec<&str> = (0..count).map(|_| numbers.pick(&words)).collect();
        if has_secret {
            message.insert(numbers.next() as usize % message.len(), numbers.pick(SECRETS));
        }
        message.join(" ")
    }

    fn line(self, text: &mut String, numbers: &mut Numbers, message: &str) {
        let (seconds, micros) = (numbers.next() % 60, numbers.next() % 1_000_000);
        let (number, id) = (numbers.next() % 5_000, numbers.next());
        let address = format!("10.{}.{}.7", number % 250, seconds);
        let time = format!("2026-11-22T10:31:{seconds:02}.{micros:06}Z");
        let written = match (self.style, numbers.next() % 3) {
            (Style::Json, _) => write!(
                text,
                concat!(
                    r#"{{"time":"{}","level":"INFO","target":"shop::orders","message":"{}","#,
                    r#""fields":{{"count":{},"request_id":"{:016x}","took_ms":{}}}}}"#
                ),
                time, message, number, id, seconds
            ),
            (Style::Text, 0) => write!(
                text,
                "{address} - - [22/Nov/2026:10:31:{seconds:02} +0000] \"GET /api/v1/orders/{number} HTTP/1.1\" \
                 200 {micros} \"-\" \"{message}\""
            ),
            (Style::Text, 1) => {
                write!(text, "Nov 22 10:31:{seconds:02} web-{number} shop[{number}]: {message}")
            }
            (Style::Text, _) => {
                write!(text, "{time}  INFO shop::orders: {message} count={number} id={id:016x}")
            }
        };
        debug_assert!(written.is_ok(), "writing to a text does not fail");
    }
}

#[cfg(test)]
mod tests {
    use super::{LogText, Style, Subject};

    #[test]
    fn lines_are_whole_and_some_have_secrets() {
        let clean = LogText { style: Style::Text, subject: Subject::Work }.of(20_000);
        assert!(clean.len() >= 20_000 && clean.ends_with('\n') && !clean.contains("key"));
        let alike = LogText { style: Style::Text, subject: Subject::LookAlikes }.of(20_000);
        assert!(alike.contains(" key ") && !alike.contains("hunter2"));
        let json = LogText { style: Style::Json, subject: Subject::Secrets }.of(20_000);
        let is_json = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
        assert!(json.contains("hunter2") && json.lines().all(is_json));
    }
}
