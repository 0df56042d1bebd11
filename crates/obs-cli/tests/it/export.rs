//! `obs export`: a run's records as files for other tools.
use crate::program::Program;
use crate::support::{arg, text};
use obs_receiver::{Received, Receiver, Store, attribute};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What the official types read in the files of a directory, in their order.
fn read(directory: &Path) -> Store {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let mut store = Store::default();
    for path in names {
        let json = fs::read_to_string(&path).unwrap();
        assert_eq!(json.matches('\n').count(), 1, "one line: {}", path.display());
        assert!(json.len() <= 900_000 && json.ends_with("}\n"));
        store.take_json(&json).unwrap();
    }
    store
}

/// What there is of each record, in any order.
fn all<T: std::fmt::Debug>(records: &[Received<T>]) -> BTreeSet<String> {
    records.iter().map(|it| format!("{:?} {} {:?}", it.resource, it.scope, it.item)).collect()
}

obstest!(what_is_exported_is_what_a_receiver_gets, |dir, obs| {
    let run = dir.killed("acm");
    obs(&["recover", arg(&run)]).good();
    let receiver = Receiver::start().unwrap();
    obs(&["send", "acm", "--endpoint", &receiver.endpoint("http")]).good();
    let to = dir.path("files");
    let export = ["export", "acm", "--format", "otlp-json", "--level", "info", "-o", arg(&to)];
    let said = obs(&export).good();
    let store = read(&to.join("otlp"));
    let sent = receiver.store();
    assert_eq!(all(&store.spans), all(&sent.spans));
    assert_eq!(all(&store.logs), all(&sent.logs));
    assert!(!store.spans.is_empty() && !store.logs.is_empty());
    assert!(said.contains("traces-0001.json  ") && said.contains("logs-0001.json  "), "{said}");
    let source = &store.spans[0].resource.attributes;
    assert_eq!(attribute(source, "obs.run.id").unwrap(), Program::id(&run));

    let told = obs(&export).failed(1);
    assert!(told.contains("is not empty: nothing is written"), "{told}");
});

obstest!(a_part_of_the_time_is_exported_and_a_run_without_records_says_so, |dir, obs| {
    dir.finished("acm");
    let to = dir.path("none");
    let export = ["export", "--format", "otlp-json", "--until", "2001-01-01", "-o", arg(&to)];
    let ran = obs(&export);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("the run has no such records"), "{}", ran.err);
    let to = dir.path("all");
    let ran = obs(&["export", "--format", "otlp-json", "--json", "-o", arg(&to)]);
    let told = ran.json().remove(0);
    let files = told["files"].as_array().unwrap();
    assert!(files.iter().all(|file| Path::new(&text(file, "path")).exists()));
    let count = |name: &str| {
        let named = files.iter().filter(|file| text(file, "path").contains(name));
        named.map(|file| file["records"].as_u64().unwrap()).sum::<u64>()
    };
    let store = read(&to.join("otlp"));
    assert_eq!(count("traces"), store.spans.len() as u64);
    assert_eq!(count("logs"), store.logs.len() as u64);
});

obstest!(a_bundle_has_the_same_files, |dir, obs| {
    dir.finished("acm");
    let zip = dir.path("support.zip");
    obs(&["bundle", "-o", arg(&zip)]).good();
    let to = dir.path("files");
    obs(&["export", "--format", "otlp-json", "-o", arg(&to)]).good();
    for name in ["otlp/traces-0001.json", "otlp/logs-0001.json"] {
        let inside = obs(&["bundle", "view", arg(&zip), name]).good();
        assert_eq!(inside, fs::read_to_string(to.join(name)).unwrap());
    }
    let without = dir.path("without.zip");
    obs(&["bundle", "-o", arg(&without), "--exclude", "otlp/*"]).good();
    assert!(!obs(&["bundle", "view", arg(&without)]).good().contains("otlp/"));
});
