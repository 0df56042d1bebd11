//! What spans tell, line by line.
use std::future::Future;

/// Runs a future on a runtime of its own.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The lines that end spans.
pub(crate) fn ends(lines: &str) -> Vec<String> {
    lines.lines().filter_map(|line| line.strip_prefix("end   ")).map(str::to_owned).collect()
}

/// The value of an attribute in a line.
pub(crate) fn attribute(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!(" {name}="))?;
    let value = match rest.strip_prefix('"') {
        Some(text) => text.split('"').next(),
        None => rest.split(' ').next(),
    };
    value.map(|value| value.trim_end_matches(',').to_owned())
}
