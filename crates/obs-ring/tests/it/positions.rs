//! Positions that no writer of ours leaves behind.
use crate::ring_model::small_ring;
use obs_ring::ring::Ring;
use obs_ring::stage::Stage;
use obs_ring::{HeaderError, Identity, Memory};

const HEAD: usize = 512;
const TAIL: usize = 640;

fn with(image: &[u8], words: &[(usize, u64)]) -> Vec<u8> {
    let mut image = image.to_vec();
    for (at, word) in words {
        image[*at..at + 8].copy_from_slice(&word.to_le_bytes());
    }
    image
}

#[test]
fn positions_that_sums_would_overflow_are_refused() {
    let end = !7;
    let memory = Memory::heap(Stage::file_bytes(4096));
    let stage = Stage::create(memory, 4096, Identity::default(), 0).unwrap();
    let image = with(&stage.memory().snapshot(), &[(HEAD, end), (TAIL, end - 64)]);
    assert_eq!(Stage::open(&image).unwrap_err(), HeaderError::Geometry);
    let image = with(&small_ring().memory().snapshot(), &[(HEAD, end), (TAIL, !255)]);
    assert!(!Ring::open(&image).unwrap().consumer(Some(0)).is_sound());
}

#[test]
fn positions_that_contradict_each_other_are_no_rings() {
    let image = small_ring().memory().snapshot();
    let is_sound = |head, tail| {
        let image = with(&image, &[(HEAD, head), (TAIL, tail)]);
        Ring::open(&image).unwrap().consumer(Some(0)).is_sound()
    };
    assert!(is_sound(0, 0) && is_sound(2048, 0) && is_sound(2304, 256));
    assert!(!is_sound(2056, 0), "more than the ring holds");
    assert!(!is_sound(256, 512), "tail before head");
    assert!(!is_sound(100, 0), "half a word");
    assert!(!is_sound(512, 8), "a tail within a block");
}
