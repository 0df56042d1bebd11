use super::Join;
use crate::encode::{Encoder, Key};
use crate::value::Value;
use crate::wire::body::{self, SpanFlags, SpanRef};
use crate::wire::frame::{self, Header, NO_RING};
use crate::wire::{Kind, body::begin_attributes};
use crate::{Callsite, CallsiteKind, Level, SpanId, TraceId};

const CALLSITE: u32 = 1;
const CONTEXT: u32 = 7;

/// Applies a frame, and says whether a context of its record is lost, and which request it belongs to.
fn apply(join: &mut Join, kind: Kind, (seq, context): (u64, u32), body: &[u8]) -> (bool, String) {
    let (ring, unix_ns) = (NO_RING, 1);
    let header = Header { kind, level: 2, flags: 0, ring, seq, unix_ns, ring_end: 0, context };
    let mut bytes = Vec::new();
    frame::append(&mut bytes, 0, &header, |out| out.extend_from_slice(body));
    let (_, frame) = frame::decode_again(&bytes).unwrap();
    let frame = frame.unwrap();
    join.apply(&frame);
    let Some(record) = join.record(&frame) else { return (false, String::new()) };
    let request = record.context.into_iter().find_map(|(_, value)| match value {
        Value::Text(text) => Some(text.text.to_owned()),
        _ => None,
    });
    (record.is_context_lost, request.unwrap_or_default())
}

fn callsite() -> Vec<u8> {
    let mut bytes = u64::from(CALLSITE).to_le_bytes().to_vec();
    let (kind, level) = (CallsiteKind::Span, Level::Info);
    let (name, target) = ("job".into(), "app".into());
    Callsite { kind, level, name, target, file: None, line: None, fields: vec![] }
        .encode(&mut bytes);
    bytes
}

#[test]
fn a_span_whose_context_is_found_later_has_it_from_then_on() {
    let mut encoder = Encoder::new(256);
    begin_attributes(&mut encoder);
    encoder.text(Key::Name("request_id"), "r-1");
    let mut knows = Join::new();
    apply(&mut knows, Kind::Context, (0, CONTEXT), encoder.finish());

    let mut join = Join::new();
    apply(&mut join, Kind::Callsite, (0, 0), &callsite());
    let span = SpanRef { span: SpanId::new(5).unwrap(), trace: TraceId::new(6).unwrap() };
    let mut start = Encoder::new(256);
    body::begin_span(&mut start, CALLSITE, span, None, SpanFlags::default());
    assert_eq!(
        apply(&mut join, Kind::SpanStart, (1, CONTEXT), start.finish()),
        (true, String::new())
    );
    let mut event = Encoder::new(256);
    body::begin_event(&mut event, CALLSITE, Some(span), false);
    let event = event.finish();
    assert_eq!(apply(&mut join, Kind::Event, (2, 0), event), (true, String::new()));
    join.adopt_definitions(&knows);
    assert_eq!(apply(&mut join, Kind::Event, (3, 0), event), (false, "r-1".to_owned()));
}
