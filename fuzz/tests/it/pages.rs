//! A crash page, and a frame of each kind, made by hand as FORMAT.md says.
use fuzz::golden::{self, START_NS};
use obs_core::encode::{Encoder, Key};
use obs_core::wire::Kind;
use obs_core::wire::body::{self, SpanEnd, SpanFlags, SpanLink, SpanRef};
use obs_core::wire::frame::{Header, append};
use obs_core::wire::notes::{Lost, Positions};
use obs_core::{Callsite, CallsiteKind, Level, LostReason, SpanId, TraceId};

/// Words of a page that are the same in every one: magic, version.
pub(crate) const PAGE_BYTES: usize = 4096;

/// A page with the note of one SIGSEGV.
pub(crate) fn page() -> Vec<u8> {
    let mut page = vec![0; PAGE_BYTES];
    let mut put = |word: usize, value: u64| {
        page[word * 8..word * 8 + 8].copy_from_slice(&value.to_le_bytes());
    };
    put(0, !u64::from_le_bytes(*b"OBSCRASH"));
    put(1, 1);
    for (word, value) in [(16, 1), (17, 1), (18, 0x1230), (19, 4712), (20, 3_600_020_000_000)] {
        put(word, value);
    }
    page
}

/// A frame of each kind, from position 0 on.
pub(crate) fn frames() -> Vec<u8> {
    let mut out = Vec::new();
    for (seq, (kind, body)) in bodies().into_iter().enumerate() {
        let header = Header {
            kind,
            level: if kind.is_record() { 3 } else { 0 },
            flags: 0,
            ring: 0,
            seq: if kind.is_record() { seq as u64 + 1 } else { 0 },
            unix_ns: START_NS,
            ring_end: if kind.is_record() { Header::ring_end_of(64 * seq as u64) } else { 0 },
            context: u32::from(kind == Kind::Context),
        };
        let position = out.len() as u64;
        append(&mut out, position, &header, |out| out.extend_from_slice(&body));
    }
    assert!(golden::run_id().to_bytes()[6] >> 4 == 7, "a UUID of version 7");
    out
}

fn bodies() -> Vec<(Kind, Vec<u8>)> {
    let trace = TraceId::new(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c).unwrap();
    let span = SpanRef { span: SpanId::new(0xb7ad_6b71_6920_3331).unwrap(), trace };
    let (parent, callsite) = (None, 0);
    let (flags, start, duration, is_unfinished) = (SpanFlags::default(), START_NS, 5, false);
    let end = SpanEnd { callsite, span, parent, flags, start, duration, is_unfinished };
    let link = SpanLink { span: span.span, follows: span };
    let attributes = encoded(&body::begin_attributes);
    let mut positions = Vec::new();
    Positions::encode(&mut positions, [(0, 4096), (7, 64)]);
    let clock: Vec<u8> =
        [9, 3_600, START_NS, 1 << 32].iter().flat_map(|w: &u64| w.to_le_bytes()).collect();
    let mut all = vec![
        (Kind::Callsite, definition()),
        (Kind::Context, attributes.clone()),
        (Kind::Positions, positions),
        (Kind::Clock, clock),
        (Kind::Event, encoded(&|encoder| body::begin_event(encoder, 0, Some(span), true))),
        (Kind::SpanStart, encoded(&|encoder| body::begin_span(encoder, 0, span, None, flags))),
        (Kind::SpanEnd, end.encode().to_vec()),
        (Kind::SpanRecord, encoded(&|encoder| body::begin_span_record(encoder, 0, span.span))),
        (Kind::SpanLink, link.encode().to_vec()),
        (Kind::Lost, lost().encode().to_vec()),
    ];
    all.extend(
        [
            Kind::Thread,
            Kind::RunContext,
            Kind::Artifact,
            Kind::Exit,
            Kind::Withheld,
            Kind::RunStart,
            Kind::RunEnd,
        ]
        .map(|kind| (kind, attributes.clone())),
    );
    all.push((Kind::Cut, Vec::new()));
    all
}

fn encoded(begin: &dyn Fn(&mut Encoder)) -> Vec<u8> {
    let mut encoder = Encoder::new(256);
    begin(&mut encoder);
    encoder.text(Key::Name("name"), "value");
    encoder.finish().to_vec()
}

fn definition() -> Vec<u8> {
    let mut body = 0_u64.to_le_bytes().to_vec();
    let callsite = Callsite {
        kind: CallsiteKind::Event,
        level: Level::Info,
        name: "loaded".to_owned(),
        target: "app".to_owned(),
        file: Some("src/main.rs".to_owned()),
        line: Some(7),
        fields: vec!["rows".to_owned()],
    };
    callsite.encode(&mut body);
    body
}

fn lost() -> Lost {
    let by_level = [0, 0, 0, 2, 0, 0, 0, 0];
    let (reason, ring, records) = (LostReason::RingFull, 0, 2);
    Lost { reason, ring, records, first_seq: 0, last_seq: 0, by_level, refused: by_level }
}
