//! Attributes, for tests to read.
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

/// A value as text: numbers and texts as they are, lists in brackets, bytes in hexadecimal digits.
#[must_use]
pub fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        None => String::new(),
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => format!("{number:?}"),
        Some(Value::BytesValue(bytes)) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Some(Value::ArrayValue(list)) => {
            let items: Vec<_> = list.values.iter().map(|value| text(Some(value))).collect();
            format!("[{}]", items.join(", "))
        }
        Some(other) => format!("{other:?}"),
    }
}

/// The value of an attribute as text; `None` if there is none of this name.
#[must_use]
pub fn attribute(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    Some(text(found.value.as_ref()))
}

/// All attributes as text, by name.
#[must_use]
pub fn attributes(attributes: &[KeyValue]) -> Vec<(String, String)> {
    let mut all: Vec<_> = attributes
        .iter()
        .map(|attribute| (attribute.key.clone(), text(attribute.value.as_ref())))
        .collect();
    all.sort();
    all
}
