//! Whatever a record holds, its line is one JSON object with unique keys and the values that were recorded.
use crate::frames::{Frames, run_id, site, span};
use crate::lines::Json;
use obs_core::encode::Encoder;
use obs_core::encode::Key::{self, Field, Name};
use obs_core::wire::Kind;
use obs_core::{Batch, CallsiteKind, Level};
use obs_json::marks;
use obs_log::{JsonLines, TextLines};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
enum Given {
    Null,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Text(String),
    Bytes(Vec<u8>),
    Error(Vec<String>),
    Redacted(String),
}

type List = Vec<(String, Given)>;

#[derive(Debug, Clone)]
struct Case {
    run: List,
    context: List,
    /// Outermost first; each with what is declared and what is added under names of its own.
    spans: Vec<(List, List)>,
    fields: (List, List),
    name: String,
    thread: String,
}

const KEYS: [&str; 20] = [
    "timestamp",
    "level",
    "event",
    "logger",
    "run_id",
    "trace_id",
    "span_id",
    "seq",
    "thread",
    "span.attrs",
    "context.attrs",
    "fields_left_out",
    "attributes_left_out",
    "spans_left_out",
    "name",
    "parent_id",
    "start",
    "duration_ns",
    "unfinished",
    "age_ns",
];

fn text() -> impl Strategy<Value = String> {
    let danger = prop::sample::select(vec![
        '"',
        '\\',
        '\n',
        '\r',
        '\0',
        '\u{2400}',
        '\u{241b}',
        '\t',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{9b}',
        '\u{61c}',
        '\u{200e}',
        '\u{2028}',
        '\u{202e}',
        '\u{2066}',
        '\u{feff}',
        '\u{e0041}',
        '{',
        '}',
        ',',
        ':',
        '=',
        ' ',
        'é',
        '😀',
    ]);
    prop::collection::vec(prop_oneof![danger, any::<char>(), prop::char::range('a', 'e')], 0..12)
        .prop_map(|chars| chars.into_iter().collect())
}

fn name() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        3 => prop::sample::select(vec!["a", "b", "c", "d", "message", "error", ""]).prop_map(str::to_owned),
        2 => prop::sample::select(&KEYS[..]).prop_map(str::to_owned),
        1 => text(),
    ];
    let suffix =
        prop::sample::select(vec!["", "", "", "", ".causes", ".causes_", ".truncated_bytes"]);
    (0..4_usize, word, suffix).prop_map(|(prefixes, word, suffix)| {
        "field.".repeat(prefixes.saturating_sub(1)) + &word + suffix
    })
}

fn value() -> impl Strategy<Value = Given> {
    prop_oneof![
        Just(Given::Null),
        any::<bool>().prop_map(Given::Bool),
        any::<i64>().prop_map(Given::I64),
        any::<u64>().prop_map(Given::U64),
        any::<i128>().prop_map(Given::I128),
        any::<u128>().prop_map(Given::U128),
        any::<f64>().prop_map(Given::F64),
        text().prop_map(Given::Text),
        prop::sample::select(vec!["NaN", "inf", "-inf", "-0.0"])
            .prop_map(|word| Given::Text(word.into())),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(Given::Bytes),
        prop::collection::vec(text(), 1..4).prop_map(Given::Error),
        text().prop_map(Given::Redacted),
    ]
}

fn list() -> impl Strategy<Value = List> {
    prop::collection::vec((name(), value()), 0..5)
}

fn case() -> impl Strategy<Value = Case> {
    let spans = prop::collection::vec((list(), list()), 0..4);
    (list(), list(), spans, (list(), list()), text(), text()).prop_map(
        |(run, context, spans, fields, name, thread)| Case {
            run,
            context,
            spans,
            fields,
            name,
            thread,
        },
    )
}

#[derive(Debug)]
struct Failure(String, Option<Box<Failure>>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

fn write(encoder: &mut Encoder, key: Key<'_>, value: &Given) {
    match value {
        Given::Null => encoder.null(key),
        Given::Bool(value) => encoder.bool(key, *value),
        Given::I64(value) => encoder.i64(key, *value),
        Given::U64(value) => encoder.u64(key, *value),
        Given::I128(value) => encoder.i128(key, *value),
        Given::U128(value) => encoder.u128(key, *value),
        Given::F64(value) => encoder.f64(key, *value),
        Given::Text(value) => encoder.text(key, value),
        Given::Bytes(value) => encoder.bytes(key, value),
        Given::Redacted(rule) => encoder.redacted(key, rule),
        Given::Error(messages) => {
            let chained = messages
                .iter()
                .rev()
                .fold(None, |source, message| Some(Box::new(Failure(message.clone(), source))));
            encoder.error(key, chained.unwrap().as_ref());
        }
    }
}

fn named(encoder: &mut Encoder, list: &List) {
    list.iter().for_each(|(name, value)| write(encoder, Name(name), value));
}

fn declared(encoder: &mut Encoder, list: &List) {
    list.iter().enumerate().for_each(|(place, (_, value))| write(encoder, Field(place), value));
}

fn frames(case: &Case) -> Frames {
    let mut frames = Frames::new();
    frames.thread(7, &case.thread);
    frames.attributes(Kind::RunContext, &|encoder| named(encoder, &case.run));
    frames.context(1, &|encoder| named(encoder, &case.context));
    let site_of = |frames: &mut Frames, kind, list: &List| {
        let names: Vec<&str> = list.iter().map(|(name, _)| name.as_str()).collect();
        frames.callsite(&site(kind, Level::Info, &case.name, &names))
    };
    for (index, (start, added)) in case.spans.iter().enumerate() {
        let callsite = site_of(&mut frames, CallsiteKind::Span, start);
        let number = index as u64 + 1;
        frames.begin(callsite, number, number - 1, &|encoder| declared(encoder, start));
        frames.record(callsite, number, &|encoder| named(encoder, added));
    }
    let callsite = site_of(&mut frames, CallsiteKind::Event, &case.fields.0);
    let scope = Some(case.spans.len() as u64).filter(|depth| *depth > 0).map(span);
    for _ in 0..2 {
        frames.event(callsite, scope, &|encoder| {
            declared(encoder, &case.fields.0);
            named(encoder, &case.fields.1);
        });
    }
    for number in (1..=case.spans.len() as u64).rev() {
        frames.end(number as u32 - 1, (number, number - 1), false);
    }
    frames
}

/// Renders all records that have a line.
fn lines(
    frames: &Frames,
    mut line: impl FnMut(&obs_core::Record<'_>, &mut Vec<u8>) -> bool,
) -> Vec<String> {
    let (mut records, mut all) = (frames.records(), Vec::new());
    while let Some(record) = records.next() {
        let mut out = Vec::new();
        if line(&record, &mut out) {
            let text = String::from_utf8(out).unwrap();
            let text = text.strip_suffix('\n').expect("a newline at the end");
            assert!(!text.chars().any(is_dangerous), "{text:?}");
            all.push(text.to_owned());
        }
    }
    all
}

fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// What a list of attributes, lowest first, becomes in a line.
fn expected<'a>(
    attributes: impl Iterator<Item = &'a (String, Given)>,
    own: &[&str],
) -> BTreeMap<String, Json> {
    let given = attributes.filter(|(_, value)| *value != Given::Null);
    let last: BTreeMap<&str, &Given> = given.map(|(name, value)| (name.as_str(), value)).collect();
    let mut members = BTreeMap::new();
    for (name, value) in last {
        let prefix = if own.contains(&name.trim_start_matches("field.")) { "field." } else { "" };
        let bare = name.trim_end_matches('_');
        let is_like = bare.ends_with(".causes") || bare.ends_with(".truncated_bytes");
        let key = format!("{prefix}{name}{}", if is_like { "_" } else { "" });
        if let Given::Error(messages) = value
            && messages.len() > 1
        {
            let causes = messages[1..].iter().cloned().map(Json::Text).collect();
            members.insert(format!("{key}.causes"), Json::List(causes));
        }
        members.insert(key, json(value));
    }
    members
}

fn json(value: &Given) -> Json {
    let wide = |text: String, float: f64| match text.parse::<i64>().is_ok()
        || text.parse::<u64>().is_ok()
    {
        true => Json::Number(text),
        false => Json::float(float),
    };
    match value {
        Given::Null => Json::Null,
        Given::Bool(value) => Json::Bool(*value),
        Given::I64(value) => Json::Number(value.to_string()),
        Given::U64(value) => Json::Number(value.to_string()),
        Given::I128(value) => wide(value.to_string(), *value as f64),
        Given::U128(value) => wide(value.to_string(), *value as f64),
        Given::F64(value) if value.is_finite() => Json::float(*value),
        other => Json::Text(said(other)),
    }
}

/// A value as the text of an event.
fn said(value: &Given) -> String {
    match value {
        Given::F64(value) if value.is_nan() => "NaN".to_owned(),
        Given::F64(value) if value.is_infinite() => value.to_string(),
        Given::Text(text) => text.clone(),
        Given::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Given::Error(messages) => messages[0].clone(),
        Given::Redacted(rule) => format!("[REDACTED:{rule}]"),
        Given::Null => String::new(),
        other => match json(other) {
            Json::Number(number) => number,
            Json::Bool(truth) => truth.to_string(),
            other => panic!("{other:?} is neither number nor truth value"),
        },
    }
}

/// The members of a line that are not those of `own`.
fn attributes(line: &str, own: &[&str]) -> BTreeMap<String, Json> {
    let Json::Object(members) = Json::parse(line) else { panic!("no object: {line}") };
    members.into_iter().filter(|(key, _)| !own.contains(&key.as_str())).collect()
}

/// The keys of a span's line that say what the span is.
const SPAN_COLUMNS: [&str; 12] = [
    "timestamp",
    "name",
    "logger",
    "trace_id",
    "span_id",
    "parent_id",
    "run_id",
    "seq",
    "level",
    "start",
    "duration_ns",
    "unfinished",
];

/// The one number of JSON's that is written as text.
fn zero_as_text(value: Json) -> Json {
    if value == Json::float(-0.0) { Json::Text("-0.0".to_owned()) } else { value }
}

fn unmarked(marked: Json) -> Json {
    let text = |text: String| marks::read(&text).into_owned();
    match marked {
        Json::Text(marked) => Json::Text(text(marked)),
        Json::List(items) => Json::List(items.into_iter().map(unmarked).collect()),
        Json::Object(members) => {
            let unmarked = members.into_iter().map(|(key, value)| (text(key), unmarked(value)));
            Json::Object(unmarked.collect())
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_line_of_an_event_has_unique_keys_and_the_values_that_count(case in case()) {
        let frames = frames(&case);
        let own: Vec<&str> = KEYS[..14].to_vec();
        let mut rendered = JsonLines::log(run_id());
        let lines = lines(&frames, |record, out| rendered.line(record, out));
        let fields = || case.fields.0.iter().chain(&case.fields.1);
        let is_message = |(name, value): &&(String, Given)| name == "message" && *value != Given::Null;
        let message = fields().rfind(is_message).map(|(_, value)| value);
        let spans = case.spans.iter().flat_map(|(start, added)| start.iter().chain(added));
        let shared = case.run.iter().chain(&case.context).chain(spans);
        let mut wanted = expected(shared.chain(fields().filter(|(name, _)| name != "message")), &own);
        if let Some(Given::Error(messages)) = message && messages.len() > 1 {
            let causes = messages[1..].iter().cloned().map(Json::Text).collect();
            wanted.insert("event.causes".to_owned(), Json::List(causes));
        }
        prop_assert_eq!(lines.len(), 3);
        for line in &lines[1..] {
            prop_assert_eq!(&attributes(line, &own), &wanted, "{}", line);
            let event = match message {
                Some(Given::F64(number)) if number.is_finite() => None,
                Some(message) => Some(said(message)),
                None if case.name.is_empty() => Some("app::load".to_owned()),
                None => Some(case.name.clone()),
            };
            if let Some(event) = event && !matches!(message, Some(Given::I128(_) | Given::U128(_))) {
                let parsed = Json::parse(line);
                prop_assert_eq!(parsed.member("event"), &Json::Text(event));
            }
        }
    }

    #[test]
    fn the_line_of_a_span_has_unique_keys_and_the_values_that_count(case in case()) {
        let frames = frames(&case);
        let own: Vec<&str> = KEYS.iter().copied().filter(|key| *key != "event").collect();
        let mut rendered = JsonLines::spans(run_id());
        let lines = lines(&frames, |record, out| rendered.line(record, out));
        prop_assert_eq!(lines.len(), case.spans.len());
        for (line, (start, added)) in lines.iter().zip(case.spans.iter().rev()) {
            // A span's end stands in the context in which it was recorded.
            let shared = case.run.iter().chain(&case.context);
            let wanted = expected(shared.chain(start).chain(added), &own);
            prop_assert_eq!(&attributes(line, &own), &wanted, "{}", line);
        }
    }

    #[test]
    fn the_attributes_of_a_line_are_what_it_says_beside_its_columns(case in case()) {
        let frames = frames(&case);
        for (columns, new) in [(&KEYS[..8], JsonLines::log as fn(_) -> _), (&SPAN_COLUMNS, JsonLines::spans)] {
            let mut rendered: JsonLines = new(run_id());
            let lines = lines(&frames, |record, out| rendered.line(record, out));
            let mut rendered: JsonLines = new(run_id());
            let apart = self::lines(&frames, |record, out| {
                let has_line = rendered.attributes(record, out);
                out.push(b'\n');
                has_line
            });
            prop_assert_eq!(lines.len(), apart.len());
            for (line, apart) in lines.iter().zip(&apart) {
                prop_assert!(!apart.contains("\\u0000"), "{}", apart);
                let line = attributes(line, columns).into_iter().map(|(key, value)| (key, zero_as_text(value)));
                prop_assert_eq!(&unmarked(Json::parse(apart)), &Json::Object(line.collect()));
            }
        }
    }

    #[test]
    fn a_line_for_people_is_one_line_without_anything_dangerous(case in case()) {
        let frames = frames(&case);
        let mut rendered = TextLines::plain();
        let lines = lines(&frames, |record, out| rendered.line(record, out));
        prop_assert_eq!(lines.len(), 3);
        prop_assert_eq!(&lines[1], &lines[2]);
    }
}
