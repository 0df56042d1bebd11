//! The header `baggage`, which anybody sends.
use obs_core::propagation::{BAGGAGE_BYTES_MAX, BAGGAGE_MEMBERS_MAX, Baggage};

/// Takes the bytes for a header, and for a value of the program's.
///
/// # Panics
///
/// When more is kept than may be, something that no header can hold, or what is read again is another one.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut baggage = Baggage::parse(text);
    holds(&baggage);
    if baggage.insert("key", text).is_ok() {
        assert_eq!(baggage.value("key"), Some(text));
        holds(&baggage);
        assert!(baggage.remove("key"));
        assert_eq!(baggage.value("key"), None);
    }
}

fn holds(baggage: &Baggage) {
    let written = baggage.to_string();
    assert!(written.len() <= BAGGAGE_BYTES_MAX, "{} bytes", written.len());
    assert!(baggage.members().len() <= BAGGAGE_MEMBERS_MAX);
    assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')), "{written:?}");
    let again = Baggage::parse(&written);
    assert_eq!(again.members(), baggage.members(), "written as {written}");
    assert_eq!(again.left_out(), 0);
}
