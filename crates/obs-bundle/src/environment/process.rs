//! The process and its limits.
use super::machine::boot_seconds;
use super::redact::Rules;
use super::source::{Source, found, put, some, value_of};
use obs_core::UnixNanos;
use serde_json::{Map, Value, json};
use std::env;
use std::time::Duration;

/// Ticks a second in what the kernel tells programs, on every architecture that this is used on.
const USER_HZ: u64 = 100;
/// Arguments beyond these are only counted.
const ARGUMENTS_MAX: usize = 256;
/// A longer text is cut, after it was redacted.
pub(super) const TEXT_CHARS_MAX: usize = 4_096;

/// Lines of `/proc/self/limits`, and the names that shells have for them.
const LIMITS: [(&str, &str); 11] = [
    ("Max address space", "as"),
    ("Max core file size", "core"),
    ("Max cpu time", "cpu"),
    ("Max data size", "data"),
    ("Max file size", "fsize"),
    ("Max locked memory", "memlock"),
    ("Max open files", "nofile"),
    ("Max processes", "nproc"),
    ("Max resident set", "rss"),
    ("Max pending signals", "sigpending"),
    ("Max stack size", "stack"),
];

/// Resource limits: soft and hard, in bytes, seconds or pieces.
pub(super) fn limits(source: &Source) -> Option<Value> {
    found(source.text("proc/self/limits").map(|text| {
        let mut map = Map::new();
        for (line, name) in LIMITS {
            let rest = text.lines().find_map(|text| text.strip_prefix(line));
            let mut words = rest.unwrap_or_default().split_whitespace().map(limit);
            if let (Some(soft), Some(hard)) = (words.next(), words.next()) {
                map.insert(name.to_owned(), json!({ "soft": soft, "hard": hard }));
            }
        }
        map
    }))
}

fn limit(word: &str) -> Value {
    word.parse::<u64>().map_or_else(|_| word.into(), Value::from)
}

/// The process itself.
pub(super) fn process(source: &Source, rules: &Rules) -> Option<Value> {
    let mut map = Map::new();
    let status = source.text("proc/self/status").unwrap_or_default();
    let first = |name| value_of(&status, name)?.split_whitespace().next();
    let number = |name| first(name)?.parse::<u64>().ok();
    let own_pid = || source.is_own().then(|| u64::from(std::process::id()));
    put(&mut map, "pid", number("Pid").or_else(own_pid));
    put(&mut map, "ppid", number("PPid"));
    put(&mut map, "uid", number("Uid"));
    put(&mut map, "gid", number("Gid"));
    put(&mut map, "umask", first("Umask"));
    let std = |path: std::io::Result<std::path::PathBuf>| {
        path.ok().filter(|_| source.is_own()).map(|path| path.display().to_string())
    };
    let exe = source.link("proc/self/exe");
    put(&mut map, "exe", exe.or_else(|| std(env::current_exe())));
    put(&mut map, "cwd", source.link("proc/self/cwd").or_else(|| std(env::current_dir())));
    put(&mut map, "started_at", started_at(source).map(|time| time.to_string()));
    if let Some((shown, more)) = arguments(source, rules) {
        put(&mut map, "argv", Some(shown));
        put(&mut map, "argv_more", Some(more).filter(|more| *more > 0));
    }
    some(map)
}

fn started_at(source: &Source) -> Option<UnixNanos> {
    let stat = source.text("proc/self/stat").ok()?;
    let after_name = &stat[stat.rfind(')')? + 1..];
    let ticks: u64 = after_name.split_whitespace().nth(19)?.parse().ok()?;
    let boot = Duration::from_secs(boot_seconds(source).ok()??);
    let since_boot = Duration::from_millis(ticks.checked_mul(1_000 / USER_HZ)?);
    Some(UnixNanos::EPOCH.saturating_add(boot.saturating_add(since_boot)))
}

/// The arguments, redacted, and how many more there are.
fn arguments(source: &Source, rules: &Rules) -> Option<(Value, usize)> {
    let bytes = source.bytes("proc/self/cmdline").ok().filter(|bytes| !bytes.is_empty())?;
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(&bytes);
    let all: Vec<String> =
        bytes.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into()).collect();
    let more = all.len().saturating_sub(ARGUMENTS_MAX);
    let mut shown = Value::from(all);
    rules.redact(&mut shown);
    if let Some(shown) = shown.as_array_mut() {
        shown.truncate(ARGUMENTS_MAX);
        shown.iter_mut().for_each(cut);
    }
    Some((shown, more))
}

/// Cuts a long text.
pub(super) fn cut(value: &mut Value) {
    if let Value::String(text) = value
        && let Some((at, _)) = text.char_indices().nth(TEXT_CHARS_MAX)
    {
        let whole = text.len();
        text.truncate(at);
        text.push_str(&format!("… ({whole} bytes)"));
    }
}
