//! The header `tracestate`, which anybody sends.
use obs_core::propagation::{TRACE_STATE_BYTES_MAX, TRACE_STATE_MEMBERS_MAX, TraceState};

/// Takes the bytes for a header.
///
/// # Panics
///
/// When more is kept than may be, something that no header can hold, or what is read again is another one.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let state = TraceState::parse(text);
    let written = state.to_string();
    assert!(written.len() <= TRACE_STATE_BYTES_MAX, "{} bytes", written.len());
    assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{written:?}");
    assert_eq!(TraceState::parse(&written), state, "written as {written}");
    let members = written.split(',').filter(|member| !member.is_empty()).count();
    assert!(members <= TRACE_STATE_MEMBERS_MAX, "{members} members");
}
