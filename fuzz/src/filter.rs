//! Filters: what is recorded, by target and level.
use obs_core::{Filter, Level};

/// Takes the bytes for a filter.
///
/// # Panics
///
/// When a filter that was read is another one after it was written.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (lossy, errors) = Filter::parse_lossy(text);
    for error in errors {
        let error = error.to_string();
        assert!(!error.contains(|c: char| c.is_control()), "{error:?}");
    }
    assert!(!lossy.enabled("a::b", Level::Trace) || lossy.max_level() == Some(Level::Trace));
    let Ok(filter) = Filter::parse(text) else { return };
    assert_eq!(lossy, filter, "what is right is read alike");
    let again = Filter::parse(&filter.to_string());
    assert_eq!(again.as_ref(), Ok(&filter), "written as {filter}");
}
