//! The protocols of ring and stage under every order of execution that the memory model allows. Run with
//! `RUSTFLAGS="--cfg loom" cargo test -p obs-ring --release --test loom`.
#![cfg(loom)]
#![expect(clippy::unwrap_used, reason = "a model that fails is a test that fails")]

use loom::thread;
use obs_ring::clock::{Anchor, TickSource};
use obs_ring::ring::{Entry, Item, Owner, Ring, Shape, State};
use obs_ring::stage::Stage;
use obs_ring::{Identity, Memory};

fn ring() -> Ring {
    let shape = Shape::new(256, 128).unwrap();
    Ring::create(
        Memory::heap(shape.file_bytes()),
        shape,
        Identity::default(),
        TickSource::Monotonic,
    )
    .unwrap()
}

fn entry(body: &[u8]) -> Entry<'_> {
    Entry { kind: 16, level: 4, ticks: 1, context: &[], context_changed: false, body }
}

#[test]
fn a_consumer_sees_whole_records_in_order_and_the_producer_overwrites_only_what_it_gave_back() {
    loom::model(|| {
        let ring = ring();
        let mut consumer = ring.consumer(None);
        let producer = thread::spawn(move || {
            let mut producer = ring.claim(State::Fresh, State::Live, &Owner::default()).unwrap();
            let mut refused = 0;
            for number in 1..=3_u64 {
                let body = [number.to_le_bytes(), (!number).to_le_bytes()].concat();
                let body = [body.as_slice(), &[0; 32]].concat();
                refused +=
                    u64::from(producer.push(&entry(&body), || Anchor::new(0, 0, 0)).is_err());
            }
            refused
        });
        let mut seen = 0;
        let mut last = 0;
        let mut look = |consumer: &mut obs_ring::ring::Consumer| {
            let head = consumer.head();
            let mut buffer = Vec::new();
            let mut records = consumer.read(consumer.position(), head, &mut buffer);
            while let Some(item) = records.next() {
                if let Item::Record(record) = item {
                    let number = u64::from_le_bytes(record.body[..8].try_into().unwrap());
                    assert_eq!(u64::from_le_bytes(record.body[8..16].try_into().unwrap()), !number);
                    assert!(number > last, "{number} after {last}");
                    (last, seen) = (number, seen + 1);
                } else {
                    assert!(matches!(item, Item::Opening(_)), "{item:?}");
                }
            }
            let end = records.position();
            consumer.release(end);
        };
        look(&mut consumer);
        look(&mut consumer);
        let refused = producer.join().unwrap();
        look(&mut consumer);
        assert_eq!(seen + refused, 3);
        assert!(refused < 2, "two blocks hold two records");
    });
}

#[test]
fn a_reader_of_a_stage_gets_true_bytes_or_learns_that_it_is_late() {
    loom::model(|| {
        let stage =
            Stage::create(Memory::heap(Stage::file_bytes(4096)), 4096, Identity::default(), 0)
                .unwrap();
        let mut writer = stage.writer();
        assert!(writer.append(&[1; 4080]));
        let other = stage.clone();
        let late = thread::spawn(move || {
            let mut copy = Vec::new();
            match other.copy(0, 16, &mut copy) {
                Ok(()) => assert_eq!(copy, [1; 16]),
                Err(lapped) => assert_eq!((lapped.tail, copy.len()), (16, 0)),
            }
        });
        writer.make_room(16);
        assert!(writer.append(&[2; 32]));
        late.join().unwrap();
    });
}

#[test]
fn what_a_stage_says_is_there_is_there() {
    loom::model(|| {
        let stage =
            Stage::create(Memory::heap(Stage::file_bytes(4096)), 4096, Identity::default(), 0)
                .unwrap();
        let mut writer = stage.writer();
        let other = stage.clone();
        let reader = thread::spawn(move || {
            let mut copy = Vec::new();
            let head = other.head();
            other.copy(0, head, &mut copy).unwrap();
            assert_eq!(copy, [7; 16][..head as usize]);
        });
        assert!(writer.append(&[7; 8]));
        assert!(writer.append(&[7; 8]));
        reader.join().unwrap();
    });
}
