//! Damaged files of lines: nothing that is damaged is taken for a line, and nothing but a torn end is destroyed.
use crate::frames::{Frames, run_id, site};
use crate::lines::{Json, seqs};
use crate::memory::Memory;
use obs_core::encode::Key::Field;
use obs_core::{CallsiteKind, Level, Sink};
use obs_log::jsonl::verify_tail;
use obs_log::{JsonlOptions, JsonlSink};
use std::path::Path;
use std::sync::Arc;

const LINES: u64 = 40;
const MUTANTS: u64 = 2_000;
const FILE: &str = "/run/log.jsonl";

fn journal() -> Frames {
    let mut frames = Frames::new();
    let event = frames.callsite(&site(CallsiteKind::Event, Level::Info, "", &["message"]));
    for number in 0..LINES {
        frames.event(event, None, &|encoder| {
            encoder.text(Field(0), &"word ".repeat(number as usize % 23));
        });
    }
    frames
}

fn sink(memory: &Memory, is_after_power_loss: bool) -> JsonlSink {
    let mut options = JsonlOptions::default();
    options.is_after_power_loss = is_after_power_loss;
    JsonlSink::log(Arc::new(memory.clone()), "/run", run_id(), options)
}

fn whole_file(frames: &Frames) -> Vec<u8> {
    let memory = Memory::default();
    sink(&memory, false).write(&mut frames.records()).unwrap();
    memory.contents()[Path::new(FILE)].clone()
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let (kind, at) = (random.below(7), random.below(bytes.len().max(1)));
        let end = bytes.len().min(at + 1 + random.below(700));
        match kind {
            0 => bytes.truncate(at),
            1 | 2 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            3 => bytes[at..end].fill(0),
            4 => bytes.extend(std::iter::repeat_n(0, random.below(900))),
            5 => bytes.extend((0..random.below(300)).map(|at| (at * 7) as u8)),
            _ => drop(bytes.drain(at..end)),
        }
    }
}

/// A damaged file, and a sink that has looked where to go on in it.
struct Resumed {
    mutant: Vec<u8>,
    memory: Memory,
    sink: JsonlSink,
    seq: Option<u64>,
}

fn resume_mutant(original: &[u8], seed: u64, is_after_power_loss: bool) -> Resumed {
    let (mut random, mut mutant) = (Random(seed), original.to_vec());
    mutate(&mut mutant, &mut random);
    let memory = Memory::default();
    memory.put(Path::new(FILE), &mutant);
    let mut sink = sink(&memory, is_after_power_loss);
    // A damaged file is put aside and told as an error; then it is resumed.
    let seq = sink.resume().or_else(|_| sink.resume()).unwrap();
    Resumed { mutant, memory, sink, seq }
}

/// The numbers in those lines of the bytes that are whole.
fn good_seqs(bytes: &[u8]) -> Vec<u64> {
    let newline = |byte: &u8| *byte == b'\n';
    let whole = bytes.split_inclusive(newline).filter_map(|line| line.strip_suffix(b"\n"));
    let seq = |line: &[u8]| match serde_json::from_str(std::str::from_utf8(line).ok()?).ok()? {
        Json::Object(members) => match members.get("seq")? {
            Json::Number(seq) => seq.parse().ok(),
            _ => None,
        },
        _ => None,
    };
    whole.filter_map(seq).collect()
}

#[test]
fn a_mutant_is_resumed_at_a_good_line_and_nothing_but_a_torn_end_is_destroyed() {
    let frames = journal();
    let original = whole_file(&frames);
    for seed in 0..MUTANTS {
        let Resumed { mutant, memory, mut sink, seq } = resume_mutant(&original, seed, false);
        let seq = seq.unwrap_or(0);
        let files = memory.contents();
        let kept = &files[Path::new(FILE)];
        assert!(mutant.starts_with(kept), "seed {seed}");
        assert_eq!(good_seqs(kept).last().copied().unwrap_or(0), seq, "seed {seed}");
        let rest = &mutant[kept.len()..];
        let damaged = files.get(Path::new("/run/log.jsonl.damaged-1"));
        let is_torn =
            !rest.contains(&b'\n') && rest.starts_with(b"{") || rest.iter().all(|byte| *byte == 0);
        assert!(damaged.map_or(is_torn, |damaged| damaged == rest), "seed {seed}");
        if seq < LINES {
            sink.write(&mut frames.records_behind(seq)).unwrap();
            let all = good_seqs(&memory.contents()[Path::new(FILE)]);
            let behind: Vec<u64> =
                all.iter().copied().skip_while(|found| *found != seq + 1).collect();
            assert_eq!(behind, (seq + 1..=LINES).collect::<Vec<_>>(), "seed {seed}");
        }
    }
}

#[test]
fn after_a_power_loss_every_line_of_a_mutant_is_good() {
    let original = whole_file(&journal());
    for seed in 0..MUTANTS {
        let Resumed { memory, seq, .. } = resume_mutant(&original, seed, true);
        let seq = seq.expect("the file counts, not the cursor");
        let found = seqs(&memory.contents());
        assert_eq!(found.last().copied().unwrap_or(0), seq, "seed {seed}");
        assert!(found.is_sorted_by(|a, b| a < b), "seed {seed}");
        let file = Path::new(FILE);
        let verified = verify_tail(&memory, file, run_id(), 0).unwrap();
        let end = verified.map_or(0, |last| last.end);
        assert_eq!(end, memory.contents()[file].len() as u64, "seed {seed}");
    }
}
