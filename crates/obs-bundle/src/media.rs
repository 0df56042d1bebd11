//! What kind of bytes a file holds, by its name.

pub(crate) const LINES: &str = "application/x-ndjson";
pub(crate) const JSON: &str = "application/json";
pub(crate) const GZIP: &str = "application/gzip";
const OPEN_METRICS: &str = "application/openmetrics-text";
const SVG: &str = "image/svg+xml";
const BYTES: &str = "application/octet-stream";

/// Endings and media types; the first that fits counts.
const ENDINGS: [(&str, &str); 16] = [
    (".jsonl", LINES),
    (".ndjson", LINES),
    (".json", JSON),
    (".gz", GZIP),
    (".om", OPEN_METRICS),
    (".svg", SVG),
    (".log", "text/plain"),
    (".txt", "text/plain"),
    (".folded", "text/plain"),
    (".toml", "text/plain"),
    (".csv", "text/csv"),
    (".md", "text/markdown"),
    (".html", "text/html"),
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".zip", "application/zip"),
];

/// The media type of a file with this name.
pub(crate) fn of(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map_or(BYTES, |(_, media)| media)
}

/// Whether redaction leaves marks that a reader can find.
pub(crate) fn is_text(media: &str) -> bool {
    media.starts_with("text/") || matches!(media, LINES | JSON | OPEN_METRICS | SVG)
}

/// Whether the file with this path in a bundle is to be a segment of the journal, whoever adds it.
pub(crate) fn is_segment(path: &str) -> bool {
    path.starts_with("journal/") && path.ends_with(".seg")
}

/// Whether compressing once more is a waste.
pub(crate) fn is_compressed(media: &str) -> bool {
    matches!(media, GZIP | "image/png" | "image/jpeg" | "application/zip")
}
