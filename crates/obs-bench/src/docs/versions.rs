//! The versions of the peers, out of the lock file that the bench was built with.

const LOCK: &str = include_str!("../../Cargo.lock");

const PEERS: &[&str] = &[
    "tracing",
    "tracing-subscriber",
    "tracing-appender",
    "opentelemetry_sdk",
    "opentelemetry-appender-tracing",
    "tracing-opentelemetry",
    "opentelemetry-otlp",
    "tower-http",
    "axum",
    "slog",
    "slog-async",
    "slog-json",
    "logforth",
    "logforth-append-async",
    "log",
    "emit",
    "emit_file",
    "spdlog-rs",
    "fastrace",
];

/// Names and versions.
pub(super) fn of_peers() -> Vec<(&'static str, String)> {
    let version = |name: &&'static str| Some((*name, version_in(LOCK, name)?));
    PEERS.iter().filter_map(version).collect()
}

fn version_in(lock: &str, name: &str) -> Option<String> {
    let (_, rest) = lock.split_once(&format!("\nname = \"{name}\"\nversion = \""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{PEERS, of_peers, version_in};

    #[test]
    fn the_lock_file_has_the_version_of_every_peer() {
        assert_eq!(of_peers().len(), PEERS.len());
        let lock = "[[package]]\nname = \"slog-async\"\nversion = \"2.8.0\"\n\n[[package]]\nname = \
                    \"slog\"\nversion = \"2.7.0\"\n";
        assert_eq!(version_in(lock, "slog").as_deref(), Some("2.7.0"));
        assert_eq!(version_in(lock, "log"), None);
    }
}
