//! OTLP's JSON, made of the messages in protobuf: names in camel case, ids in hexadecimal digits, whole numbers of 64
//! bits as text, enumerations as numbers.
use crate::proto::{Fields, Wire};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;

/// A field of a message, as JSON has it.
pub(crate) struct Field {
    number: u32,
    name: &'static str,
    shape: Shape,
    is_repeated: bool,
}

/// What a field holds.
enum Shape {
    Text,
    /// Bytes of an id.
    Id,
    /// Any other bytes.
    Bytes,
    Truth,
    /// A number of 32 bits at most.
    Number,
    Signed64,
    Unsigned64,
    Double,
    Message(&'static [Field]),
}

const fn one(number: u32, name: &'static str, shape: Shape) -> Field {
    Field { number, name, shape, is_repeated: false }
}

const fn many(number: u32, name: &'static str, fields: &'static [Field]) -> Field {
    Field { number, name, shape: Shape::Message(fields), is_repeated: true }
}

static ANY_VALUE: [Field; 7] = [
    one(1, "stringValue", Shape::Text),
    one(2, "boolValue", Shape::Truth),
    one(3, "intValue", Shape::Signed64),
    one(4, "doubleValue", Shape::Double),
    one(5, "arrayValue", Shape::Message(&ARRAY)),
    one(6, "kvlistValue", Shape::Message(&PAIRS)),
    one(7, "bytesValue", Shape::Bytes),
];
static ARRAY: [Field; 1] = [many(1, "values", &ANY_VALUE)];
static PAIRS: [Field; 1] = [many(1, "values", &PAIR)];
static PAIR: [Field; 2] = [one(1, "key", Shape::Text), one(2, "value", Shape::Message(&ANY_VALUE))];

static RESOURCE: [Field; 1] = [many(1, "attributes", &PAIR)];

static EVENT: [Field; 4] = [
    one(1, "timeUnixNano", Shape::Unsigned64),
    one(2, "name", Shape::Text),
    many(3, "attributes", &PAIR),
    one(4, "droppedAttributesCount", Shape::Number),
];
static LINK: [Field; 2] = [one(1, "traceId", Shape::Id), one(2, "spanId", Shape::Id)];
static STATUS: [Field; 2] = [one(2, "message", Shape::Text), one(3, "code", Shape::Number)];
static SPAN: [Field; 16] = [
    one(1, "traceId", Shape::Id),
    one(2, "spanId", Shape::Id),
    one(3, "traceState", Shape::Text),
    one(4, "parentSpanId", Shape::Id),
    one(16, "flags", Shape::Number),
    one(5, "name", Shape::Text),
    one(6, "kind", Shape::Number),
    one(7, "startTimeUnixNano", Shape::Unsigned64),
    one(8, "endTimeUnixNano", Shape::Unsigned64),
    many(9, "attributes", &PAIR),
    one(10, "droppedAttributesCount", Shape::Number),
    many(11, "events", &EVENT),
    one(12, "droppedEventsCount", Shape::Number),
    many(13, "links", &LINK),
    one(14, "droppedLinksCount", Shape::Number),
    one(15, "status", Shape::Message(&STATUS)),
];
static LOG_RECORD: [Field; 10] = [
    one(1, "timeUnixNano", Shape::Unsigned64),
    one(11, "observedTimeUnixNano", Shape::Unsigned64),
    one(2, "severityNumber", Shape::Number),
    one(3, "severityText", Shape::Text),
    one(5, "body", Shape::Message(&ANY_VALUE)),
    many(6, "attributes", &PAIR),
    one(7, "droppedAttributesCount", Shape::Number),
    one(8, "flags", Shape::Number),
    one(9, "traceId", Shape::Id),
    one(10, "spanId", Shape::Id),
];

/// Writes a `Resource`.
pub(crate) fn resource(out: &mut String, message: &[u8]) {
    object(out, &RESOURCE, message);
}

/// Writes a `Span`.
pub(crate) fn span(out: &mut String, message: &[u8]) {
    object(out, &SPAN, message);
}

/// Writes a `LogRecord`.
pub(crate) fn log_record(out: &mut String, message: &[u8]) {
    object(out, &LOG_RECORD, message);
}

fn object(out: &mut String, fields: &[Field], message: &[u8]) {
    out.push('{');
    let mut is_first = true;
    for field in fields {
        let mut values = Fields::new(message).filter(|(number, _)| *number == field.number);
        let Some((_, value)) = values.next() else { continue };
        if !std::mem::take(&mut is_first) {
            out.push(',');
        }
        out.push('"');
        out.push_str(field.name);
        out.push_str("\":");
        if field.is_repeated {
            out.push('[');
            write_value(out, &field.shape, value);
            for (_, value) in values {
                out.push(',');
                write_value(out, &field.shape, value);
            }
            out.push(']');
        } else {
            write_value(out, &field.shape, value);
        }
    }
    out.push('}');
}

fn write_value(out: &mut String, shape: &Shape, value: Wire<'_>) {
    let (bytes, number) = (value.bytes(), value.number());
    match shape {
        Shape::Text => text(out, &String::from_utf8_lossy(bytes)),
        Shape::Id => {
            out.push('"');
            bytes.iter().for_each(|byte| put(out, format_args!("{byte:02x}")));
            out.push('"');
        }
        Shape::Bytes => text(out, &STANDARD.encode(bytes)),
        Shape::Truth => out.push_str(if number == 0 { "false" } else { "true" }),
        Shape::Number => put(out, format_args!("{number}")),
        Shape::Signed64 => put(out, format_args!("\"{}\"", number.cast_signed())),
        Shape::Unsigned64 => put(out, format_args!("\"{number}\"")),
        Shape::Double => double(out, f64::from_bits(number)),
        Shape::Message(fields) => object(out, fields, bytes),
    }
}

fn double(out: &mut String, number: f64) {
    match number {
        _ if number.is_nan() => out.push_str("\"NaN\""),
        f64::INFINITY => out.push_str("\"Infinity\""),
        f64::NEG_INFINITY => out.push_str("\"-Infinity\""),
        // Rust's own shortest form is also JSON's, but for its lack of exponents.
        _ => put(out, format_args!("{number:?}")),
    }
}

/// Writes a text with its quotation marks.
pub fn text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ' || c == '\u{7f}') {
        out.push_str(&rest[..at]);
        let mut characters = rest[at..].chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(other) => put(out, format_args!("\\u{:04x}", u32::from(other))),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

fn put(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a text never fails.
    let written = out.write_fmt(arguments);
    debug_assert!(written.is_ok());
}
