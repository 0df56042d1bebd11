//! What a line costs: prints nanoseconds and bytes per line, for lines of a log and of spans.
//!
//! `cargo run --release -p obs-log --example bench_render`
use obs_core::encode::{Encoder, Key};
use obs_core::join::Join;
use obs_core::wire::body::{self, SpanEnd, SpanFlags, SpanRef};
use obs_core::wire::frame::{self, Header};
use obs_core::wire::{Kind, frame::Frame};
use obs_core::{Callsite, CallsiteKind, Level, RunId, SpanId, TraceId};
use obs_log::JsonLines;
use std::io::Write;
use std::time::{Duration, Instant};

const EVENTS_PER_SPAN: u64 = 8;
const SPANS: u64 = 2_000;
const ROUNDS: u32 = 40;
/// Records that a sink is given at once.
const BATCH: usize = 512;

struct Journal {
    bytes: Vec<u8>,
    seq: u64,
    encoder: Encoder,
}

impl Journal {
    fn add(&mut self, kind: Kind, write: impl FnOnce(&mut Encoder)) {
        self.encoder.clear();
        write(&mut self.encoder);
        self.seq += u64::from(kind.is_record());
        let unix_ns = 1_795_341_483_000_000_000 + self.seq * 700;
        let seq = if kind.is_record() { self.seq } else { 0 };
        let header =
            Header { kind, level: 3, flags: 0, ring: 0, seq, unix_ns, ring_end: 0, context: 1 };
        let (position, body) = (self.bytes.len() as u64, self.encoder.finish());
        frame::append(&mut self.bytes, position, &header, |out| out.extend_from_slice(body));
    }

    fn callsite(&mut self, number: u64, kind: CallsiteKind, name: &str, fields: &[&str]) {
        let (fields, target) = (fields.iter().map(ToString::to_string).collect(), "app::load");
        let (name, target) = (name.to_owned(), target.to_owned());
        let (level, file, line) = (Level::Info, None, None);
        let mut definition = Vec::new();
        Callsite { kind, level, name, target, file, line, fields }.encode(&mut definition);
        self.add(Kind::Callsite, |body| {
            body.fixed(&number.to_le_bytes());
            body.fixed(&definition);
        });
    }

    /// A long outer span, and many short inner ones with a few events each.
    fn fill(&mut self) -> Option<()> {
        let trace = TraceId::new(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c)?;
        let span = |number: u64| {
            let span = SpanId::new(number.wrapping_mul(0x9e37_79b9_7f4a_7c15))?;
            Some(SpanRef { span, trace })
        };
        let fields = ["message", "rows", "path", "ratio", "attempt"];
        self.callsite(0, CallsiteKind::Event, "", &fields);
        self.callsite(1, CallsiteKind::Span, "job", &["job_id", "queue"]);
        self.callsite(2, CallsiteKind::Span, "file", &["index"]);
        self.add(Kind::Context, |body| {
            body::begin_attributes(body);
            body.text(Key::Name("request_id"), "7f3a9c");
        });
        let outer = span(1)?;
        self.add(Kind::SpanStart, |body| {
            body::begin_span(body, 1, outer, None, SpanFlags::default());
            body.u64(Key::Field(0), 4711);
            body.text(Key::Field(1), "nightly");
        });
        for number in 2..2 + SPANS {
            let inner = span(number)?;
            let parent = Some(outer.span);
            self.add(Kind::SpanStart, |body| {
                body::begin_span(body, 2, inner, parent, SpanFlags::default());
                body.u64(Key::Field(0), number);
            });
            for event in 0..EVENTS_PER_SPAN {
                self.add(Kind::Event, |body| {
                    body::begin_event(body, 0, Some(inner), false);
                    body.display(Key::Field(0), &"a part of the file was loaded");
                    body.u64(Key::Field(1), 1_000 + event);
                    body.text(Key::Field(2), "data/2026/11/22/part-00017.csv");
                    body.f64(Key::Field(3), 0.875);
                    body.i64(Key::Field(4), 1);
                });
            }
            let end = SpanEnd { callsite: 2, span: inner, parent, ..end(outer) };
            self.add(Kind::SpanEnd, |body| body.fixed(&end.encode()));
        }
        Some(())
    }
}

fn end(span: SpanRef) -> SpanEnd {
    let start = 1_795_341_483_000_000_000;
    let (parent, flags) = (None, SpanFlags::default());
    SpanEnd { callsite: 1, span, parent, flags, start, duration: 9_000, is_unfinished: false }
}

/// Reads all frames; returns how long that took, with the number of lines and their bytes.
fn read(bytes: &[u8], mut lines: Option<&mut JsonLines>) -> (Duration, u32, usize) {
    let (mut join, mut out) = (Join::new(), Vec::with_capacity(1 << 20));
    let (mut at, mut count, mut written, mut records) = (0, 0, 0, 0);
    let start = now();
    while let Ok((length, Some(found))) = frame::decode(&bytes[at..], at as u64) {
        let found: Frame<'_> = found;
        join.apply(&found);
        at += length;
        let (Some(record), Some(lines)) = (join.record(&found), lines.as_deref_mut()) else {
            continue;
        };
        records += 1;
        if records % BATCH == 0 {
            lines.forget();
            written += out.len();
            out.clear();
        }
        count += u32::from(lines.line(&record, &mut out));
    }
    (start.elapsed(), count, written + out.len())
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
fn now() -> Instant {
    Instant::now()
}

fn main() -> std::io::Result<()> {
    let mut journal = Journal { bytes: Vec::new(), seq: 0, encoder: Encoder::new(4096) };
    let filled = journal.fill();
    assert!(filled.is_some(), "ids are not zero");
    let run_id = RunId::new(1_795_341_483_000, 1);
    for (name, mut lines) in [("log", JsonLines::log(run_id)), ("spans", JsonLines::spans(run_id))]
    {
        let best = |lines: &mut Option<&mut JsonLines>| {
            let runs = (0..ROUNDS).map(|_| read(&journal.bytes, lines.as_deref_mut()));
            runs.min_by_key(|(time, ..)| *time).unwrap_or_default()
        };
        let (without, ..) = best(&mut None);
        let (with, count, bytes) = best(&mut Some(&mut lines));
        let per_line = |time: Duration| time.as_nanos() / u128::from(count.max(1));
        writeln!(
            std::io::stdout(),
            "{name}: {} ns a line ({} of it reading), {} bytes a line, {count} lines",
            per_line(with),
            per_line(without),
            bytes / count.max(1) as usize,
        )?;
    }
    Ok(())
}
