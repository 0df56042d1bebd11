//! What it costs to take secrets out of a text, beside regular expressions as one would write them.
use crate::line::{Line, ratio};
use crate::log_text::{LogText, Style, Subject};
use crate::sample::median;
use crate::scale::Scale;
use cpu_time::ThreadTime;
use obs_core::redact::{JsonLines, Redactor};
use regex::Regex;
use std::hint::black_box;

const PEER: &str = "regex, 3 expressions";
const MIB: f64 = 1024.0 * 1024.0;

/// What is repeated until there is a MiB of it: the worst that a search by machine found, and what looks bad.
#[rustfmt::skip]
const WORST: &[&str] = &[
    "key:key", "key=", "KEY ", "bearer ", "sk-", "password ", "password=", "://", "-eyJ", "curl -u ", " -u a:b",
    "identified by ", "[REDACTED:", "token=${", "secret_name=", "mysql_url=", "a1key:", "a1key:dsnkey: KEY ",
    "apikeyx=ypassworda:b", "cookie=KEY :", "basic : cookie=", "KEY a1key:APRIVATE KEY:1token", "AUTH pin=KEY KEY \"-",
    "_%3D|secret_name%3DPRIVATE KEY", ",;otp:/", "er pwd=._", "_url=dsn=l,;sig=c,", "' key:Otp=-",
    "=KEY access%3DAUTH ", "%a1key:", "a1KEpinaccessAUTH 1kAUTHytpky", "==passwo%22",
    "_%3D|skeyecrt_nm%3DPRIVATE KEY.", "\\nAuthorization: Basic YTi\n{\"pw=a\";:\"otpaccesstoken", "login password ",
    "-----BEGIN PRIVATE KEY", "login -p ", " -p", " -a -w", "7z ldap curl login ", "mysqllogin -p1 ",
    "\"x\" == password ", "x", "\n", "\"", "\\",
];

/// MB of text that one core passes in a second.
pub(super) fn speed(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let bytes = scale.of(1 << 16, 8 << 20, 32 << 20);
    let peer = Expressions::new()?;
    let redactor = Redactor::new();
    let mut lines = Vec::new();
    for (workload, style, subject) in [
        ("redact-clean", Style::Text, Subject::Work),
        ("redact-look-alikes", Style::Text, Subject::LookAlikes),
        ("redact-hits", Style::Text, Subject::Secrets),
        ("redact-json-clean", Style::Json, Subject::Work),
        ("redact-json-look-alikes", Style::Json, Subject::LookAlikes),
        ("redact-json-hits", Style::Json, Subject::Secrets),
    ] {
        let text = LogText { style, subject }.of(bytes);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..scale.rounds() {
            ours.push(rate(&text, |text| match style {
                Style::Text => redactor.redact(text).len(),
                Style::Json => {
                    let mut lines = JsonLines::new(&redactor);
                    text.split_inclusive('\n').map(|line| lines.redact(line).len()).sum()
                }
            }));
            theirs.push(rate(&text, |text| peer.redact(text).len()));
        }
        let (ours_median, peer_median) = (median(ours), median(theirs));
        lines.push(Line {
            peer: Some(PEER.to_owned()),
            ours_median,
            peer_median,
            ratio: ratio(ours_median, peer_median),
            unit: "MB/s",
            ..line(workload)
        });
    }
    Ok(lines)
}

/// Milliseconds that a MiB takes of the text that takes longest.
pub(super) fn worst(scale: Scale) -> anyhow::Result<Vec<Line>> {
    let bytes = scale.of(1 << 14, 1 << 20, 4 << 20);
    let redactor = Redactor::new();
    let cost = |unit: &&str| {
        let text = unit.repeat(bytes / unit.len());
        let rates = (0..scale.rounds()).map(|_| rate(&text, |text| redactor.redact(text).len()));
        median(rates.collect::<Vec<_>>()).map(|rate| MIB / rate / 1e3)
    };
    let worst = WORST.iter().filter_map(cost).max_by(f64::total_cmp);
    Ok(vec![Line { ours_median: worst, unit: "ms/MiB", ..line("redact-worst") }])
}

fn line(workload: &str) -> Line {
    Line {
        bench: "redact",
        workload: workload.to_owned(),
        ours: "obs".to_owned(),
        threads: Some(1),
        ..Line::default()
    }
}

/// MB a second, of the thread's own time.
fn rate(text: &str, work: impl Fn(&str) -> usize) -> f64 {
    let begun = ThreadTime::now();
    black_box(work(black_box(text)));
    text.len() as f64 / 1e6 / begun.elapsed().as_secs_f64().max(1e-9)
}

/// What stands in many a program: names with their values, addresses, and tokens by prefix.
struct Expressions(Vec<Regex>);

impl Expressions {
    fn new() -> anyhow::Result<Self> {
        let all = [
            r#"(?i)\b[\w.-]*(?:passw(?:or)?d|secret|token|api[_-]?key|access[_-]?key|credential|authorization|cookie)["']?\s*[=:]\s*["']?[^\s"',;&]+"#,
            r"\b[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s/@]+@",
            r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|xox[bpars]-[\w-]{10,}|AKIA[A-Z2-7]{16}|sk_live_\w{24}|AIza[\w-]{35}|eyJ[\w-]+\.[\w-]+\.[\w-]+)",
        ];
        let all: Result<Vec<Regex>, regex::Error> =
            all.iter().map(|text| Regex::new(text)).collect();
        Ok(Self(all?))
    }

    fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, expression| {
            expression.replace_all(&text, "[REDACTED]").into_owned()
        })
    }
}
