//! Where telemetry comes from.
use crate::proto::Message;
use crate::value::attribute;
use obs_core::Value;
use obs_core::resource;

/// The field of `Resource`.
const ATTRIBUTES: u32 = 1;

/// What describes the source of all records of a run: service, process, host, run.
#[derive(Debug, Clone, Default)]
pub struct Resource {
    message: Message,
}

impl Resource {
    /// A source with these attributes.
    #[must_use]
    pub fn new(attributes: &resource::Resource) -> Self {
        let mut message = Message::default();
        for (name, value) in attributes.iter().filter(|(name, _)| !name.is_empty()) {
            attribute(&mut message, ATTRIBUTES, name, &Value::from(value), usize::MAX);
        }
        Self { message }
    }

    /// Writes it as OTLP's JSON.
    pub fn write_json(&self, out: &mut String) {
        crate::json::resource(out, self.message.as_bytes());
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.message.as_bytes()
    }
}
