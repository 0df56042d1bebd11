//! Languages, by the ends of files' names.
use std::path::Path;

const LANGUAGES: &[(&str, &[&str])] = &[
    ("Assembly", &["s", "asm"]),
    ("C", &["c", "h"]),
    ("C++", &["cc", "cpp", "cxx", "hh", "hpp", "hxx"]),
    ("CSS", &["css", "scss"]),
    ("HTML", &["htm", "html"]),
    ("JSON", &["json"]),
    ("JavaScript", &["js", "mjs", "ts"]),
    ("Markdown", &["md"]),
    ("Python", &["py"]),
    ("Rust", &["rs"]),
    ("Shell", &["bash", "fish", "sh", "zsh"]),
    ("TOML", &["lock", "toml"]),
    ("YAML", &["yaml", "yml"]),
    ("text", &["txt"]),
];

pub(crate) fn of(path: &Path) -> &'static str {
    let end = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let known = LANGUAGES.iter().find(|(_, ends)| ends.contains(&end.as_str()));
    known.map_or("other", |(language, _)| language)
}
