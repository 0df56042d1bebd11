//! The header `traceparent`, which anybody sends.
use obs_core::propagation::TraceParent;

/// Takes the bytes for a header.
///
/// # Panics
///
/// When what was read is another one after it was written, or the error repeats what was sent.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match text.parse::<TraceParent>() {
        Ok(parent) => {
            let written = parent.to_string();
            assert_eq!(written.len(), 55, "{written}");
            assert_eq!(written.parse(), Ok(parent), "written as {written}");
        }
        Err(error) => {
            let said = error.to_string();
            assert!(text.len() < 4 || !said.contains(text), "{said}");
        }
    }
}
