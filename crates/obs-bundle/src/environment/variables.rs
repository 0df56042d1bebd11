//! Environment variables: some are shown, of the others only the kind.
use super::process::cut;
use super::redact::Rules;
use super::source::{Source, found, put};
use obs_core::redact::{classify, marker};
use serde_json::{Map, Value};

/// Variables that say how programs behave and nothing about who runs them.
const SHOWN: [&str; 13] = [
    "CI",
    "COLORTERM",
    "CUDA_VISIBLE_DEVICES",
    "LANG",
    "LANGUAGE",
    "MALLOC_ARENA_MAX",
    "NO_COLOR",
    "OMP_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "TERM",
    "TOKIO_WORKER_THREADS",
    "TRACEPARENT",
    "TZ",
];
const SHOWN_PREFIXES: [&str; 4] = ["LC_", "OBS_", "OTEL_", "RUST_"];
/// Names beyond these, and names that are none, are only counted.
const OTHERS_MAX: usize = 512;
const NAME_BYTES_MAX: usize = 128;

/// The variables that the process was started with: `shown` with their values, redacted; of `others` the name, and in
/// brackets what kind of text it is; `unnamed` counts the rest.
pub(super) fn variables(source: &Source, rules: &Rules, prefixes: &[String]) -> Option<Value> {
    found(source.bytes("proc/self/environ").map(|bytes| {
        let (mut shown, mut others, mut unnamed) = (Map::new(), Map::new(), 0_u64);
        for variable in bytes.split(|byte| *byte == 0).filter(|text| !text.is_empty()) {
            let text = String::from_utf8_lossy(variable);
            let (name, value) = text.split_once('=').unwrap_or((&text, ""));
            if is_shown(name, prefixes) {
                let mut value = Value::from(rules.redact_text(name, value));
                cut(&mut value);
                shown.insert(name.to_owned(), value);
            } else if is_name(name) && others.len() < OTHERS_MAX {
                others.insert(name.to_owned(), placeholder(name, value).into());
            } else {
                unnamed += 1;
            }
        }
        let mut map = Map::new();
        put(&mut map, "shown", Some(sorted(shown)));
        put(&mut map, "others", Some(sorted(others)));
        put(&mut map, "unnamed", Some(unnamed).filter(|count| *count > 0));
        map
    }))
}

fn is_shown(name: &str, prefixes: &[String]) -> bool {
    let own = prefixes.iter().map(String::as_str).filter(|prefix| !prefix.is_empty());
    let mut prefixes = SHOWN_PREFIXES.into_iter().chain(own);
    is_name(name) && (SHOWN.contains(&name) || prefixes.any(|prefix| name.starts_with(prefix)))
}

fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(is_plain)
}

/// What kind of text a value is, without a word of it.
fn placeholder(name: &str, value: &str) -> String {
    if let Some(rule) = classify(name).rule().filter(|_| !value.is_empty()) {
        return marker(rule).to_string();
    }
    let lower = value.to_ascii_lowercase();
    let is_path = |text: &str| text.starts_with(['/', '~', '.']);
    let kind = match lower.as_str() {
        "" => "empty",
        "0" | "1" | "true" | "false" | "yes" | "no" | "on" | "off" => "flag",
        text if text.parse::<f64>().is_ok() => "number",
        text if text.contains("://") => "url",
        text if text.contains(':') && text.split(':').any(is_path) => "paths",
        text if is_path(text) => "path",
        _ => "text",
    };
    format!("[{kind}]")
}

fn sorted(map: Map<String, Value>) -> Value {
    let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    Value::Object(pairs.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn a_placeholder_tells_the_kind_alone() {
        for (name, value, kind) in [
            ("A", "", "[empty]"),
            ("A", "TRUE", "[flag]"),
            ("A", "-1.5", "[number]"),
            ("A", "https://u:p@h", "[url]"),
            ("PATH", "/bin:/usr/bin", "[paths]"),
            ("HOME", "/somewhere", "[path]"),
            ("USER", "ada", "[text]"),
            ("DB_PASSWORD", "x", "[REDACTED:name:password]"),
            ("DB_PASSWORD", "", "[empty]"),
        ] {
            assert_eq!(placeholder(name, value), kind, "{name}={value}");
        }
    }
}
