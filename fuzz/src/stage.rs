//! Stage files.
use crate::damage::{Chosen, damage, differences, is_touched};
use crate::{golden, mode};
use obs_core::wire::frame::{Frames, HEADER_BYTES, Item};
use obs_ring::stage::Stage;
use std::ops::Range;

/// Header, and the words that hold `head` and `tail`.
const VITAL: [Range<usize>; 3] = [0..128, 512..520, 640..648];
const FILE_HEADER_BYTES: u64 = 4096;

/// The frames in a stage's file, each with the position behind it; `None` when it is refused as a whole.
#[must_use]
pub fn read(image: &[u8]) -> Option<Vec<(u64, Vec<u8>)>> {
    let stage = Stage::open(image).ok()?;
    let mut bytes = Vec::new();
    stage.copy(stage.tail(), stage.head(), &mut bytes).ok()?;
    let mut frames = Frames::new(&bytes, stage.tail());
    let mut found = Vec::new();
    while let Some(item) = frames.next() {
        if let Item::Frame(frame) = item {
            let end = (frames.reached() - stage.tail()) as usize;
            let whole = &bytes[end - HEADER_BYTES - frame.body.len()..end];
            found.push((frames.reached(), whole.to_vec()));
        }
    }
    Some(found)
}

/// Compares what can be read from a damaged stage with what was written: nothing else comes out, and whatever was not
/// damaged does.
///
/// # Panics
///
/// When that does not hold.
pub fn compare(original: &[u8], damaged: &[u8]) {
    let written = read(original).expect("the original is a stage");
    let differences = differences(original, damaged);
    let is_headless = VITAL.iter().any(|range| is_touched(&differences, range));
    let Some(found) = read(damaged) else {
        assert!(is_headless || damaged.len() < original.len(), "refused for nothing");
        return;
    };
    // Below the tail, and above the head, there may be frames that were written and do not count: they are whole.
    let (tail, head) = (written.first().map_or(0, |first| first.0), newest(&written));
    let counts = |(end, _): &&(u64, Vec<u8>)| (tail..=head).contains(end);
    let false_one = found.iter().filter(counts).find(|frame| !written.contains(frame));
    assert!(false_one.is_none(), "a frame was not written: {false_one:?}");
    assert!(is_headless || newest(&found) <= head, "a frame behind the last one");
    assert!(found.is_sorted_by(|one, next| one.0 < next.0), "a frame comes twice");
    let capacity = original.len() as u64 - FILE_HEADER_BYTES;
    let is_whole = |(end, frame): &(u64, Vec<u8>)| {
        (end - frame.len() as u64..*end).step_by(8).all(|position| {
            let at = (FILE_HEADER_BYTES + position % capacity) as usize;
            !is_touched(&differences, &(at..at + 8))
        })
    };
    for frame in written.iter().filter(|frame| !is_headless && is_whole(frame)) {
        assert!(found.contains(frame), "the frame up to {} is lost for nothing", frame.0);
    }
}

fn newest(frames: &[(u64, Vec<u8>)]) -> u64 {
    frames.last().map_or(0, |last| last.0)
}

/// Reads the bytes as a stage, or damages the golden one by them.
///
/// # Panics
///
/// When a promise of the format does not hold.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    if mode == 0 {
        drop(read(rest));
        return;
    }
    let mut image = golden::STAGE.to_vec();
    let older = vec![0; image.len()];
    damage(&mut image, &older, &mut Chosen(rest));
    compare(golden::STAGE, &image);
}
