//! What describes the source of a run's records: service, process, host.
use crate::value::{Text, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Attributes of a source, by their names.
pub type Resource = BTreeMap<String, ResourceValue>;

/// The value of an attribute of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ResourceValue {
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
}

impl From<i64> for ResourceValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<String> for ResourceValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for ResourceValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<'a> From<&'a ResourceValue> for Value<'a> {
    fn from(value: &'a ResourceValue) -> Self {
        match value {
            ResourceValue::Integer(number) => Self::I64(*number),
            ResourceValue::Text(text) => Self::Text(Text::whole(text)),
        }
    }
}
