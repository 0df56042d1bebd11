//! Records as JSON lines.
use crate::frames::{Frames, run_id, site, span};
use expect_test::{Expect, expect};
use obs_core::encode::Key::{Field, Name};
use obs_core::wire::Kind;
use obs_core::wire::notes::Lost;
use obs_core::{Batch, CallsiteKind, Level, LostReason};
use obs_log::JsonLines;

fn lines(mut lines: JsonLines, frames: &Frames) -> String {
    let (mut records, mut out) = (frames.records(), Vec::new());
    while let Some(record) = records.next() {
        lines.line(&record, &mut out);
    }
    let text = String::from_utf8(out).unwrap();
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect(line);
    }
    text
}

fn check(frames: &Frames, expected: &Expect) {
    expected.assert_eq(&lines(JsonLines::log(run_id()), frames));
}

fn check_spans(frames: &Frames, expected: &Expect) {
    expected.assert_eq(&lines(JsonLines::spans(run_id()), frames));
}

fn event_site(frames: &mut Frames, fields: &[&str]) -> u32 {
    frames.callsite(&site(CallsiteKind::Event, Level::Info, "", fields))
}

fn in_two_spans(frames: &mut Frames) {
    let outer = frames.callsite(&site(CallsiteKind::Span, Level::Info, "job", &["job_id", "step"]));
    let inner = frames.callsite(&site(CallsiteKind::Span, Level::Info, "file", &["path", "step"]));
    frames.begin(outer, 1, 0, &|encoder| {
        encoder.u64(Field(0), 7);
        encoder.text(Field(1), "outer");
    });
    frames.begin(inner, 2, 1, &|encoder| encoder.text(Field(0), "a.csv"));
}

#[test]
fn a_line_has_its_own_keys_first_then_run_context_spans_and_fields() {
    let mut frames = Frames::new();
    frames.thread(4711, "main");
    frames.attributes(Kind::RunContext, &|encoder| encoder.text(Name("region"), "eu"));
    frames.context(5, &|encoder| encoder.text(Name("request_id"), "7f3a"));
    in_two_spans(&mut frames);
    let event = event_site(&mut frames, &["message", "rows", "ok"]);
    frames.event(event, Some(span(2)), &|encoder| {
        encoder.text(Field(0), "loaded");
        encoder.u64(Field(1), 42);
        encoder.bool(Field(2), true);
    });
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run context changed","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":2,"thread":"main","region":"eu"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"loaded","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0000000000000002","seq":5,"thread":"main","region":"eu","request_id":"7f3a","job_id":7,"step":"outer","path":"a.csv","rows":42,"ok":true}
    "#]],
    );
}

#[test]
fn inner_values_win_over_outer_ones_and_fields_over_all() {
    let mut frames = Frames::new();
    for name in ["a", "b", "c", "d"] {
        frames.attributes(Kind::RunContext, &|encoder| encoder.text(Name(name), "run"));
    }
    frames.attributes(Kind::RunContext, &|encoder| {
        ["a", "b", "c", "d", "e"].iter().for_each(|name| encoder.text(Name(name), "run"));
    });
    frames.context(5, &|encoder| {
        ["b", "c", "d", "e"].iter().for_each(|name| encoder.text(Name(name), "context"));
    });
    let fields = ["c", "d", "e"];
    let outer = frames.callsite(&site(CallsiteKind::Span, Level::Info, "outer", &fields));
    let inner = frames.callsite(&site(CallsiteKind::Span, Level::Info, "inner", &fields[1..]));
    frames.begin(outer, 1, 0, &|encoder| {
        (0..3).for_each(|field| encoder.text(Field(field), "outer"));
    });
    frames.begin(inner, 2, 1, &|encoder| {
        (0..2).for_each(|field| encoder.text(Field(field), "inner"));
    });
    let event = event_site(&mut frames, &["message", "e"]);
    frames.event(event, Some(span(2)), &|encoder| encoder.text(Field(1), "field"));
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run context changed","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":1,"a":"run"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run context changed","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":2,"b":"run"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run context changed","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":3,"c":"run"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run context changed","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":4,"d":"run"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run context changed","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":5,"a":"run","b":"run","c":"run","d":"run","e":"run"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"app::load","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0000000000000002","seq":8,"a":"run","b":"context","c":"outer","d":"inner","e":"field"}
    "#]],
    );
}

#[test]
fn attributes_that_are_recorded_again_or_with_the_name_of_a_key_stay_unique() {
    let mut frames = Frames::new();
    in_two_spans(&mut frames);
    frames.record(1, 2, &|encoder| encoder.text(Field(1), "first"));
    frames.record(1, 2, &|encoder| encoder.text(Field(1), "second"));
    let names = ["level", "field.level", "seq", "event", "name", "span.attrs", "timestamp"];
    let event = event_site(&mut frames, &names);
    frames.event(event, Some(span(2)), &|encoder| {
        (0..names.len()).for_each(|field| encoder.u64(Field(field), field as u64));
        encoder.text(Name("dynamic"), "lost");
        encoder.text(Name("dynamic"), "won");
        encoder.text(Name("error.causes"), "mine");
        encoder.null(Name("nothing"));
    });
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"app::load","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0000000000000002","seq":5,"job_id":7,"path":"a.csv","step":"second","field.level":0,"field.field.level":1,"field.seq":2,"field.event":3,"name":4,"field.span.attrs":5,"field.timestamp":6,"dynamic":"won","error.causes_":"mine"}
    "#]],
    );
}

#[test]
fn every_kind_of_value_is_written_as_what_it_is() {
    let mut frames = Frames::new();
    let event = event_site(&mut frames, &["message"]);
    let root = std::io::Error::other("disk on fire");
    let error = std::io::Error::other(Wrapped(root));
    frames.event(event, None, &|encoder| {
        encoder.text(Field(0), "values");
        encoder.i64(Name("i64"), i64::MIN);
        encoder.u64(Name("u64"), u64::MAX);
        encoder.i128(Name("i128"), i128::MIN);
        encoder.u128(Name("u128"), u128::MAX);
        encoder.f64(Name("f64"), 0.1);
        encoder.f64(Name("whole"), -2.0);
        encoder.f64(Name("huge"), 1e300);
        encoder.f64(Name("nan"), f64::NAN);
        encoder.f64(Name("inf"), f64::INFINITY);
        encoder.f64(Name("-inf"), f64::NEG_INFINITY);
        encoder.bytes(Name("bytes"), &[0, 0xab, 0xff]);
        encoder.redacted(Name("password"), "key:password#0a1b2c3d");
        encoder.error(Name("error"), &error);
        encoder.error(Name("simple"), &std::fmt::Error);
        encoder.debug(Name("panics"), &Panics);
    });
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"values","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":1,"i64":-9223372036854775808,"u64":18446744073709551615,"i128":-170141183460469231731687303715884105728,"u128":340282366920938463463374607431768211455,"f64":0.1,"whole":-2.0,"huge":1e+300,"nan":"NaN","inf":"inf","-inf":"-inf","bytes":"00abff","password":"[REDACTED:key:password#0a1b2c3d]","error":"cannot load","error.causes":["disk on fire"],"simple":"an error occurred when formatting an argument","panics":"half a[panicked]"}
    "#]],
    );
}

#[derive(Debug, thiserror::Error)]
#[error("cannot load")]
struct Wrapped(#[source] std::io::Error);

struct Panics;

impl std::fmt::Debug for Panics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("half a")?;
        std::panic::resume_unwind(Box::new("no more"))
    }
}

#[test]
fn what_was_cut_or_left_out_is_told() {
    let mut frames = Frames::new();
    let event = event_site(&mut frames, &["message"]);
    let mut encoder = obs_core::encode::Encoder::new(300);
    obs_core::wire::body::begin_event(&mut encoder, event, None, false);
    encoder.text(Field(0), &"x".repeat(1000));
    encoder.text(Name("late"), "no room");
    encoder.text(Name("later"), "no room");
    frames.add(Kind::Event, 3, encoder.finish());
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","event.truncated_bytes":1000,"logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":1,"fields_left_out":2}
    "#]],
    );
}

#[test]
fn of_two_values_of_one_field_the_later_counts_and_the_order_is_that_of_the_record() {
    let mut frames = Frames::new();
    let event = event_site(&mut frames, &["message", "a", "b"]);
    frames.event(event, None, &|encoder| {
        [(0, "first"), (1, "x"), (0, "second")]
            .iter()
            .for_each(|(field, text)| encoder.text(Field(*field), text));
    });
    frames.event(event, None, &|encoder| {
        [(0, "loaded"), (2, "y"), (1, "x"), (2, "z")]
            .iter()
            .for_each(|(field, text)| encoder.text(Field(*field), text));
    });
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"second","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":1,"a":"x"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"loaded","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":2,"a":"x","b":"z"}
    "#]],
    );
}

#[test]
fn an_event_without_a_message_is_called_by_its_name_else_by_its_target() {
    let mut frames = Frames::new();
    let named = frames.callsite(&site(CallsiteKind::Event, Level::Warn, "cache miss", &["key"]));
    frames.event(named, None, &|encoder| encoder.text(Field(0), "a"));
    let bare = event_site(&mut frames, &["key", "message"]);
    frames.event(bare, None, &|encoder| encoder.text(Field(0), "b"));
    frames.event(bare, None, &|encoder| {
        encoder.text(Field(0), "c");
        encoder.u64(Field(1), 5);
    });
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"warn","event":"cache miss","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":1,"key":"a"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"app::load","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":2,"key":"b"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"5","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":3,"key":"c"}
    "#]],
    );
}

#[test]
fn hostile_text_forges_neither_line_nor_key() {
    let mut frames = Frames::new();
    frames.thread(1, "a\"\n{}");
    let hostile = "a\"}\n{\"level\":\"fatal\u{1b}[2J\u{202e}\u{2028}\0";
    let event = event_site(&mut frames, &["message", hostile]);
    frames.event(event, None, &|encoder| {
        encoder.text(Field(0), hostile);
        encoder.text(Field(1), hostile);
        encoder.redacted(Name(hostile), hostile);
    });
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"a\"}\n{\"level\":\"fatal\u001b[2J\u202e\u2028\u0000","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":2,"thread":"a\"\n{}","a\"}\n{\"level\":\"fatal\u001b[2J\u202e\u2028\u0000":"[REDACTED:a\"}\n{\"level\":\"fatal\u001b[2J\u202e\u2028\u0000]"}
    "#]],
    );
}

#[test]
fn losses_and_what_happens_to_the_run_have_lines() {
    let mut frames = Frames::new();
    frames.attributes(Kind::RunStart, &|encoder| encoder.text(Name("service"), "acm"));
    frames.attributes(Kind::RunContext, &|encoder| {
        encoder.text(Name("region"), "eu");
        encoder.text(Name("lost.reason"), "forged");
    });
    let nothing = Lost {
        reason: LostReason::RingFull,
        ring: 3,
        records: 0,
        first_seq: 0,
        last_seq: 0,
        by_level: [0; 8],
        refused: [0; 8],
    };
    let by_level = [0, 0, 5, 7, 0, 0, 0, 0];
    frames.lost(&Lost { by_level, ..nothing });
    frames.lost(&Lost { reason: LostReason::StageFull, first_seq: 9, last_seq: 11, ..nothing });
    frames.attributes(Kind::Withheld, &|encoder| encoder.u64(Name("bytes"), 99));
    frames.attributes(Kind::Artifact, &|encoder| encoder.text(Name("path"), "out/r.csv"));
    frames.attributes(Kind::Exit, &|encoder| encoder.u64(Name("code"), 1));
    frames.attributes(Kind::RunEnd, &|encoder| encoder.text(Name("outcome"), "ok"));
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run started","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":1,"service":"acm"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run context changed","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":2,"region":"eu","lost.reason":"forged"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"warn","event":"records lost","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":3,"lost.records":12,"lost.reason":"ring_full","lost.by_level":{"debug":5,"info":7},"region":"eu"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"warn","event":"records lost","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":4,"lost.records":0,"lost.reason":"stage_full","lost.first_seq":9,"lost.last_seq":11,"region":"eu"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"warn","event":"record withheld","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":5,"region":"eu","lost.reason":"forged","bytes":99}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"artifact","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":6,"region":"eu","lost.reason":"forged","path":"out/r.csv"}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"process exits","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":7,"region":"eu","lost.reason":"forged","code":1}
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run ended","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":8,"region":"eu","lost.reason":"forged","outcome":"ok"}
    "#]],
    );
}

#[test]
fn a_span_has_its_line_when_it_ends_or_is_found_open() {
    let mut frames = Frames::new();
    frames.thread(17, "");
    frames.attributes(Kind::RunContext, &|encoder| encoder.text(Name("region"), "eu"));
    in_two_spans(&mut frames);
    frames.time += 1_500_000_000;
    frames.record(1, 2, &|encoder| encoder.text(Field(1), "done"));
    frames.end(1, (2, 1), false);
    frames.end(0, (1, 0), true);
    frames.end(0, (9, 0), false);
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"run context changed","logger":"obs","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":2,"thread":17,"region":"eu"}
    "#]],
    );
    check_spans(
        &frames,
        &expect![[r#"
            {"timestamp":"2026-11-22T09:58:04.623456789Z","name":"file","logger":"app::load","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0000000000000002","parent_id":"0000000000000001","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":6,"thread":17,"level":"info","start":"2026-11-22T09:58:03.123456789Z","duration_ns":1500000000,"region":"eu","path":"a.csv","step":"done"}
            {"timestamp":"2026-11-22T09:58:04.623456789Z","name":"job","logger":"app::load","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0000000000000001","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":7,"thread":17,"level":"info","start":"2026-11-22T09:58:03.123456789Z","duration_ns":1500000000,"unfinished":true,"age_ns":1500000000,"region":"eu","job_id":7,"step":"outer"}
            {"timestamp":"2026-11-22T09:58:04.623456789Z","name":"job","logger":"app::load","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0000000000000009","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":8,"thread":17,"context.attrs":"lost","level":"info","start":"2026-11-22T09:58:03.123456789Z","duration_ns":1500000000,"span.attrs":"evicted","region":"eu"}
        "#]],
    );
}

#[test]
fn an_event_in_a_span_that_is_no_longer_known_says_so() {
    let mut frames = Frames::new();
    let event = event_site(&mut frames, &["message"]);
    frames.event(event, Some(span(77)), &|encoder| encoder.text(Field(0), "late"));
    check(
        &frames,
        &expect![[r#"
            {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"late","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"000000000000004d","seq":1,"context.attrs":"lost","span.attrs":"evicted"}
        "#]],
    );
}

#[test]
fn a_record_whose_context_is_lost_says_so() {
    let mut frames = Frames::new();
    let event = event_site(&mut frames, &["message"]);
    frames.context = 7;
    frames.event(event, None, &|encoder| encoder.text(Field(0), "where?"));
    check(
        &frames,
        &expect![[r#"
        {"timestamp":"2026-11-22T09:58:03.123456789Z","level":"info","event":"where?","logger":"app::load","run_id":"01a202b0-fc73-7000-9234-56789abcdef0","seq":1,"context.attrs":"lost"}
    "#]],
    );
}

#[test]
fn attributes_alone_say_what_columns_do_not_and_mark_what_a_database_cannot_hold() {
    let mut frames = Frames::new();
    frames.thread(4711, "main");
    frames.context(5, &|encoder| encoder.text(Name("request_id"), "a\0␀"));
    let event = event_site(&mut frames, &["message", "loss", "said", "limit"]);
    let mut event_of = |message: &str, said: &str| {
        frames.event(event, None, &|encoder| {
            encoder.text(Field(0), message);
            encoder.f64(Field(1), f64::NAN);
            encoder.text(Field(2), said);
            encoder.f64(Field(3), if said == "NaN" { f64::NEG_INFINITY } else { -0.0 });
        });
    };
    event_of("NaN", "NaN");
    event_of("nothing", "nan");
    let (mut lines, mut out) = (JsonLines::log(run_id()), Vec::new());
    let mut records = frames.records();
    while let Some(record) = records.next() {
        if lines.attributes(&record, &mut out) {
            out.push(b'\n');
        }
    }
    expect![[r#"
        {"thread":"main","request_id":"a␀␛␀","loss":"NaN","said":"\u241bNaN","limit":"-inf"}
        {"thread":"main","request_id":"a␀␛␀","loss":"NaN","said":"nan","limit":"-0.0"}
    "#]]
    .assert_eq(&String::from_utf8(out).unwrap());
}
