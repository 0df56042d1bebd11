//! Room in a full stage.
use crate::damage::{callsites, list};
use obs_core::encode::Encoder;
use obs_core::join::Join;
use obs_core::record::Fact;
use obs_core::wire::frame::{Frames, Item};
use obs_core::wire::{Kind, body};
use obs_recorder::Timeline;
use obs_recorder::drain::{Drain, Parts, Pass};
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::ring::{Entry, Owner, Ring, Shape, State};
use obs_ring::stage::Stage;
use obs_ring::{Identity, Memory};

const STAGE_BYTES: u64 = 16 << 10;

/// The events that a reader of the stage alone sees, and those among them whose context it does not know.
fn seen(stage: &Stage) -> (u64, u64) {
    let (mut bytes, tail) = (Vec::new(), stage.tail());
    stage.copy(tail, stage.head(), &mut bytes).unwrap();
    let (mut join, mut events, mut lost) = (Join::new(), 0, 0);
    for item in Frames::new(&bytes, tail) {
        let Item::Frame(frame) = item else { panic!("a stage of our own") };
        join.apply(&frame);
        if frame.header.kind == Kind::Event {
            // Its callsite is known, too, or there were no record.
            let record = join.record(&frame).unwrap();
            assert!(matches!(record.fact, Fact::Event(_)));
            events += 1;
            lost += u64::from(record.is_context_lost);
        }
    }
    (events, lost)
}

#[test]
fn what_stays_when_room_is_made_can_be_read_without_what_went() {
    let memory = Memory::heap(Stage::file_bytes(STAGE_BYTES));
    let stage = Stage::create(memory, STAGE_BYTES, Identity::default(), 0).unwrap();
    let mut drain = Drain::new(Parts {
        stage: stage.writer(),
        callsites: callsites(),
        timeline: Timeline::new(Anchor::default(), None),
        clock: None,
        last_seq: 0,
        segment_bytes: u64::MAX,
        redaction: obs_recorder::Redaction::default(),
    });
    let shape = Shape::with_capacity(64 << 10).unwrap();
    let memory = Memory::heap(shape.file_bytes());
    let ring = Ring::create(memory, shape, Identity::default(), TickSource::Monotonic).unwrap();
    drain.add_ring(0, ring.consumer(None), [0; 8]);
    let mut producer = ring.claim(State::Fresh, State::Live, &Owner::default()).unwrap();
    let (context, mut rooms) = (list(7), 0);
    for ticks in 1..=2_000 {
        let mut encoder = Encoder::new(256);
        body::begin_event(&mut encoder, 0, None, false);
        let body = encoder.finish();
        let (kind, context_changed) = (Kind::Event as u8, ticks == 1);
        let entry = Entry { kind, level: 3, ticks, context: &context, context_changed, body };
        producer.push(&entry, || Anchor::new(0, 0, 0)).unwrap();
        let mut passed = drain.pass();
        while passed == Pass::NoRoom {
            assert!(drain.make_room(stage.head(), stage.head()), "all was moved");
            rooms += 1;
            let (events, lost) = seen(&stage);
            assert!(events > 0, "room {rooms}");
            assert_eq!(lost, 0, "of {events} events, room {rooms}");
            passed = drain.pass();
        }
        assert_eq!(passed, Pass::Staged, "who waits for records is told of each");
    }
    assert!(rooms > 5, "{rooms}");
}
