//! What a hostile text can do through any of the ways by which text reaches an output: nothing.
use crate::program::{Ended, Program};
use crate::terminal::Terminal;
use obs_test::lines::{self, is_dangerous, with};
use serde_json::{Map, Value};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;
use tracing::{error, info, info_span};

/// Every kind of character that moves a cursor, begins a line, reorders or hides what is shown, and what looks like a
/// line of ours.
const EVIL: &str = "a\r\n2026-11-22T09:58:03Z ERROR forged {\"level\":\"error\"}\u{1b}[2J\u{1b}]0;title\u{7}\
    \u{9b}31m\u{85}\u{2028}\u{2029}\u{202e}\u{2066}\u{200f}\u{feff}\0\u{8}\u{7f}\u{e0041}\\\"}";
const FORGED: &str = "2026-11-22T09:58:03Z ERROR forged";

struct Evil;

impl std::fmt::Debug for Evil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(EVIL)
    }
}

impl std::fmt::Display for Evil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(EVIL)
    }
}

impl std::error::Error for Evil {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&Evil)
    }
}

/// Lets the hostile text through every way there is. Each event is called `way …`.
fn attack(run: &obs::Run) {
    info!("way message {EVIL}");
    info!(plain = EVIL, debug = ?Evil, display = %Evil, bytes = &b"a\xff\xfe\x1b[2J\n"[..], "way fields");
    info!(error = &Evil as &(dyn std::error::Error + 'static), "way error");
    info!({ "key\r\n\u{1b}[2J\u{202e}\"" = 1, "key\u{9b}\u{2028}\0" = EVIL }, "way keys");
    info!(name: "way\r\n\u{1b}name", "way name");
    info!(target: "target\r\n\u{1b}[2J\u{202e}", "way target");
    info!(path = ?std::path::Path::new(OsStr::from_bytes(b"/\xff\n\x1b[2J")), "way path");
    {
        let _span = info_span!("span\r\n\u{1b}[2J\u{202e}", "key\u{1b}\n" = EVIL).entered();
        info!("way span");
    }
    {
        let _context = obs::Context::new().with("context\r\n\u{1b}", EVIL).enter();
        info!("way context");
    }
    let in_thread = || info!("way thread");
    let name = EVIL.replace('\0', "");
    std::thread::Builder::new().name(name).spawn(in_thread).unwrap().join().unwrap();
    log::info!(target: "log\r\n\u{1b}[2J", "key\r\n\u{1b}" = EVIL, debug:? = Evil; "way log {EVIL}");
    let panicked = std::thread::Builder::new().spawn(|| panic!("way panic {EVIL}"));
    assert!(panicked.unwrap().join().is_err());
    run.artifact(OsStr::from_bytes(b"/no\xff\n\x1b[2J\xe2\x80\xae"), "role\r\n\u{1b}");
    run.set_context(&obs::Context::new().with("run\r\n\u{1b}[2J", EVIL));
    info!("way run context");
    run.env_section("section\r\n\u{1b}", EVIL.into());
    error!("the end");
}

fn program(service: &str) {
    // The library's own panic message, which goes to the terminal as it is, is not ours.
    std::panic::set_hook(Box::new(|_| {}));
    let mut settings = obs::Settings::from_env();
    settings.service = service.to_owned();
    let run = obs::init_with(settings).unwrap();
    attack(&run);
    let delivery = run.finish(Duration::from_secs(20));
    assert!(delivery.is_complete(), "{delivery}");
}

const WAYS: [&str; 14] = [
    "message",
    "fields",
    "error",
    "keys",
    "name",
    "target",
    "path",
    "span",
    "context",
    "thread",
    "log",
    "run context",
    "panic",
    "the end",
];

fn assert_every_way_is_one_line<'a>(lines: impl Iterator<Item = &'a str> + Clone) {
    for way in WAYS {
        let words = if way == "the end" { way.to_owned() } else { format!("way {way}") };
        assert_eq!(lines.clone().filter(|line| line.contains(&words)).count(), 1, "{words}");
    }
    assert!(lines.clone().all(|line| !line.starts_with(FORGED)));
}

/// A text line without the sequences by which we colour it ourselves.
fn bare(line: &str) -> String {
    let mut bare = line.to_owned();
    while let Some(start) = bare.find("\u{1b}[") {
        let length = bare[start..].find('m').unwrap();
        let codes = &bare[start + 2..start + length];
        assert!(codes.chars().all(|c| c.is_ascii_digit() || c == ';'), "{line:?}");
        bare.replace_range(start..=start + length, "");
    }
    bare
}

fn assert_text_is_harmless(shown: &str) {
    let lines: Vec<_> = shown.lines().map(bare).collect();
    for line in &lines {
        assert!(!line.chars().any(is_dangerous), "{line:?}");
        let has_time = line.len() > 13 && line.as_bytes()[2] == b':' && line.as_bytes()[12] == b'Z';
        assert!(has_time, "a line that is none of ours: {line:?}");
    }
    assert_every_way_is_one_line(lines.iter().map(String::as_str));
}

fn assert_files_are_harmless(ended: &Ended) {
    let log = ended.log();
    let events: Vec<_> = log.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_every_way_is_one_line(events.iter().copied());
    let fields = with(&log, "event", "way fields")[0];
    for field in ["plain", "debug", "display"] {
        assert_eq!(fields[field], EVIL, "what is escaped is not changed");
    }
    let spans = lines::read(&ended.run().join("spans.jsonl"));
    assert_eq!(spans.len(), 1);
    for file in ["env.json", "run.json"] {
        let text = std::fs::read_to_string(ended.run().join(file)).unwrap();
        let whole: Value = serde_json::from_str(&text).unwrap();
        assert!(whole.is_object());
        assert!(!text.chars().any(|c| c != '\n' && is_dangerous(c)), "{file}: {text}");
    }
}

#[test]
fn on_a_terminal_with_colours() {
    let (terminal, stderr) = Terminal::new();
    let ended = Program::of(|| program(EVIL)).stderr(stderr).run().well();
    let shown = terminal.shown();
    assert!(shown.contains("\u{1b}["), "a terminal has colours");
    assert_text_is_harmless(&shown);
    assert_files_are_harmless(&ended);
}

#[test]
fn in_text_without_colours() {
    let ended = Program::of(|| program(EVIL)).env("NO_COLOR", "1").run().well();
    assert!(!ended.shown().contains('\u{1b}'));
    assert_text_is_harmless(&ended.shown());
}

#[test]
fn in_json_on_standard_output() {
    let ended = Program::of(|| program(EVIL)).env("OBS_LOG_FORMAT", "json").run().well();
    let said = std::str::from_utf8(&ended.stdout).unwrap();
    let ours: String = said.split_inclusive('\n').filter(|line| line.starts_with('{')).collect();
    let lines: Vec<_> = lines::parse(ours.as_bytes()).collect();
    assert_every_way_is_one_line(lines.iter().map(|line| line["event"].as_str().unwrap()));
    assert_eq!(ended.shown(), "");
}

/// Fields that are called like what every line has, or like each other.
#[test]
fn fields_that_are_called_like_keys_of_the_line_do_not_take_their_places() {
    let ended = Program::of(|| {
        let run = obs::init("names").unwrap();
        run.set_context(&obs::Context::new().with("level", "run").with("seq", "run"));
        let context = obs::Context::new().with("timestamp", "context").with("run_id", "context");
        let _context = context.enter();
        let _span =
            info_span!("names", trace_id = "span", event = "span", logger = "span").entered();
        info!(
            level = "fake",
            message = "fake",
            timestamp = "fake",
            event = "fake",
            logger = "fake",
            seq = "fake",
            thread = "fake",
            "field.level" = "fake",
            "span.attrs" = "fake",
            trace_id = "fake",
            "a.causes" = "fake",
            "real"
        );
        log::info!(level = "fake", message = "fake", event = "fake", x = 1, x = 2; "from log");
        info!(message = "only a field");
        info!(message = 7);
        info!(event = "no message");
        run.finish(Duration::from_secs(20));
    })
    .run()
    .well();
    let log = ended.log();
    let real: &Map<String, Value> = log.iter().find(|line| line.contains_key("a.causes_")).unwrap();
    assert!(real["event"] == "real" || real["event"] == "fake", "{real:?}");
    assert_eq!(real["level"], "info");
    assert!(real["timestamp"].as_str().unwrap().ends_with('Z'));
    assert!(real["logger"].as_str().unwrap().starts_with("it::"));
    assert!(
        real["seq"].is_u64() && real["run_id"] == log[0]["run_id"] && real["trace_id"] != "fake"
    );
    for name in [
        "field.level",
        "field.event",
        "field.logger",
        "field.field.level",
        "field.timestamp",
        "field.span.attrs",
    ] {
        assert_eq!(real[name], "fake", "{name}");
    }
    let from_log = log.iter().find(|line| line.contains_key("x")).unwrap();
    assert_eq!((&from_log["x"], &from_log["level"]), (&Value::from(2), &Value::from("info")));
    assert_eq!(with(&log, "event", "only a field").len(), 1);
}
