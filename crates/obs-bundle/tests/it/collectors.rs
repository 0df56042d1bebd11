//! Collectors of others: what they may do, and what their failures cost.
use crate::fixture::{Run, assert_whole, contents, options, outcome};
use obs_bundle::{Bundle, BundleError, BundleErrorKind, Collector, Files, NewFile, State, write};
use std::fmt;
use std::io::Read;
use std::sync::Arc;

type Collect = fn(&mut dyn Files) -> Result<(), BundleError>;

struct Added(&'static str, Collect);

impl fmt::Debug for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Collector for Added {
    fn name(&self) -> &str {
        self.0
    }

    fn collect(&self, files: &mut dyn Files) -> Result<(), BundleError> {
        (self.1)(files)
    }
}

fn bundle(collectors: &[(&'static str, Collect)]) -> (Run, Bundle) {
    let run = Run::ended();
    let mut options = options();
    let added = |(name, collect): &(&'static str, Collect)| -> Arc<dyn Collector> {
        Arc::new(Added(name, *collect))
    };
    options.collectors = collectors.iter().map(added).collect();
    let bundle = write(&run.path, &options).unwrap();
    assert_whole(&bundle.path);
    (run, bundle)
}

fn add(files: &mut dyn Files, path: &str, text: &str) -> Result<(), BundleError> {
    files.add(NewFile::new(path, "extra"), &mut text.as_bytes())
}

struct Panics;

impl Read for Panics {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        panic!("no reader at home")
    }
}

#[test]
fn one_that_fails_or_panics_spoils_none_of_the_others() {
    let (_run, bundle) = bundle(&[
        ("fails", |_| Err(BundleError::new(BundleErrorKind::Source, "no such device"))),
        ("panics", |files| {
            add(files, "extra/before.txt", "kept")?;
            panic!("out of luck")
        }),
        ("panics-within", |files| {
            files.add(NewFile::new("extra/within.txt", "extra"), &mut "ab".as_bytes().chain(Panics))
        }),
        ("works", |files| add(files, "extra/works.jsonl", "{}\n{}\n")),
        ("has-nothing", |_| Ok(())),
    ]);
    let of = |name| outcome(&bundle, name);
    let said = |status: &str, error: &str| (status.to_owned(), vec![error.to_owned()]);
    assert_eq!(of("fails"), said("failed", "no such device"));
    assert_eq!(of("panics"), said("partial", "panicked: out of luck"));
    assert_eq!(of("panics-within"), said("partial", "panicked: no reader at home"));
    assert_eq!(of("works"), ("ok".to_owned(), vec![]));
    assert_eq!(of("has-nothing"), ("skipped".to_owned(), vec![]));
    let all = contents(&bundle.path);
    assert_eq!(all["extra/before.txt"], b"kept");
    assert_eq!(all["extra/within.txt"], b"ab");
    assert_eq!(bundle.manifest.bundle.state, State::Partial);
    assert_eq!(bundle.collected.len(), bundle.manifest.collectors.len());
    let records = bundle.manifest.files.iter().find(|file| file.path.ends_with("works.jsonl"));
    assert_eq!(records.unwrap().records, Some(2));
}

#[test]
fn a_path_that_is_taken_or_unsafe_is_refused() {
    let (_run, bundle) = bundle(&[("extra", |files| {
        for path in [
            "/etc/x",
            "../x",
            "a/../x",
            "a\\b",
            "a b",
            "support.json",
            "Support.JSON",
            "SHA256SUMS",
            "run/log.jsonl",
            "run/LOG.jsonl",
            "run/log.jsonl/x",
            "run",
            "nul",
            "",
        ] {
            let error = add(files, path, "x").unwrap_err();
            assert_eq!(error.kind(), BundleErrorKind::Refused, "{path}");
        }
        add(files, "extra/ok", "x")
    })]);
    assert_eq!(outcome(&bundle, "extra"), ("ok".to_owned(), vec![]));
}

#[test]
fn a_file_is_cut_at_its_bound_and_says_so() {
    let (_run, bundle) = bundle(&[("extra", |files| {
        for (path, bound) in [("extra/cut", 99_999), ("extra/just", 100_000), ("extra/none", 0)] {
            let mut file = NewFile::new(path, "extra");
            file.bytes_max = bound;
            files.add(file, &mut std::io::repeat(b'x').take(100_000))?;
        }
        Ok(())
    })]);
    let sizes: Vec<_> = bundle.manifest.files.iter().rev().take(3).collect();
    let sizes: Vec<_> = sizes.iter().map(|f| (f.size, f.truncated.is_some())).collect();
    assert_eq!(sizes, [(0, true), (100_000, false), (99_999, true)]);
    let errors = ["\"extra/cut\" is cut after 99999 bytes", "\"extra/none\" is cut after 0 bytes"];
    let errors = errors.map(str::to_owned).to_vec();
    assert_eq!(outcome(&bundle, "extra"), ("partial".to_owned(), errors));
}

#[test]
fn more_files_than_a_bundle_holds_are_refused_and_counted() {
    let (_run, bundle) = bundle(&[("extra", |files| {
        for number in 0..10_100 {
            if let Err(error) = add(files, &format!("extra/{number}.gz"), "") {
                files.missing(error.to_string());
            }
        }
        Ok(())
    })]);
    let (status, errors) = outcome(&bundle, "extra");
    assert_eq!((status.as_str(), errors.len()), ("partial", 101));
    assert!(errors[0].ends_with(": the bundle is full"), "{}", errors[0]);
    assert_eq!(bundle.manifest.files.len(), 9_998);
    assert_eq!(errors[100], format!("{} more", 10_100 - (9_998 - 12) - 100));
}

#[test]
fn marks_of_redaction_are_counted_by_rule() {
    let (_run, bundle) = bundle(&[("extra", |files| {
        add(files, "extra/a.txt", "[REDACTED] [REDACTED:name:token] [REDACTED:nothing")?;
        add(files, "extra/a.bin", "[REDACTED]")
    })]);
    let counts: Vec<_> = bundle.manifest.redaction.counts.iter().collect();
    let expected =
        [("name:password", 1), ("name:token", 2), ("typed", 1)].map(|(r, n)| (r.to_owned(), n));
    assert_eq!(counts, expected.iter().map(|(rule, count)| (rule, count)).collect::<Vec<_>>());
    let by_file: Vec<_> = bundle.manifest.files.iter().filter(|f| f.redactions > 0).collect();
    let by_file: Vec<_> = by_file.iter().map(|f| (f.path.as_str(), f.redactions)).collect();
    assert_eq!(by_file, [("run/env.json", 1), ("run/spans.jsonl", 1), ("extra/a.txt", 2)]);
}
