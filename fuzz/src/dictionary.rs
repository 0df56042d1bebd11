//! Dictionaries of callsites.
use crate::damage::{Chosen, damage, differences, is_touched};
use crate::{golden, mode};
use obs_core::Callsite;
use obs_core::wire::Kind;
use obs_core::wire::frame::{Frames, HEADER_BYTES, Header, Item, NO_RING, append};
use obs_recorder::Callsites;

/// Compares what a damaged dictionary defines with what was written: no number means anything else, and whatever was
/// not damaged is defined.
///
/// # Panics
///
/// When that does not hold.
pub fn compare(original: &[u8], damaged: &[u8]) {
    let differences = differences(original, damaged);
    let (written, found) = (Callsites::read(original), Callsites::read(damaged));
    let mut frames = Frames::new(original, 0);
    let mut number = 0;
    while let Some(item) = frames.next() {
        let Item::Frame(frame) = item else { panic!("the original is whole") };
        let end = frames.reached() as usize;
        let is_whole = !is_touched(&differences, &(end - HEADER_BYTES - frame.body.len()..end));
        let known = |all: &Callsites| all.by_number(number).map(|known| known.callsite.clone());
        let (before, after) = (known(&written), known(&found));
        assert!(before.is_some(), "the original defines {number}");
        assert!(after == before || after.is_none() && !is_whole, "callsite {number}: {after:?}");
        number += 1;
    }
    assert!(found.by_number(number).is_none(), "a callsite that was not written");
}

/// Reads the bytes as a dictionary, damages the golden one by them, or reads definitions with right checksums.
///
/// # Panics
///
/// When a promise of the format does not hold.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    match mode {
        0 => sound(rest),
        1 => sound(&framed(rest)),
        _ => {
            let mut file = golden::DICTIONARY.to_vec();
            let older = vec![0; file.len()];
            damage(&mut file, &older, &mut Chosen(rest));
            compare(golden::DICTIONARY, &file);
        }
    }
}

/// Every callsite that is found stands under its own number, and means the same when it is written again.
fn sound(file: &[u8]) {
    let found = Callsites::read(file);
    for number in 0..=file.len() as u32 / 8 {
        let Some(known) = found.by_number(number) else { continue };
        assert_eq!(known.number, number, "found under another number");
        let mut bytes = Vec::new();
        known.callsite.encode(&mut bytes);
        let again = Callsite::decode(&bytes).expect("what was written can be read");
        let is_cut = |text: &str| text.len() > 512;
        let site = &known.callsite;
        let texts = [&site.name, &site.target].into_iter().chain(&site.file).chain(&site.fields);
        let is_long = texts.into_iter().any(|text| is_cut(text)) || site.fields.len() > 128;
        assert!(is_long || again == *site, "written again it is another one");
    }
}

/// A definition for each stretch of the bytes: its length, its number, its body.
fn framed(mut bytes: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    while let Some(([length, number], rest)) = bytes.split_first_chunk::<2>() {
        let (body, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        bytes = rest;
        let header = Header {
            kind: Kind::Callsite,
            level: 0,
            flags: 0,
            ring: NO_RING,
            seq: 0,
            unix_ns: 0,
            ring_end: 0,
            context: 0,
        };
        let position = file.len() as u64;
        append(&mut file, position, &header, |out| {
            out.extend_from_slice(&u64::from(*number).to_le_bytes());
            out.extend_from_slice(body);
        });
    }
    file
}
