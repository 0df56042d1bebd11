//! The ids of requests and sessions, which anybody sends.
use obs_core::propagation::{REQUEST_ID_BYTES_MAX, request_id};

/// Takes the bytes for an id.
///
/// # Panics
///
/// When something is taken that could mean anything anywhere, or that was not sent.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(id) = request_id(text) else { return };
    assert!((1..=REQUEST_ID_BYTES_MAX).contains(&id.len()));
    let is_harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@~".contains(&byte);
    assert!(id.bytes().all(is_harmless), "{id:?}");
    assert!(text.contains(id));
    assert_eq!(request_id(id), Some(id));
}
