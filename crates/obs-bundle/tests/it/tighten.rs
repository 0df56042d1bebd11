//! Bundles made of bundles.
use crate::faults::{Faults, Faulty};
use crate::fixture::{Run, assert_whole, contents, entries, names, options, outcome, verified};
use crate::rawzip::{emit, parse};
use crate::segment::Segment;
use obs_bundle::{
    BundleError, BundleErrorKind, Limits, Options, Reader, Tightened, Why, tighten, write,
};
use obs_core::wire::Kind;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const BADGES: &str = "{\"badge\":\"8811\",\"event\":\"badge=8812 seen\",\"token\":\"x1\"}\n";

/// The bundle of a run in which the program's rules say nothing of badges; in a folder of its own.
fn bundled(run: &Run) -> PathBuf {
    run.put("log.jsonl", BADGES);
    let mut segment = Segment::new(run.id, 1, 0);
    segment.texts(Kind::Exit, &[("badge", "8813"), ("token", "x2")]);
    run.put_bytes("journal/000001.seg", &segment.bytes);
    let mut options = options();
    options.output = Some(run.folder.path().join("one.zip"));
    write(&run.path, &options).unwrap().path
}

fn again(path: &Path, options: &Options) -> Result<Tightened, BundleError> {
    tighten(&mut Reader::open(path, &Limits::default()).unwrap(), None, options)
}

fn by_badge() -> Options {
    let mut options = options();
    options.rules = "badge".parse().unwrap();
    options
}

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// All of an archive but what describes it.
fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = entries(path);
    all.retain(|(name, _)| !matches!(name.as_str(), "support.json" | "SHA256SUMS"));
    all
}

#[test]
fn later_rules_take_out_what_earlier_ones_left_and_leave_their_marks() {
    let run = Run::ended();
    let one = bundled(&run);
    let before = verified(&one).manifest.unwrap();
    let made = again(&one, &by_badge()).unwrap();
    assert_eq!(made.bundle.path, run.folder.path().join("one-redacted.zip"));
    assert_whole(&made.bundle.path);
    let all = contents(&made.bundle.path);
    for secret in ["8811", "8812", "8813"] {
        assert!(contents(&one).values().any(|bytes| has(bytes, secret)), "{secret}");
        assert!(!all.values().any(|bytes| has(bytes, secret)), "{secret}");
    }
    let log = String::from_utf8(all["run/log.jsonl"].clone()).unwrap();
    let added = "[REDACTED:name:added]";
    assert!(log.starts_with(&format!(r#"{{"badge":"{added}","event":"badge={added} seen","#)));
    assert!(log.contains("\"token\":\"[REDACTED:name:token"), "{log}");
    assert_eq!((made.taken_out, made.left_out, made.was_signed), (3, 0, false));
    let now = made.bundle.manifest;
    assert_eq!(now.bundle.from.len(), 1);
    assert_eq!(now.bundle.from[0].id, before.bundle.id);
    assert_eq!(now.bundle.created_at, before.bundle.created_at);
    assert_eq!((&now.run, now.bundle.state), (&before.run, before.bundle.state));
    assert_eq!(now.redaction.counts["name:added"], 2);
    assert_eq!(now.redaction.counts["name:token"], before.redaction.counts["name:token"]);
    let file = |path: &str| now.files.iter().find(|file| file.path == path).unwrap().clone();
    assert_eq!(file("run/log.jsonl").redactions, 3);
    assert_eq!(file("journal/000001.seg").rewritten, 2, "once by each pass");
}

#[test]
fn twice_gives_the_same_bytes_and_what_is_tight_stays_as_it_is() {
    let run = Run::ended();
    let one = bundled(&run);
    let made = [0, 1].map(|_| again(&one, &by_badge()).unwrap().bundle.path);
    assert_ne!(made[0], made[1], "none is replaced");
    assert_eq!(fs::read(&made[0]).unwrap(), fs::read(&made[1]).unwrap());
    let third = again(&made[0], &by_badge()).unwrap();
    assert_eq!(third.bundle.path, run.folder.path().join("one-redacted-redacted.zip"));
    assert_eq!(files(&third.bundle.path), files(&made[0]));
    assert_eq!(third.taken_out, 0);
    let manifest = third.bundle.manifest;
    assert_eq!(manifest.bundle.id, verified(&made[0]).manifest.unwrap().bundle.id);
    assert_eq!(manifest.bundle.from.len(), 2);
    assert_whole(&third.bundle.path);
}

#[test]
fn files_can_be_left_out_step_by_step() {
    let run = Run::ended();
    let mut asked = options();
    asked.exclude = vec!["run/metrics*".parse().unwrap()];
    asked.output = Some(run.folder.path().join("one.zip"));
    let one = write(&run.path, &asked).unwrap().path;
    asked.output = None;
    asked.exclude = vec!["journal/*".parse().unwrap(), "artifacts/*".parse().unwrap()];
    let two = again(&one, &asked).unwrap();
    assert_eq!(two.left_out, 2);
    (asked.include, asked.exclude) = (vec!["run/*".parse().unwrap()], vec![]);
    let three = again(&two.bundle.path, &asked).unwrap();
    assert_whole(&three.bundle.path);
    let manifest = &three.bundle.manifest;
    assert!(manifest.files.iter().all(|file| file.path.starts_with("run/")));
    let left_out = manifest.collectors.iter().flat_map(|part| &part.left_out);
    let left_out: Vec<_> = left_out.map(|it| (it.path.as_str(), it.why)).collect();
    let gone =
        ["run/metrics.om", "artifacts/model/model.onnx", "journal/000001.seg", "cursors/jsonl"];
    assert_eq!(left_out, gone.map(|path| (path, Why::Excluded)));
    assert_eq!(outcome(&three.bundle, "journal"), ("skipped".to_owned(), vec![]));
    asked.include = vec!["nothing".parse().unwrap()];
    let none = again(&three.bundle.path, &asked).unwrap();
    assert_whole(&none.bundle.path);
    assert!(none.bundle.manifest.files.is_empty() && none.bundle.manifest.run.is_some());
    asked.exclude = vec!["x".repeat(990).parse().unwrap()];
    let error = again(&two.bundle.path, &asked).unwrap_err();
    assert_eq!(error.kind(), BundleErrorKind::Pattern);
}

#[test]
fn what_is_no_text_stays_only_where_it_is_asked_for() {
    let run = Run::ended();
    let one = bundled(&run);
    assert!(contents(&one).contains_key("run/profile/cpu.folded"));
    run.declare(&[("model.bin", "model")]);
    run.put("model.bin", "\0");
    let one = write(&run.path, &options()).unwrap().path;
    let made = again(&one, &Options::default()).unwrap();
    assert!(!contents(&made.bundle.path).contains_key("artifacts/model/model.bin"));
    assert!(contents(&made.bundle.path).contains_key("cursors/jsonl"));
    let made = again(&one, &options()).unwrap();
    assert!(contents(&made.bundle.path).contains_key("artifacts/model/model.bin"));
}

#[test]
fn a_bundle_in_part_stays_one_and_keeps_what_it_says_of_its_parts() {
    let run = Run::ended();
    let line = |n: u64| format!("{{\"event\":\"{:x}\"}}\n", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    run.put("log.jsonl", &(0..9_000).map(line).collect::<String>());
    run.declare(&[("gone.txt", "input")]);
    let mut asked = options();
    asked.bytes_max = Some(20_000);
    asked.window.until = Some(crate::fixture::now());
    let one = write(&run.path, &asked).unwrap();
    let two = again(&one.path, &options()).unwrap().bundle;
    assert_whole(&two.path);
    let (old, new) = (&one.manifest, &two.manifest);
    assert_eq!(new.collectors, old.collectors);
    assert_eq!(new.files, old.files);
    assert_eq!(new.bundle.state, old.bundle.state);
    let of = |it: &obs_bundle::Manifest| (it.bundle.window.clone(), it.bundle.bytes_max);
    assert_eq!(of(new), of(old));
    assert!(new.files.iter().any(|file| file.truncated.is_some() && file.selected.is_some()));
}

#[test]
fn marks_have_the_digits_of_the_run_where_its_key_is_at_hand() {
    let run = Run::ended();
    fs::write(run.path.join("run.key"), [7; 32]).unwrap();
    let one = bundled(&run);
    let mut reader = Reader::open(&one, &Limits::default()).unwrap();
    let made = tighten(&mut reader, Some(&run.path), &by_badge()).unwrap();
    let log = contents(&made.bundle.path)["run/log.jsonl"].clone();
    assert!(String::from_utf8_lossy(&log).starts_with("{\"badge\":\"[REDACTED:name:added#"));
    let check = |path: &Path, why: &str| {
        let mut reader = Reader::open(&one, &Limits::default()).unwrap();
        let error = tighten(&mut reader, Some(path), &by_badge()).unwrap_err();
        assert_eq!(error.kind(), BundleErrorKind::Run, "{error}");
        assert!(error.to_string().ends_with(why), "{error}");
    };
    let mut other = Run::ended();
    other.id = obs_core::RunId::new(1, 2);
    other.save(None);
    check(&other.path, "the bundle is of another run");
    fs::remove_file(run.path.join("run.key")).unwrap();
    check(&run.path, "run.key cannot be read");
}

#[test]
fn nothing_is_made_of_a_bundle_that_is_not_whole_and_nothing_is_replaced() {
    let run = Run::ended();
    let one = bundled(&run);
    let mut parts = parse(&fs::read(&one).unwrap()).0;
    let at = parts.iter().position(|raw| raw.name() == "run/log.jsonl").unwrap();
    parts[at].set_content(b"{}\n");
    let broken = run.folder.path().join("broken.zip");
    fs::write(&broken, emit(&parts)).unwrap();
    let before = names(run.folder.path());
    let error = again(&broken, &by_badge()).unwrap_err();
    assert_eq!(error.kind(), BundleErrorKind::Check);
    let mut asked = by_badge();
    asked.output = Some(one.clone());
    let bytes = fs::read(&one).unwrap();
    let error = again(&one, &asked).unwrap_err();
    assert_eq!(error.kind(), BundleErrorKind::Output, "{error}");
    asked.output = None;
    asked.cancel.ask();
    let error = again(&one, &asked).unwrap_err();
    assert_eq!(error.kind(), BundleErrorKind::Canceled, "{error}");
    assert_eq!((names(run.folder.path()), fs::read(&one).unwrap()), (before, bytes));
}

#[test]
fn whatever_fails_leaves_no_file_or_a_whole_one() {
    let run = Run::ended();
    let one = bundled(&run);
    let mut asked = by_badge();
    asked.output = Some(run.folder.path().join("two.zip"));
    let two = asked.output.clone().unwrap();
    let faulty = Faulty::new(Faults::None);
    asked.io = faulty.clone();
    again(&one, &asked).unwrap();
    let operations = faulty.count.load(Ordering::Relaxed);
    assert!(operations > 20, "{operations}");
    let whole = fs::read(&two).unwrap();
    for at in 0..operations {
        for faults in [Faults::Once(at), Faults::WritesFrom(at)] {
            fs::remove_file(&two).unwrap_or_default();
            asked.io = Faulty::new(faults);
            let made = again(&one, &asked);
            assert_eq!(two.exists(), made.is_ok(), "{faults:?}: {made:?}");
            assert!(!two.exists() || fs::read(&two).unwrap() == whole);
            let left = names(run.folder.path()).into_iter().filter(|it| it.contains(".part"));
            let left: Vec<String> = left.collect();
            assert!(left.is_empty(), "{faults:?}: {left:?}");
        }
    }
}

#[derive(Debug)]
struct Signs;

impl obs_bundle::Sign for Signs {
    fn sign(&self, _: &[u8], comment: &str) -> Result<Vec<u8>, String> {
        Ok(comment.as_bytes().to_vec())
    }
}

#[test]
fn an_old_signature_goes_and_a_new_one_comes_if_it_is_asked_for() {
    let run = Run::ended();
    let mut signing = options();
    signing.sign = Some(Arc::new(Signs));
    let one = write(&run.path, &signing).unwrap().path;
    let plain = again(&one, &options()).unwrap();
    assert!(plain.was_signed && verified(&plain.bundle.path).signed.is_none());
    let signed = again(&one, &signing).unwrap();
    assert!(verified(&signed.bundle.path).signed.is_some());
}
