//! Files of lines: `log.jsonl` and `spans.jsonl`.
use crate::damage::{Chosen, damage};
use crate::memory::Memory;
use crate::{golden, mode};
use obs_core::Sink;
use obs_log::jsonl::verify_tail;
use obs_log::{JsonlOptions, JsonlSink};
use std::path::Path;
use std::sync::Arc;

const FILE: &str = "/run/log.jsonl";

/// Resumes in a file of these bytes, or in the golden one damaged by them.
///
/// # Panics
///
/// When anything but a torn end is destroyed, or a file that lost its power is resumed behind a bad line.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    let mut file = rest.to_vec();
    if mode > 1 {
        file = golden::LOG.to_vec();
        let older = vec![0; file.len()];
        damage(&mut file, &older, &mut Chosen(rest));
    }
    resume(&file, mode & 1 == 1);
}

fn resume(file: &[u8], is_after_power_loss: bool) {
    let memory = Memory::of(FILE, file);
    let mut options = JsonlOptions::default();
    options.is_after_power_loss = is_after_power_loss;
    let mut sink = JsonlSink::log(Arc::new(memory.clone()), "/run", golden::run_id(), options);
    let resumed = sink.resume().or_else(|_| sink.resume()).expect("the second time it goes on");
    let files = memory.files();
    let kept = files.get(Path::new(FILE)).map_or(&[][..], Vec::as_slice);
    assert!(file.starts_with(kept), "what was there is there, or was cut off");
    let rest = &file[kept.len()..];
    let damaged = files.get(Path::new("/run/log.jsonl.damaged-1"));
    let is_torn = !rest.contains(&b'\n') && rest.starts_with(b"{") || rest.iter().all(|b| *b == 0);
    assert!(damaged.map_or(is_torn, |damaged| damaged == rest), "lines were destroyed");
    if is_after_power_loss {
        let last = verify_tail(&memory, Path::new(FILE), golden::run_id(), 0);
        let last = last.expect("files in memory");
        assert_eq!(last.map_or(0, |last| last.end), kept.len() as u64, "every line is good");
        assert_eq!(last.map_or(0, |last| last.seq), resumed.unwrap_or(0), "the last one counts");
    }
}
