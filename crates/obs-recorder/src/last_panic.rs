//! The last panic of a run, as its record tells of it.
use crate::fingerprint::{Cause, Fingerprint, Panic};
use crate::summary::{End, EndKind};
use obs_core::Value;
use obs_core::encode::Key;
use obs_core::wire::body::Event;

/// Where the panic hook puts message and location among the fields of its events.
const MESSAGE: Key<'_> = Key::Field(0);
const LOCATION: Key<'_> = Key::Field(1);

/// What the body of a panic's event says; nothing that it says was left out for its length.
pub(crate) fn read(body: &[u8]) -> Option<Panic<'_>> {
    let mut panic = Panic::default();
    for (key, value) in Event::decode(body)?.attributes {
        match (key, value) {
            (MESSAGE, Value::Text(text)) => panic.message = text.text,
            (LOCATION, Value::Text(text)) => panic.location = text.text,
            _ => {}
        }
    }
    Some(panic)
}

impl Panic<'_> {
    /// The end of a run by this panic. `then` goes on behind its message.
    pub(crate) fn end(&self, then: &str, evidence: Vec<String>) -> End {
        let message = if self.message.is_empty() { "panicked" } else { self.message };
        let end = End::new(EndKind::Panicked, End::brief(message, then), evidence);
        end.with_fingerprint(Fingerprint::of(&Cause::Panic(*self)))
    }
}
