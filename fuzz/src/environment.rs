//! `env.json`, and the redaction of JSON.
use crate::damage::{Chosen, damage};
use crate::{golden, mode};
use obs_bundle::{Environment, Given, Probe, environment};
use obs_core::redact::Redactor;
use serde_json::Value;
use std::path::PathBuf;

/// Takes the bytes, or the golden description damaged by them, for JSON that a program adds to its environment.
///
/// # Panics
///
/// When redacting a second time finds something, or what is written is not JSON.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    let mut file = rest.to_vec();
    if mode > 0 {
        file = golden::ENVIRONMENT.to_vec();
        let older = vec![b' '; file.len()];
        damage(&mut file, &older, &mut Chosen(rest));
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(&file) else { return };
    let mut empty = nothing();
    empty.set_section("added", value.clone());
    let document = empty.to_bytes().expect("a value in memory");
    let read: Value = serde_json::from_slice(&document).expect("it is JSON");
    assert_eq!(read, *empty.value());
    let text = std::str::from_utf8(&document).expect("text");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "safe for a terminal");
    Redactor::new().redact_json(&mut value);
    let once = value.clone();
    Redactor::new().redact_json(&mut value);
    assert_eq!(value, once, "redacted twice it is another one");
}

/// The environment of a machine of which nothing is known.
fn nothing() -> Environment {
    let mut probe = Probe::default();
    probe.root = PathBuf::from("/nonexistent");
    probe.nvidia_smi = None;
    environment(&probe, &Given::default())
}
