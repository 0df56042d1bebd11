//! Artefacts: found in the journal, copied within bounds.
use crate::fixture::{Run, assert_whole, contents, options, outcome};
use obs_bundle::{Artifact, write};
use obs_core::RunId;
use std::fs;
use std::os::unix::fs::symlink;

fn run_with(files: &[(&str, usize)]) -> (Run, Vec<String>) {
    let run = Run::empty();
    run.save(None);
    let made = files.iter().map(|(name, bytes)| {
        let path = run.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, vec![b'x'; *bytes]).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let paths = made.collect();
    (run, paths)
}

fn inside(bundle: &obs_bundle::Bundle) -> Vec<(String, usize)> {
    let all = contents(&bundle.path).into_iter().map(|(name, bytes)| (name, bytes.len()));
    all.filter(|(name, _)| name.starts_with("artifacts/")).collect()
}

#[test]
fn each_declared_file_goes_in_once_by_role_and_name() {
    let (run, paths) = run_with(&[("a/out.csv", 1), ("b/out.csv", 2), ("c/Out.csv", 3)]);
    let declared = [
        (paths[0].as_str(), "output"),
        (&paths[1], "output"),
        (&paths[0], "output"),
        (&paths[2], "output"),
        (&paths[0], "in/put"),
    ];
    run.declare(&declared);
    let bundle = run.bundle();
    let expected = [
        ("artifacts/in_put/out.csv".to_owned(), 1),
        ("artifacts/output/Out-3.csv".to_owned(), 3),
        ("artifacts/output/out-2.csv".to_owned(), 2),
        ("artifacts/output/out.csv".to_owned(), 1),
    ];
    assert_eq!(inside(&bundle), expected);
    let file = &bundle.manifest.files.iter().find(|file| file.path.ends_with("out-2.csv")).unwrap();
    assert_eq!(file.source.as_ref(), Some(&paths[1]));
    assert_eq!((file.role.as_str(), file.media_type.as_str()), ("output", "text/csv"));
    assert_whole(&bundle.path);
}

#[test]
fn what_is_missing_too_large_or_no_plain_file_is_told_and_left_out() {
    let (run, paths) = run_with(&[("small", 10), ("large", 101), ("other", 95), ("third", 50)]);
    let link = run.folder.path().join("link");
    symlink(&paths[0], &link).unwrap();
    let folder = run.folder.path().to_str().unwrap().to_owned();
    let missing = run.folder.path().join("gone");
    run.declare(&[
        (&paths[0], "a"),
        (&paths[1], "a"),
        (&paths[2], "a"),
        (&paths[3], "a"),
        (link.to_str().unwrap(), "a"),
        (&folder, "a"),
        (missing.to_str().unwrap(), "a"),
    ]);
    let mut options = options();
    (options.artifact_bytes_max, options.artifacts_bytes_max) = (100, 140);
    let bundle = write(&run.path, &options).unwrap();
    let expected = [("artifacts/a/other".to_owned(), 95), ("artifacts/a/small".to_owned(), 10)];
    assert_eq!(inside(&bundle), expected);
    let (status, errors) = outcome(&bundle, "artifacts");
    assert_eq!(status, "partial");
    let ends = [
        "its 101 bytes are more than the 100 that one artefact may have",
        "its 50 bytes are more than the 35 that are left for artefacts",
        "(os error 40)",
        "not a regular file",
        "No such file or directory (os error 2)",
    ];
    assert_eq!(errors.len(), ends.len(), "{errors:?}");
    for (error, end) in errors.iter().zip(ends) {
        assert!(error.starts_with("cannot read a \"") && error.ends_with(end), "{error}");
    }
    assert_whole(&bundle.path);
}

#[test]
fn options_add_artefacts_and_relative_ones_are_in_the_run_directory() {
    let (run, _) = run_with(&[]);
    run.put("report.html", "<p>");
    let mut options = options();
    options.artifacts = vec![Artifact::new("report.html", "report")];
    let bundle = write(&run.path, &options).unwrap();
    assert_eq!(inside(&bundle), [("artifacts/report/report.html".to_owned(), 3)]);
    assert_eq!(outcome(&bundle, "artifacts"), ("ok".to_owned(), vec![]));
}

#[test]
fn a_damaged_journal_costs_no_more_than_its_artefacts() {
    let (run, paths) = run_with(&[("one", 1), ("two", 2), ("three", 3)]);
    run.declare(&[(&paths[0], "a"), (&paths[1], "a"), (&paths[2], "a")]);
    let segment = run.path.join("journal/000001.seg");
    let whole = fs::read(&segment).unwrap();
    let mut damaged = whole.clone();
    let at = whole.windows(4).position(|bytes| bytes == b"/two").unwrap();
    damaged[at] ^= 1;
    fs::write(&segment, &damaged).unwrap();
    let bundle = run.bundle();
    let expected = [("artifacts/a/one".to_owned(), 1), ("artifacts/a/three".to_owned(), 3)];
    assert_eq!(inside(&bundle), expected);
    assert_eq!(contents(&bundle.path)["journal/000001.seg"].len(), damaged.len());
    fs::write(&segment, "nothing of the kind").unwrap();
    assert_eq!(inside(&run.bundle()), []);
}

#[test]
fn the_journal_of_another_run_declares_nothing_here() {
    let (mut run, paths) = run_with(&[("one", 1)]);
    let own = run.id;
    run.id = RunId::new(1, 2);
    run.declare(&[(&paths[0], "a")]);
    run.id = own;
    assert_eq!(inside(&run.bundle()), []);
}
