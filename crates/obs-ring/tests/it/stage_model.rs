//! A stage against a vector of bytes.
use obs_ring::stage::{Lapped, Stage};
use obs_ring::{HeaderError, Identity, Memory};
use proptest::prelude::*;

fn stage(start: u64) -> Stage {
    Stage::create(Memory::heap(Stage::file_bytes(4096)), 4096, Identity::default(), start).unwrap()
}

proptest! {
    #[test]
    fn a_stage_gives_back_what_was_appended_unless_it_was_given_up(
        start in (0..1_000_u64).prop_map(|word| word * 8),
        lengths in prop::collection::vec(1..100_usize, 1..120),
    ) {
        let stage = stage(start);
        let mut writer = stage.writer();
        let mut all: Vec<u8> = Vec::new();
        for (number, words) in lengths.into_iter().enumerate() {
            let frame = vec![number as u8; words * 8];
            if writer.room() < frame.len() as u64 {
                prop_assert!(!writer.append(&frame));
                writer.make_room(writer.tail() + frame.len() as u64);
            }
            prop_assert!(writer.append(&frame));
            all.extend(&frame);
            let mut copy = Vec::new();
            prop_assert_eq!(stage.copy(stage.tail(), stage.head(), &mut copy), Ok(()));
            prop_assert_eq!(&copy[..], &all[(stage.tail() - start) as usize..]);
        }
        let reopened = Stage::open(&stage.memory().snapshot()).unwrap();
        prop_assert_eq!((reopened.head(), reopened.tail()), (stage.head(), stage.tail()));
    }
}

#[test]
fn a_reader_that_comes_too_late_learns_how_far_the_tail_is() {
    let stage = stage(0);
    let mut writer = stage.writer();
    assert!(writer.append(&[1; 4096]));
    writer.make_room(512);
    let mut copy = vec![7];
    assert_eq!(stage.copy(0, 512, &mut copy), Err(Lapped { tail: 512 }));
    assert!(copy.is_empty(), "nothing of it is given");
    assert_eq!(stage.copy(512, 1024, &mut copy), Ok(()));
    assert_eq!(copy, [1; 512]);
}

#[test]
fn positions_that_contradict_each_other_are_refused() {
    let stage = stage(0);
    stage.memory()[64].store(8192, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(Stage::open(&stage.memory().snapshot()).unwrap_err(), HeaderError::Geometry);
}
