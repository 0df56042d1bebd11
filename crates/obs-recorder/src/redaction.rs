//! The rules by which the drain takes secrets out, and the key of the digits that it leaves in their place.
use obs_core::redact::{DigestKey, Literals, Redactor, Rules};
use std::sync::OnceLock;

/// Rules and key of a run. The rules are made ready when the first record comes, on the thread that needs them.
#[derive(Debug, Default)]
pub struct Redaction {
    rules: Rules,
    key: Option<DigestKey>,
    knows_process: bool,
    ready: OnceLock<Redactor>,
}

impl Redaction {
    /// With these rules, beside the built-in ones, and this key.
    #[must_use]
    pub fn new(rules: Rules, key: Option<DigestKey>) -> Self {
        Self { rules, key, ..Self::default() }
    }

    /// The same, and takes out what is secret of the environment and the command line of this process.
    #[must_use]
    pub fn of_process(self) -> Self {
        Self { knows_process: true, ..self }
    }

    /// The redactor, made ready if it is not.
    pub fn redactor(&self) -> &Redactor {
        self.ready.get_or_init(|| {
            let known =
                if self.knows_process { Literals::of_process() } else { Literals::default() };
            Redactor::with_rules(self.rules.clone())
                .with_key(self.key.clone())
                .with_literals(&known)
        })
    }
}
