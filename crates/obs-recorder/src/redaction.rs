//! The rules by which the drain takes secrets out, and the key of the digits that it leaves in their place.
use obs_core::redact::{DigestKey, Redactor, Rules};
use std::sync::OnceLock;

/// Rules and key of a run. The rules are made ready when the first record comes, on the thread that needs them.
#[derive(Debug, Default)]
pub struct Redaction {
    rules: Rules,
    key: Option<DigestKey>,
    ready: OnceLock<Redactor>,
}

impl Redaction {
    /// With these rules, beside the built-in ones, and this key.
    #[must_use]
    pub fn new(rules: Rules, key: Option<DigestKey>) -> Self {
        Self { rules, key, ready: OnceLock::new() }
    }

    /// The redactor, made ready if it is not.
    pub fn redactor(&self) -> &Redactor {
        let make = || Redactor::with_rules(self.rules.clone()).with_key(self.key.clone());
        self.ready.get_or_init(make)
    }
}
