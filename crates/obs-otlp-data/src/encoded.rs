//! A span that waits: it is known only later whether it is sent.
use crate::proto::Message;

/// A span that has ended, encoded.
#[derive(Debug)]
pub struct EncodedSpan {
    pub(crate) scope: String,
    /// The fields of its message.
    pub(crate) fields: Message,
    pub(crate) is_error: bool,
}

impl EncodedSpan {
    /// Whether its status is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.is_error
    }

    /// The memory that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.scope.len() + self.fields.len() + size_of::<Self>()
    }
}
