//! Files damaged by seeds: nothing false is accepted, nothing panics or hangs, and no more is lost than was damaged.
use crate::run::{Run, Sizes};
use fuzz::damage::{Choice, Numbers, SECTOR_BYTES, damage};
use fuzz::memory::{Files, Memory};
use fuzz::{TARGETS, cursor, dictionary, golden, recovery, ring, segment, stage};
use obs_core::CallsiteKind;
use obs_core::encode::Key::{Field, Name};
use obs_recorder::journal::Segment;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

const MUTANTS: u64 = 2_000;

/// Runs a check for every seed, and names the seed that fails.
fn each_seed(count: u64, check: impl Fn(&mut Numbers)) {
    for seed in 0..count {
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&mut Numbers::new(seed))));
        assert!(outcome.is_ok(), "seed {seed}: see above");
    }
}

/// A run that says a lot, in spans and contexts that change; every so often something long.
fn speak(run: &mut Run, records: u64, long_bytes: usize) {
    let said = run.callsite(CallsiteKind::Event, "", &["message", "n"]);
    let site = run.callsite(CallsiteKind::Span, "load", &["rows"]);
    run.introduce("main");
    for n in 0..records {
        match n % 9 {
            0 => run.enter(Some(&|encoder| encoder.u64(Name("job_id"), n / 9 % 5))),
            5 => run.enter(None),
            2 => run.begin(site, n, 0, &|encoder| encoder.u64(Field(0), n)),
            3 => run.add(site, n - 1, &|encoder| encoder.text(Name("late"), "yes")),
            7 => {
                let start = run.ticks - 5_000;
                run.end(site, n - 5, 0, start);
            }
            _ => {}
        }
        if n % 50 == 0 {
            // Callsites that are met late are defined in the middle of a segment.
            run.callsite(CallsiteKind::Event, &format!("late {n}"), &["message", "n"]);
        }
        let long = if n % 40 == 17 { long_bytes } else { 7 * (n as usize % 13) };
        let scope = (n % 9 > 2).then_some(n / 9 * 9 + 2);
        run.event(said, scope, &|encoder| {
            encoder.text(Field(0), &"word ".repeat(long / 5));
            encoder.u64(Field(1), n);
        });
        if n % 5 == 0 || long > 1_000 {
            run.drain();
            run.write();
        }
    }
}

const SMALL: Sizes = Sizes { ring_bytes: 16 << 10, stage_bytes: 16 << 10, segment_bytes: 8 << 10 };
const LARGE: Sizes =
    Sizes { ring_bytes: 256 << 10, stage_bytes: 1 << 20, segment_bytes: 900 << 10 };

fn journal(sizes: Sizes, records: u64, long_bytes: usize) -> Files {
    let mut run = Run::new(sizes);
    speak(&mut run, records, long_bytes);
    run.drain();
    run.write();
    let files = run.disk.files().into_iter();
    let segments = files.filter(|(path, _)| path.extension().is_some_and(|end| end == "seg"));
    segments
        .map(|(path, bytes)| (segment::directory().join(path.file_name().unwrap()), bytes))
        .collect()
}

#[test]
fn mutants_of_a_ring_lose_only_what_was_damaged() {
    let mut run = Run::new(SMALL);
    speak(&mut run, 300, 2_500);
    let older = run.ring.memory().snapshot();
    speak(&mut run, 100, 2_500);
    let image = run.ring.memory().snapshot();
    let count = ring::read(&image).unwrap().len();
    assert!(count > 60, "{count} records in the last lap");
    each_seed(MUTANTS, |numbers| {
        let mut mutant = image.clone();
        damage(&mut mutant, &older, numbers);
        ring::compare(&image, &mutant);
    });
}

#[test]
fn mutants_of_a_stage_lose_only_what_was_damaged() {
    let mut run = Run::new(SMALL);
    speak(&mut run, 300, 2_500);
    let older = run.stage.memory().snapshot();
    speak(&mut run, 100, 2_500);
    let image = run.stage.memory().snapshot();
    let count = stage::read(&image).unwrap().len();
    assert!(count > 50, "{count} frames in the last lap");
    each_seed(MUTANTS, |numbers| {
        let mut mutant = image.clone();
        damage(&mut mutant, &older, numbers);
        stage::compare(&image, &mutant);
    });
}

#[test]
fn mutants_of_segments_lose_only_what_was_damaged() {
    let files = journal(SMALL, 250, 2_500);
    assert!(files.len() > 4, "{} segments", files.len());
    let checkpoints =
        segment::parts(&files).iter().filter(|p| p.range.start < p.body_start).count();
    assert!(checkpoints > 4 * files.len(), "checkpoints say something: {checkpoints} frames");
    each_seed(MUTANTS, |numbers| {
        let mut mutant = files.clone();
        for _ in 0..=numbers.below(2) {
            segment::damage_one(&mut mutant, numbers);
        }
        segment::compare(&files, &mutant);
    });
}

#[test]
fn mutants_of_long_segments_are_read_on_behind_any_damage() {
    let files = journal(LARGE, 700, 60_000);
    let longest = files.values().map(Vec::len).max().unwrap_or(0);
    assert!(files.len() > 1 && longest > 3 << 18, "{longest} bytes in a segment");
    each_seed(60, |numbers| {
        let mut mutant = files.clone();
        let index = numbers.below(files.len());
        let bytes = mutant.values_mut().nth(index).unwrap();
        let start = numbers.below(bytes.len()) / SECTOR_BYTES * SECTOR_BYTES;
        let end = bytes.len().min(start + (1 << (9 + numbers.below(11))));
        bytes[start..end].fill(0);
        segment::compare(&files, &mutant);
    });
}

#[test]
fn a_block_of_another_segment_is_accepted_nowhere() {
    let files = journal(SMALL, 250, 2_500);
    let all: Vec<_> = files.keys().cloned().collect();
    let mut tried = BTreeSet::new();
    for (one, other) in all.iter().flat_map(|one| all.iter().map(move |other| (one, other))) {
        let (length, donor) = (files[one].len().min(files[other].len()), &files[other]);
        for sector in 0..length / SECTOR_BYTES {
            // Of the first sector all but the header, which names its segment.
            let start = (sector * SECTOR_BYTES).max(72);
            let range = start..length.min((sector + 4) * SECTOR_BYTES);
            let mut mutant = files.clone();
            mutant.get_mut(one).unwrap()[range.clone()].copy_from_slice(&donor[range]);
            segment::compare(&files, &mutant);
            tried.insert((one, other, sector));
        }
    }
    assert!(tried.len() > 200, "{} blocks", tried.len());
}

#[test]
fn mutants_of_a_dictionary_define_nothing_else() {
    let run = Run::new(SMALL);
    for number in 0..60 {
        let fields: Vec<String> = (0..number % 7).map(|field| format!("field_{field}")).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        run.callsite(CallsiteKind::Event, &"name ".repeat(number % 11), &fields);
        run.callsite(CallsiteKind::Span, &format!("span {number}"), &[]);
    }
    let file = run.disk.files()[&run.rings().dictionary()].clone();
    let older = vec![0; file.len()];
    each_seed(MUTANTS, |numbers| {
        let mut mutant = file.clone();
        damage(&mut mutant, &older, numbers);
        dictionary::compare(&file, &mutant);
    });
}

#[test]
fn no_changed_bit_and_no_mutant_of_a_cursor_is_taken_for_one() {
    for bit in 0..golden::CURSOR.len() * 8 {
        let mut mutant = golden::CURSOR.to_vec();
        mutant[bit / 8] ^= 1 << (bit % 8);
        let read = obs_recorder::Cursor::decode(&mutant, golden::run_id());
        assert_eq!(read, None, "bit {bit}");
    }
    each_seed(MUTANTS, |numbers| {
        let mut mutant = golden::CURSOR.to_vec();
        damage(&mut mutant, &[0xff; 64], numbers);
        cursor::compare(&mutant);
    });
}

#[test]
fn no_changed_bit_of_a_header_is_overlooked() {
    let flipped = |image: &[u8], bit: usize| {
        let mut image = image.to_vec();
        image[bit / 8] ^= 1 << (bit % 8);
        image
    };
    for bit in 0..128 * 8 {
        assert!(ring::read(&flipped(golden::RING, bit)).is_none(), "ring, bit {bit}");
        assert!(stage::read(&flipped(golden::STAGE, bit)).is_none(), "stage, bit {bit}");
    }
    for bit in 0..72 * 8 {
        let path = segment::path(1);
        let memory = Memory::of(&path, &flipped(golden::SEGMENTS[0], bit));
        assert_eq!(Segment::open(&memory, &path).unwrap(), None, "segment, bit {bit}");
    }
}

#[test]
fn a_damaged_run_is_recovered_to_nothing_but_the_truth() {
    each_seed(300, |numbers| {
        let mut files = recovery::golden();
        for _ in 0..=numbers.below(3) {
            recovery::damage_one(&mut files, numbers);
        }
        recovery::judge(files);
    });
}

#[test]
fn every_check_holds_for_seeded_bytes() {
    for (name, check) in TARGETS {
        let count = if ["bundle", "recovery"].contains(name) { 100 } else { MUTANTS };
        for seed in 0..count {
            let mut numbers = Numbers::new(seed);
            let length = 1 + numbers.below(60);
            let mut bytes: Vec<u8> = (0..length).map(|_| numbers.below(256) as u8).collect();
            bytes[0] = numbers.below(4) as u8;
            let outcome = catch_unwind(|| check(&bytes));
            assert!(outcome.is_ok(), "{name}, seed {seed}: see above");
        }
    }
}
