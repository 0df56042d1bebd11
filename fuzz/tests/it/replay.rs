//! The corpora that fuzzers left, and crashes that they found once.
use fuzz::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// All corpora together.
const CORPUS_BYTES_MAX: u64 = 300 << 10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_check_holds_for_its_corpus() {
    let mut bytes_in_all = 0;
    for (name, check) in TARGETS {
        let paths = files(&folder().join(name));
        assert!(!paths.is_empty(), "the corpus of {name} is empty");
        for path in paths {
            let bytes = fs::read(&path).unwrap();
            bytes_in_all += bytes.len() as u64;
            assert!(catch_unwind(|| check(&bytes)).is_ok(), "{}: see above", path.display());
        }
    }
    assert!(bytes_in_all <= CORPUS_BYTES_MAX, "{bytes_in_all} bytes of corpora");
}

#[test]
fn every_corpus_has_a_check_and_every_check_a_fuzz_target() {
    let checks: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let corpora: BTreeSet<String> = files(&folder()).iter().map(name).collect();
    assert_eq!(corpora, checks);
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("targets");
    let sources =
        files(&targets).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let targets: BTreeSet<String> = sources.map(|path| name(&path)).collect();
    assert_eq!(targets, checks);
}
