//! What arrives is what was recorded.
use crate::support::{FIELDS, Sending, event, open};
use obs_core::Context;
use obs_receiver::proto::common::v1::any_value::Value as Any;
use obs_receiver::{NO_NUMBERS, Received, Receiver, attribute, text};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

/// A value as a program records it.
#[derive(Debug, Clone)]
enum Recorded {
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    F64(f64),
    Text(String),
    Bytes(Vec<u8>),
}

fn recorded() -> impl Strategy<Value = Recorded> {
    let edges = prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0), any::<i64>()];
    let floats = prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-0.0), any::<f64>()];
    let long = (0..4_usize).prop_map(|kind| ["a", "ü", "界", "𝄞"][kind].repeat(65_536 >> kind));
    let texts = prop_oneof![8 => ".{0,40}", 2 => Just(String::new()), 1 => long];
    prop_oneof![
        any::<bool>().prop_map(Recorded::Bool),
        edges.prop_map(Recorded::I64),
        prop_oneof![Just(u64::MAX), any::<u64>()].prop_map(Recorded::U64),
        prop_oneof![Just(i128::MIN), any::<i128>()].prop_map(Recorded::I128),
        floats.prop_map(Recorded::F64),
        texts.prop_map(Recorded::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Recorded::Bytes),
    ]
}

/// What OTLP has for it.
fn expected(value: &Recorded) -> Any {
    let integer = |number: i128| match i64::try_from(number) {
        Ok(number) => Any::IntValue(number),
        Err(_) => Any::StringValue(number.to_string()),
    };
    match value {
        Recorded::Bool(truth) => Any::BoolValue(*truth),
        Recorded::I64(number) => integer((*number).into()),
        Recorded::U64(number) => integer((*number).into()),
        Recorded::I128(number) => integer(*number),
        Recorded::F64(number) => Any::DoubleValue(*number),
        Recorded::Text(text) => Any::StringValue(text.clone()),
        Recorded::Bytes(bytes) => Any::BytesValue(bytes.clone()),
    }
}

fn write(fields: &mut obs_recorder::emit::Fields<'_>, values: &[Recorded]) {
    for (place, value) in values.iter().enumerate() {
        match value {
            Recorded::Bool(truth) => fields.bool(place + 1, *truth),
            Recorded::I64(number) => fields.i64(place + 1, *number),
            Recorded::U64(number) => fields.u64(place + 1, *number),
            Recorded::I128(number) => fields.i128(place + 1, *number),
            Recorded::F64(number) => fields.f64(place + 1, *number),
            Recorded::Text(text) => fields.text(place + 1, text),
            Recorded::Bytes(bytes) => fields.bytes(place + 1, bytes),
        }
    }
}

/// Whether the attributes `f0`, `f1` … are these values, bit by bit.
fn same(attributes: &[obs_receiver::proto::common::v1::KeyValue], values: &[Recorded]) -> bool {
    let found = |name: String| {
        let found = attributes.iter().find(|attribute| attribute.key == name)?;
        found.value.as_ref()?.value.clone()
    };
    let equal =
        |(place, value): (usize, &Recorded)| match (found(format!("f{place}")), expected(value)) {
            (Some(Any::DoubleValue(one)), Any::DoubleValue(other)) => {
                one.to_bits() == other.to_bits()
            }
            (one, other) => one == Some(other),
        };
    values.iter().enumerate().all(equal)
}

/// What there is of each item, in any order, with what stands for numbers that JSON does not have.
fn in_json<T: std::fmt::Debug>(items: &[Received<T>]) -> BTreeSet<String> {
    let text = |item: &Received<T>| {
        let mut text = format!("{} {:?}", item.scope, item.item);
        for (rust, (_, number)) in ["NaN", "inf", "-inf"].iter().zip(NO_NUMBERS) {
            let double = |value: &str| format!("DoubleValue({value})");
            text = text.replace(&double(rust), &double(&format!("{number:?}")));
        }
        text
    };
    items.iter().map(text).collect()
}

#[test]
fn values_of_every_type_arrive_bit_by_bit() {
    const CASES: usize = 400;
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(recorded(), 0..FIELDS);
    // Several long texts are more than one record holds.
    let fits = |values: &Vec<Recorded>| {
        let bytes =
            |value: &Recorded| if let Recorded::Text(text) = value { text.len() } else { 20 };
        values.iter().map(bytes).sum::<usize>() <= 66_000
    };
    let mut cases = Vec::new();
    while cases.len() < CASES {
        let values = strategy.new_tree(&mut runner).unwrap().current();
        cases.extend(Some(values).filter(fits));
    }
    let receiver = Receiver::start().unwrap();
    let sending = Sending::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint("http"))]);
    for (number, values) in (1..).zip(&cases) {
        let span = open(number, None, |mut fields| write(&mut fields, values));
        event(None, |mut fields| {
            fields.u64(0, number);
            write(&mut fields, values);
        });
        span.close();
    }
    let exported = sending.finish_with_json();
    let store = receiver.store();
    assert_eq!((store.spans.len(), exported.spans.len()), (CASES, CASES));
    assert!(in_json(&store.spans) == in_json(&exported.spans));
    assert!(in_json(&store.logs) == in_json(&exported.logs));
    for (number, values) in (1_u64..).zip(&cases) {
        let span = store.spans.iter().find(|span| span.item.span_id == number.to_be_bytes());
        assert!(same(&span.unwrap().item.attributes, values), "{values:?}");
        let log = store.logs.iter().find(|log| text(log.item.body.as_ref()) == number.to_string());
        assert!(same(&log.unwrap().item.attributes, values), "{values:?}");
    }
}

/// The span with this number.
fn span(
    store: &obs_receiver::Store,
    number: u64,
) -> &Received<obs_receiver::proto::trace::v1::Span> {
    store.spans.iter().find(|span| span.item.span_id == number.to_be_bytes()).unwrap()
}

#[test]
fn a_span_has_its_place_its_events_its_links_and_what_is_in_scope() {
    let receiver = Receiver::start().unwrap();
    let sending = Sending::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint("http"))]);
    let context = Context::new().with("request_id", "r-1").with("password", "hunter2");
    context.in_scope(|| {
        let root = open(1, None, |mut fields| fields.text(1, "outer"));
        let other = open(3, None, |_| {});
        let child = open(2, Some(&root), |_| {});
        obs_recorder::emit::span_link(child.span.span, other.span);
        event(Some(&child), |mut fields| {
            fields.text(0, "bought");
            fields.u64(2, 5);
        });
        child.close();
        other.close();
        root.close();
    });
    assert!(sending.finish().is_complete());
    let store = receiver.store();
    let (root, child) = (span(&store, 1), span(&store, 2));
    assert_eq!(child.scope, "shop::till");
    assert_eq!(attribute(&child.resource.attributes, "service.name").unwrap(), "shop");
    let (root, child) = (&root.item, &child.item);
    assert_eq!(child.trace_id, root.trace_id);
    assert_eq!((&child.parent_span_id, &*root.parent_span_id), (&root.span_id, &[][..]));
    assert!(root.start_time_unix_nano <= child.start_time_unix_nano);
    assert!(child.end_time_unix_nano <= root.end_time_unix_nano);
    let all = |name: &str| [root, child].map(|span| attribute(&span.attributes, name));
    assert_eq!(all("request_id"), [Some("r-1".to_owned()), Some("r-1".to_owned())]);
    assert_eq!(all("f0"), [Some("outer".to_owned()), None]);
    assert_eq!(all("code.file.path")[0].as_deref(), Some("src/till.rs"));
    assert!(all("password")[0].as_deref().unwrap().starts_with("[REDACTED:"));
    let [event] = &child.events[..] else { panic!("{child:?}") };
    assert_eq!(
        (&*event.name, attribute(&event.attributes, "f1").as_deref()),
        ("bought", Some("5"))
    );
    assert!(
        (child.start_time_unix_nano..=child.end_time_unix_nano).contains(&event.time_unix_nano)
    );
    let [link] = &child.links[..] else { panic!("{child:?}") };
    assert_eq!((&*link.span_id, link.trace_id[15]), (&3_u64.to_be_bytes()[..], 3));
    let log = store.logs.iter().find(|log| text(log.item.body.as_ref()) == "bought").unwrap();
    assert_eq!((&log.item.span_id, &log.item.trace_id), (&child.span_id, &child.trace_id));
    assert_eq!((log.item.severity_number, &*log.item.severity_text), (9, "INFO"));
    // The spans around an event lend it their attributes.
    assert_eq!(attribute(&log.item.attributes, "f0").as_deref(), Some("outer"));
}

#[test]
fn limits_are_kept_and_what_is_left_out_is_counted() {
    let receiver = Receiver::start().unwrap();
    let sending = Sending::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint("http")),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "2"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "3"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "4"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "1"),
        ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "1"),
    ]);
    let span_of = open(1, None, |mut fields| (1..=5).for_each(|at| fields.text(at, "übel")));
    let others = [2, 3, 4].map(|number| open(number, None, |_| {}));
    for other in &others {
        obs_recorder::emit::span_link(span_of.span.span, other.span);
    }
    for _ in 0..10 {
        event(Some(&span_of), |mut fields| (1..=3).for_each(|at| fields.text(at, "übel")));
    }
    others.into_iter().for_each(crate::support::Open::close);
    span_of.close();
    assert!(sending.finish().is_complete());
    let store = receiver.store();
    let span = &span(&store, 1).item;
    let own = |name: &str| name.starts_with('f');
    let values: Vec<_> = span.attributes.iter().filter(|it| own(&it.key)).collect();
    assert_eq!(values.len(), 2);
    assert!(values.iter().all(|it| text(it.value.as_ref()) == "übe"));
    assert_eq!(span.dropped_attributes_count, 3);
    assert_eq!((span.events.len(), span.dropped_events_count), (4, 6));
    assert_eq!((span.links.len(), span.dropped_links_count), (1, 2));
    assert!(
        span.events.iter().all(|it| it.attributes.len() == 1 && it.dropped_attributes_count == 3)
    );
    let log = store.logs.iter().find(|log| !log.item.span_id.is_empty()).unwrap();
    assert_eq!(log.item.attributes.iter().filter(|it| own(&it.key)).count(), 2);
    assert!(log.item.dropped_attributes_count > 0);
}

#[test]
fn times_and_descriptions_that_the_program_gives_count() {
    let receiver = Receiver::start().unwrap();
    let sending = Sending::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint("http"))]);
    let number = |mut fields: obs_recorder::emit::Fields<'_>, name: &str, number: u64| {
        fields.named(name, |encoder, key| encoder.u64(key, number));
    };
    let given = open(1, None, |fields| number(fields, "otel.start_time_unix_nano", 1_000));
    event(Some(&given), |fields| number(fields, "otel.time_unix_nano", 1_001));
    given.close();
    let ended = open(2, None, |fields| number(fields, "otel.end_time_unix_nano", u64::MAX));
    ended.close();
    assert!(sending.finish().is_complete());
    let store = receiver.store();
    let [given, ended] = [0, 1].map(|at| &store.spans[at].item);
    assert_eq!((given.start_time_unix_nano, given.events[0].time_unix_nano), (1_000, 1_001));
    assert!(given.end_time_unix_nano > 1_000_000_000_000_000_000);
    assert_eq!(ended.end_time_unix_nano, u64::MAX);
    assert_eq!(attribute(&given.events[0].attributes, "otel.time_unix_nano"), None);
}
