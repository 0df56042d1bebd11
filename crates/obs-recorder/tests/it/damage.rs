//! Damaged rings, read by the drain of a recovery.
use obs_core::encode::{Encoder, Key};
use obs_core::join::Join;
use obs_core::record::Fact;
use obs_core::wire::frame::{Frames, Item as Framed};
use obs_core::wire::{Kind, body};
use obs_core::{Callsite, CallsiteKind, Level};
use obs_recorder::drain::{Drain, Parts, Pass};
use obs_recorder::{Callsites, Key as Site, Timeline};
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::ring::{Entry, Owner, Ring, Shape, State};
use obs_ring::stage::Stage;
use obs_ring::{Identity, Memory};
use std::sync::Arc;

/// The words of a ring's header that count refusals.
const REFUSED: std::ops::Range<usize> = 896..960;
const HEADER_BYTES: usize = 4096;

pub(crate) fn callsites() -> Arc<Callsites> {
    let callsites = Callsites::new();
    callsites.of(&Site::Text("event".into()), || Callsite {
        kind: CallsiteKind::Event,
        level: Level::Info,
        name: String::new(),
        target: "test".to_owned(),
        file: None,
        line: None,
        fields: Vec::new(),
    });
    Arc::new(callsites)
}

pub(crate) fn list(value: u64) -> Vec<u8> {
    let mut encoder = Encoder::new(256);
    encoder.u64(Key::Name("job_id"), value);
    encoder.finish().to_vec()
}

/// A ring in which each event says its context only where that changes: 1, 1, 2, 2, 1, 1; and where each begins.
fn ring() -> (Vec<u8>, Vec<usize>) {
    let shape = Shape::with_capacity(64 << 10).unwrap();
    let memory = Memory::heap(shape.file_bytes());
    let ring = Ring::create(memory, shape, Identity::default(), TickSource::Monotonic).unwrap();
    let mut producer = ring.claim(State::Fresh, State::Live, &Owner::default()).unwrap();
    let (mut starts, mut before) = (Vec::new(), 0);
    for (number, job) in [1, 1, 2, 2, 1, 1].into_iter().enumerate() {
        starts.push(HEADER_BYTES + ring.consumer(None).head() as usize);
        let mut encoder = Encoder::new(256);
        body::begin_event(&mut encoder, 0, None, false);
        let (context, context_changed) = (list(job), job != before);
        let (kind, body) = (Kind::Event as u8, encoder.finish().to_vec());
        let ticks = number as u64 + 1;
        let entry =
            Entry { kind, level: 3, ticks, context: &context, context_changed, body: &body };
        producer.push(&entry, || Anchor::new(0, 0, 0)).unwrap();
        before = job;
    }
    (ring.memory().snapshot(), starts)
}

/// What a sink would see of the ring: for each event its context, or "lost"; for each loss the number of records.
fn drained(image: &[u8]) -> Vec<String> {
    let memory = Memory::heap(Stage::file_bytes(64 << 10));
    let stage = Stage::create(memory, 64 << 10, Identity::default(), 0).unwrap();
    let mut drain = Drain::new(Parts {
        stage: stage.writer(),
        callsites: callsites(),
        timeline: Timeline::new(Anchor::default(), None),
        clock: None,
        last_seq: 0,
        segment_bytes: u64::MAX,
        redaction: obs_recorder::Redaction::default(),
    });
    drain.add_ring(0, Ring::open(image).unwrap().consumer(Some(0)), [0; 8]);
    while drain.pass() == Pass::Staged {}
    let mut bytes = Vec::new();
    stage.copy(0, stage.head(), &mut bytes).unwrap();
    let (mut join, mut seen) = (Join::new(), Vec::new());
    for item in Frames::new(&bytes, 0) {
        let Framed::Frame(frame) = item else { panic!("a stage of our own") };
        join.apply(&frame);
        let Some(record) = join.record(&frame) else { continue };
        seen.push(match record.fact {
            Fact::Lost(lost) => format!("{} lost", lost.records),
            _ if record.is_context_lost => "context lost".to_owned(),
            _ => format!("{:?}", record.context.iter().map(|(_, value)| value).last()),
        });
    }
    seen
}

#[test]
fn an_undamaged_ring_tells_every_context() {
    let jobs = [1, 1, 2, 2, 1, 1].map(|job| format!("Some(U64({job}))"));
    assert_eq!(drained(&ring().0), jobs);
}

#[test]
fn behind_damage_no_context_is_made_up() {
    let (mut image, starts) = ring();
    image[starts[2] + 30] ^= 1;
    let one = "Some(U64(1))";
    assert_eq!(drained(&image), [one, one, "1 lost", "context lost", one, one]);
}

#[test]
fn refusals_beyond_all_counting_are_told_as_far_as_numbers_go() {
    let (mut image, _) = ring();
    image[REFUSED].fill(0xff);
    assert_eq!(drained(&image).last().unwrap(), &format!("{} lost", u64::MAX));
}
