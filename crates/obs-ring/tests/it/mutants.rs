//! Damaged ring images: at most the damaged records are lost, nothing false is accepted, nothing panics or hangs.
use crate::ring_model::small_ring;
use obs_ring::clock::Anchor;
use obs_ring::ring::{Entry, Item, Owner, Ring, State};
use proptest::prelude::*;

fn filled() -> (Vec<u8>, Vec<Vec<u8>>) {
    let ring = small_ring();
    let mut producer = ring.claim(State::Fresh, State::Live, &Owner::default()).unwrap();
    let mut bodies = Vec::new();
    for number in 0..60_u64 {
        let words = if number == 11 { 50 } else { 1 + number as usize % 7 };
        let body: Vec<u8> = (0..words).flat_map(|_| (number * 0x0101_0101).to_le_bytes()).collect();
        let entry = Entry {
            kind: 16,
            level: 3,
            ticks: number,
            context: &[],
            context_changed: false,
            body: &body,
        };
        if producer.push(&entry, || Anchor::new(1, 2, 3)).is_ok() {
            bodies.push(body);
        }
    }
    (ring.memory().snapshot(), bodies)
}

fn read(image: &[u8]) -> Option<Vec<Vec<u8>>> {
    let ring = Ring::open(image).ok()?;
    let consumer = ring.consumer(Some(0));
    let (mut buffer, mut bodies, mut at) = (Vec::new(), Vec::new(), 0);
    let head = consumer.head().min(ring.shape().capacity());
    while at < head {
        let mut records = consumer.read(at, head, &mut buffer);
        while let Some(item) = records.next() {
            if let Item::Record(record) = item {
                bodies.push(record.body.to_vec());
            }
        }
        if records.position() <= at {
            break;
        }
        at = records.position();
    }
    Some(bodies)
}

#[test]
fn an_undamaged_image_gives_every_record() {
    let (image, bodies) = filled();
    assert!(bodies.len() > 15);
    assert_eq!(read(&image), Some(bodies));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn a_flipped_bit_costs_at_most_its_record(bit in 4096 * 8..(4096 + 2048) * 8_usize) {
        let (mut image, bodies) = filled();
        image[bit / 8] ^= 1 << (bit % 8);
        let read = read(&image).unwrap();
        prop_assert!(read.iter().all(|body| bodies.contains(body)), "something false was accepted");
        prop_assert!(read.len() + 1 >= bodies.len(), "{} of {} records", read.len(), bodies.len());
    }

    #[test]
    fn damage_of_any_kind_gives_only_true_records(
        kind in 0..4_u8, at in 0..6144_usize, length in 1..600_usize, fill in any::<u8>(),
    ) {
        let (mut image, bodies) = filled();
        let end = (at + length).min(image.len());
        match kind {
            0 => image.truncate(at),
            1 => image[at..end].fill(fill),
            2 => image.copy_within(at..end, 4096 + at / 4),
            _ => image[64 * 8..64 * 8 + 8].copy_from_slice(&(at as u64 * 8).to_le_bytes()),
        }
        if let Some(read) = read(&image) {
            prop_assert!(read.iter().all(|body| bodies.contains(body)), "something false was accepted");
        }
    }
}

#[test]
fn a_ring_is_half_made_as_long_as_its_header_is_not_whole_and_nothing_was_pushed() {
    let whole = small_ring().memory().snapshot();
    assert!(Ring::is_half_made(&[]));
    for stored in 0..=120 {
        let mut image = vec![0; whole.len()];
        image[..stored].copy_from_slice(&whole[..stored]);
        assert!(Ring::is_half_made(&image), "after {stored} bytes");
        assert!(Ring::open(&image).is_err(), "after {stored} bytes");
    }
    let (mut used, _) = filled();
    assert!(!Ring::is_half_made(&whole) && !Ring::is_half_made(&used));
    used[..128].fill(0);
    assert!(!Ring::is_half_made(&used), "a header that was lost");
}
