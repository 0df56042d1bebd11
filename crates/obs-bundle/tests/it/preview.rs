//! What a bundle would hold, against what it holds.
use crate::fixture::{Run, contents, options};
use obs_bundle::{BundleErrorKind, Limits, Options, Reader, preview, write};
use std::fs;

#[test]
fn a_preview_is_the_bundle_to_the_byte_and_nothing_is_written() {
    let run = Run::ended();
    run.put(
        "log.jsonl",
        &(0..3_000).map(|n: u64| format!("{{\"n\":{}}}\n", n * n)).collect::<String>(),
    );
    let plain = options();
    let mut small = options();
    small.bytes_max = Some(9_000);
    let mut part = options();
    part.window.from = "2026-11-22T09:00:00Z".parse().ok();
    part.exclude = vec!["artifacts/*".parse().unwrap()];
    let mut bare = options();
    bare.include_journal = false;
    let all: [Options; 4] = [plain, small, part, bare];
    for options in all {
        let before = run.names();
        let previewed = preview(&run.path, &options).unwrap();
        assert_eq!(run.names(), before);
        let bundle = write(&run.path, &options).unwrap();
        assert_eq!(previewed.manifest, bundle.manifest);
        assert_eq!(previewed.size, bundle.size);
        fs::remove_file(bundle.path).unwrap();
    }
}

#[test]
fn files_are_read_in_place_when_they_are_what_was_put_in() {
    let run = Run::ended();
    let bundle = run.bundle();
    let held = contents(&bundle.path);
    let mut reader = Reader::open(&bundle.path, &Limits::default()).unwrap();
    assert_eq!(*reader.manifest(), bundle.manifest);
    let paths: Vec<String> = reader.paths().map(str::to_owned).collect();
    assert_eq!(paths.len(), held.len());
    for path in &paths {
        assert_eq!(reader.bytes(path, 1 << 20).unwrap(), held[path], "{path}");
    }
    let error = reader.bytes("run/log.jsonl", 10).unwrap_err();
    assert_eq!(error.kind(), BundleErrorKind::Input);
    let error = reader.bytes("run/none", 10).unwrap_err();
    assert!(error.to_string().ends_with("there is no \"run/none\" in it"), "{error}");
}

#[test]
fn of_a_file_that_was_changed_not_a_byte_is_given_out() {
    let run = Run::ended();
    let bundle = run.bundle();
    let whole = fs::read(&bundle.path).unwrap();
    let (mut given, mut refused) = (0, 0);
    for at in (0..whole.len()).step_by(11) {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        fs::write(&bundle.path, &bytes).unwrap();
        let Ok(mut reader) = Reader::open(&bundle.path, &Limits::default()) else {
            refused += 1;
            continue;
        };
        let paths: Vec<String> = reader.paths().map(str::to_owned).collect();
        for path in paths.iter().filter(|path| *path != "SHA256SUMS") {
            let mut out = Vec::new();
            let result = reader.read(path, &mut |piece| {
                out.extend_from_slice(piece);
                Ok(())
            });
            match result {
                Ok(()) => given += 1,
                Err(error) => {
                    assert_eq!((error.kind(), out.len()), (BundleErrorKind::Check, 0), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(given > 0 && refused > 100, "{given} {refused}");
}
