//! obs-log used alone: a few records, made by hand, as lines for programs and for people.
//!
//! `cargo run -p obs-log --example log_alone`
use obs_core::encode::{Encoder, Key};
use obs_core::join::Join;
use obs_core::wire::Kind;
use obs_core::wire::body::{SpanFlags, SpanRef, begin_event, begin_span};
use obs_core::wire::frame::{self, Header, NO_RING};
use obs_core::{Batch, Callsite, CallsiteKind, Level, Record, RunId, Sink, SpanId, TraceId};
use obs_log::{ConsoleSink, JsonLines, TextLines};

/// Frames as they stand in a journal, and a reader of them.
#[derive(Default)]
struct Journal {
    bytes: Vec<u8>,
    seq: u64,
    at: usize,
    join: Join,
}

impl Journal {
    fn add(&mut self, kind: Kind, body: &[u8]) {
        self.seq += u64::from(kind.is_record());
        let (seq, unix_ns) = (self.seq, 1_795_341_483_123_000_000 + self.seq);
        let header = Header {
            kind,
            level: 3,
            flags: 0,
            ring: NO_RING,
            seq,
            unix_ns,
            ring_end: 0,
            context: 0,
        };
        let position = self.bytes.len() as u64;
        frame::append(&mut self.bytes, position, &header, |out| out.extend_from_slice(body));
    }

    fn define(&mut self, number: u64, kind: CallsiteKind, name: &str, fields: &[&str]) {
        let fields = fields.iter().map(ToString::to_string).collect();
        let (name, target) = (name.to_owned(), "shop::orders".to_owned());
        let site =
            Callsite { kind, level: Level::Info, name, target, file: None, line: None, fields };
        let mut body = number.to_le_bytes().to_vec();
        site.encode(&mut body);
        self.add(Kind::Callsite, &body);
    }
}

impl Batch for Journal {
    fn next(&mut self) -> Option<Record<'_>> {
        let (mut start, mut is_record) = (self.at, false);
        while !is_record {
            start = self.at;
            let (length, found) = frame::decode(&self.bytes[start..], start as u64).ok()?;
            self.at += length;
            self.join.apply(&found?);
            is_record = found?.header.kind.is_record();
        }
        let (_, found) = frame::decode(&self.bytes[start..], start as u64).ok()?;
        self.join.record(&found?)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut journal = Journal::default();
    journal.define(0, CallsiteKind::Span, "order", &["id"]);
    journal.define(1, CallsiteKind::Event, "", &["message", "items", "note"]);
    let span = SpanId::new(0xb7ad_6b71_6920_3331).ok_or("zero")?;
    let trace = TraceId::new(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c).ok_or("zero")?;
    let mut body = Encoder::new(4096);
    begin_span(&mut body, 0, SpanRef { span, trace }, None, SpanFlags::default());
    body.u64(Key::Field(0), 4711);
    journal.add(Kind::SpanStart, body.finish());
    for (items, note) in [(3, "gift wrapping"), (0, "a\nforged line")] {
        body.clear();
        begin_event(&mut body, 1, Some(SpanRef { span, trace }), false);
        body.text(Key::Field(0), "order placed");
        body.u64(Key::Field(1), items);
        body.text(Key::Field(2), note);
        journal.add(Kind::Event, body.finish());
    }
    let json = JsonLines::log(RunId::new(1_795_341_483_123, 42));
    ConsoleSink::new(std::io::stdout(), json, Level::Info).write(&mut journal)?;
    (journal.at, journal.join) = (0, Join::new());
    let mut console = ConsoleSink::new(std::io::stdout(), TextLines::plain(), Level::Info);
    console.write(&mut journal)?;
    Ok(console.flush()?)
}
