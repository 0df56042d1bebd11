//! Lines for people, and the sink that shows them.
use crate::frames::{Frames, run_id, site, span};
use expect_test::{Expect, expect};
use obs_core::encode::Key::{Field, Name};
use obs_core::sink::SinkErrorKind;
use obs_core::wire::Kind;
use obs_core::wire::notes::Lost;
use obs_core::{Batch, CallsiteKind, Level, LostReason, Sink};
use obs_log::{ConsoleSink, JsonLines, TextLines};
use std::io::{self, ErrorKind, Write};

fn rendered(frames: &Frames, mut lines: TextLines) -> String {
    let (mut records, mut out) = (frames.records(), Vec::new());
    while let Some(record) = records.next() {
        lines.line(&record, &mut out);
    }
    String::from_utf8(out).unwrap()
}

fn check(frames: &Frames, expected: &Expect) {
    expected.assert_eq(&rendered(frames, TextLines::plain()));
}

fn event_site(frames: &mut Frames, level: Level, fields: &[&str]) -> u32 {
    frames.callsite(&site(CallsiteKind::Event, level, "", fields))
}

#[test]
fn a_context_that_was_lost_is_told() {
    let mut frames = Frames::new();
    let callsite = event_site(&mut frames, Level::Info, &["message"]);
    frames.context = 7;
    frames.event(callsite, None, &|encoder| encoder.text(Field(0), "where?"));
    check(
        &frames,
        &expect![[r#"
        09:58:03.123Z INFO  app::load  where?  context.attrs=lost
    "#]],
    );
}

#[test]
fn a_span_has_the_name_that_the_program_gives_it_and_no_fields_of_its_sending() {
    let mut frames = Frames::new();
    let fields = ["otel.kind", "otel.name", "http.route"];
    let request = frames.callsite(&site(CallsiteKind::Span, Level::Info, "http request", &fields));
    frames.begin(request, 1, 0, &|encoder| {
        encoder.text(Field(0), "server");
        encoder.text(Field(1), "POST /jobs");
        encoder.text(Field(2), "/jobs");
    });
    let callsite = event_site(&mut frames, Level::Info, &["message"]);
    frames.event(callsite, Some(span(1)), &|encoder| encoder.text(Field(0), "hello"));
    check(
        &frames,
        &expect![[r#"
        09:58:03.123Z INFO  app::load  hello  "POST /jobs"{http.route=/jobs}
    "#]],
    );
}

/// A run with one of everything.
fn story() -> Frames {
    let mut frames = Frames::new();
    frames.attributes(Kind::RunStart, &|encoder| encoder.text(Name("service"), "acm batch"));
    frames.attributes(Kind::RunContext, &|encoder| encoder.text(Name("region"), "eu"));
    frames.context(1, &|encoder| encoder.text(Name("request_id"), "7f3a"));
    let outer = frames.callsite(&site(CallsiteKind::Span, Level::Info, "job", &["id"]));
    let inner = frames.callsite(&site(CallsiteKind::Span, Level::Info, "file", &["path", "step"]));
    frames.begin(outer, 1, 0, &|encoder| encoder.u64(Field(0), 7));
    frames.begin(inner, 2, 1, &|encoder| {
        encoder.text(Field(0), "a very long path that goes on and on/until it is cut.csv");
        encoder.text(Field(1), "first");
        encoder.text(Field(1), "second");
    });
    let info = event_site(&mut frames, Level::Info, &["message", "rows", "path"]);
    frames.event(info, Some(span(2)), &|encoder| {
        encoder.text(Field(0), "loaded");
        encoder.u64(Field(1), 42);
        encoder.text(Field(2), "my data.csv");
    });
    let error = event_site(&mut frames, Level::Error, &["message", "error"]);
    frames.event(error, Some(span(1)), &|encoder| {
        encoder.text(Field(0), "cannot load");
        encoder.error(Field(1), &Outer(io::Error::other("disk on fire")));
    });
    let by_level = [0, 0, 5, 7, 0, 0, 0, 0];
    let (reason, ring, refused) = (LostReason::RingFull, 1, by_level);
    let (records, first_seq, last_seq) = (12, 0, 0);
    frames.lost(&Lost { reason, ring, records, first_seq, last_seq, by_level, refused });
    frames.attributes(Kind::RunEnd, &|encoder| encoder.text(Name("outcome"), "ok"));
    frames
}

#[derive(Debug, thiserror::Error)]
#[error("no file")]
struct Outer(#[source] io::Error);

#[test]
fn a_line_says_what_happened_then_what_with_then_where() {
    check(
        &story(),
        &expect![[r#"
        09:58:03.123Z INFO  obs  run started  service="acm batch"
        09:58:03.123Z INFO  obs  run context changed  region=eu
        09:58:03.123Z INFO  app::load  loaded  rows=42 path="my data.csv"  request_id=7f3a  job{id=7}:file{path="a very long path that goes on and on/unt"… step=second}
        09:58:03.123Z ERROR app::load  cannot load  error="no file: caused by disk on fire"  request_id=7f3a  job{id=7}
        09:58:03.123Z WARN  obs  records lost  records=12 reason=ring_full debug=5 info=7
        09:58:03.123Z INFO  obs  run ended  outcome=ok
    "#]],
    );
}

#[test]
fn colours_tell_levels_apart_and_leave_the_message_alone() {
    let text = rendered(&story(), TextLines::colored());
    expect![[r#"
        ^[2m09:58:03.123Z^[0m ^[32mINFO^[0m  ^[2mobs^[0m  run started  ^[36mservice^[0m="acm batch"
        ^[2m09:58:03.123Z^[0m ^[32mINFO^[0m  ^[2mobs^[0m  run context changed  ^[36mregion^[0m=eu
        ^[2m09:58:03.123Z^[0m ^[32mINFO^[0m  ^[2mapp::load^[0m  loaded  ^[36mrows^[0m=42 ^[36mpath^[0m="my data.csv"  ^[36mrequest_id^[0m=7f3a  ^[2mjob^[0m{^[36mid^[0m=7}:^[2mfile^[0m{^[36mpath^[0m="a very long path that goes on and on/unt"… ^[36mstep^[0m=second}
        ^[2m09:58:03.123Z^[0m ^[1;31mERROR^[0m ^[2mapp::load^[0m  ^[1;31mcannot load^[0m  ^[36merror^[0m="no file: caused by disk on fire"  ^[36mrequest_id^[0m=7f3a  ^[2mjob^[0m{^[36mid^[0m=7}
        ^[2m09:58:03.123Z^[0m ^[1;33mWARN^[0m  ^[2mobs^[0m  records lost  ^[36mrecords^[0m=12 ^[36mreason^[0m=ring_full ^[36mdebug^[0m=5 ^[36minfo^[0m=7
        ^[2m09:58:03.123Z^[0m ^[32mINFO^[0m  ^[2mobs^[0m  run ended  ^[36moutcome^[0m=ok
    "#]].assert_eq(&text.replace('\u{1b}', "^"));
}

#[test]
fn dates_are_shown_on_request() {
    let mut frames = Frames::new();
    let event = event_site(&mut frames, Level::Trace, &["message"]);
    frames.event(event, None, &|encoder| encoder.text(Field(0), "tick"));
    let text = rendered(&frames, TextLines::plain().with_dates());
    expect![[r#"
        2026-11-22 09:58:03.123Z TRACE app::load  tick
    "#]]
    .assert_eq(&text);
}

#[test]
fn every_value_is_short_clear_and_on_one_line() {
    let mut frames = Frames::new();
    let event = event_site(&mut frames, Level::Debug, &["message"]);
    frames.event(event, Some(span(9)), &|encoder| {
        encoder.text(Field(0), "two\nlines \u{1b}[2Jand \u{202e}more");
        encoder.text(Name("empty"), "");
        encoder.text(Name("quoted"), "say \"hi\" a=1");
        encoder.text(Name("hostile"), "a\r\n09:58:03.123Z FATAL");
        encoder.text(Name("key with=sign"), "x");
        encoder.f64(Name("ratio"), 0.5);
        encoder.f64(Name("none"), f64::NAN);
        encoder.i128(Name("wide"), i128::MIN);
        encoder.bool(Name("ok"), false);
        encoder.bytes(Name("bytes"), &[0xab; 40]);
        encoder.redacted(Name("token"), "key:token");
        encoder.null(Name("nothing"));
        encoder.text(Name("twice"), "lost");
        encoder.text(Name("twice"), "won");
    });
    let mut encoder = obs_core::encode::Encoder::new(300);
    obs_core::wire::body::begin_event(&mut encoder, event, None, false);
    encoder.text(Field(0), &"x".repeat(1000));
    encoder.text(Name("late"), "no room");
    frames.add(Kind::Event, 3, encoder.finish());
    let named = frames.callsite(&site(CallsiteKind::Event, Level::Info, "cache miss", &[]));
    frames.event(named, None, &|_| {});
    check(
        &frames,
        &expect![[r#"
        09:58:03.123Z DEBUG app::load  two\nlines \u{1b}[2Jand \u{202e}more  empty="" quoted="say \"hi\" a=1" hostile="a\r\n09:58:03.123Z FATAL" "key with=sign"=x ratio=0.5 none=NaN wide=-170141183460469231731687303715884105728 ok=false bytes=0xabababababababababababababababababababababababababababababababab…(40 bytes) token=[REDACTED:key:token] twice=won  context.attrs=lost  …
        09:58:03.123Z DEBUG app::load  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…(1000 bytes)  fields_left_out=1
        09:58:03.123Z INFO  app::load  cache miss
    "#]],
    );
}

/// Takes bytes as the script says: so many, or an error. Behind the script everything.
#[derive(Debug, Default)]
struct Scripted {
    script: Vec<Result<usize, ErrorKind>>,
    taken: Vec<u8>,
    calls: usize,
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls += 1;
        let next = if self.script.is_empty() { Ok(bytes.len()) } else { self.script.remove(0) };
        let length = next.map_err(io::Error::from)?.min(bytes.len());
        self.taken.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn scripted(script: &[Result<usize, ErrorKind>]) -> Scripted {
    Scripted { script: script.to_vec(), ..Scripted::default() }
}

#[test]
fn a_batch_is_one_write_and_the_level_narrows_it_but_for_losses() {
    let frames = story();
    let mut sink = ConsoleSink::new(scripted(&[]), TextLines::plain(), Level::Error);
    sink.write(&mut frames.records()).unwrap();
    sink.flush().unwrap();
    let out = sink.into_inner();
    assert_eq!(out.calls, 1);
    expect![[r#"
        09:58:03.123Z ERROR app::load  cannot load  error="no file: caused by disk on fire"  request_id=7f3a  job{id=7}
        09:58:03.123Z WARN  obs  records lost  records=12 reason=ring_full debug=5 info=7
    "#]].assert_eq(&String::from_utf8(out.taken).unwrap());
}

#[test]
fn json_on_the_console_is_the_same_as_in_the_file() {
    let frames = story();
    let mut sink = ConsoleSink::new(Vec::new(), JsonLines::log(run_id()), Level::Info);
    sink.write(&mut frames.records()).unwrap();
    let (mut lines, mut records, mut wanted) =
        (JsonLines::log(run_id()), frames.records(), Vec::new());
    while let Some(record) = records.next() {
        lines.line(&record, &mut wanted);
    }
    assert_eq!(sink.into_inner(), wanted);
}

#[test]
fn when_the_other_end_is_slow_no_line_is_lost_or_comes_twice() {
    let frames = story();
    let wanted = rendered(&frames, TextLines::plain());
    let block = Err(ErrorKind::WouldBlock);
    for cut in 0..wanted.len() {
        let script = [Ok(cut.max(1)), block, block, Err(ErrorKind::Interrupted), Ok(1)];
        let mut sink = ConsoleSink::new(scripted(&script), TextLines::plain(), Level::Trace);
        for _ in 0..2 {
            let error = sink.write(&mut frames.records()).unwrap_err();
            assert_eq!(error.kind(), SinkErrorKind::Transient(None));
        }
        sink.write(&mut frames.records()).unwrap();
        assert_eq!(String::from_utf8(sink.into_inner().taken).unwrap(), wanted, "cut at {cut}");
    }
}

#[test]
fn when_the_other_end_is_gone_it_is_told_for_good_and_not_tried_again() {
    let frames = story();
    let script = [Err(ErrorKind::BrokenPipe)];
    let mut sink = ConsoleSink::new(scripted(&script), TextLines::plain(), Level::Info);
    for _ in 0..3 {
        let error = sink.write(&mut frames.records()).unwrap_err();
        assert_eq!(error.kind(), SinkErrorKind::Permanent);
    }
    sink.flush().unwrap();
    let out = sink.into_inner();
    assert_eq!((out.calls, out.taken.len()), (1, 0));
}
