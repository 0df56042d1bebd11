//! Programs that fail again and again: each way is counted, and bundled seldom.
use crate::program::{Ended, Program, order, rings, runs, summary, tell, wait_for_test};
use obs::bundle::Cancel;
use obs_recorder::layout::RunDirectory;
use obs_recorder::{FileLock, RunLock};
use obs_test::lines;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tracing::{error, info, info_span};

const LONG: Duration = Duration::from_secs(20);
const SECRET: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

fn fail(number: &str) -> ! {
    panic!("row {number} of \"batch-{number}.csv\" has no key");
}

fn fail_otherwise(number: &str) -> ! {
    panic!("row {number} has two keys");
}

/// Aborts when it is dropped, as a panic while panicking does.
struct Abort;

impl Drop for Abort {
    fn drop(&mut self) {
        std::process::abort();
    }
}

/// A program of the service, which ends as its orders say.
fn service(name: &str) {
    if order("WAY") == "settle" {
        return settle(Path::new(&order("OBS_RUN_ROOT")));
    }
    let run = obs::init(name).unwrap();
    let (way, number) = (order("WAY"), order("NUMBER"));
    let _work = info_span!("work", number).entered();
    info!(number, "at work");
    match way.as_str() {
        "panic" => fail(&number),
        "other panic" => fail_otherwise(&number),
        "new panic" => panic!("{number}: {}", "no ".repeat(number.parse().unwrap())),
        "secret panic" => panic!("cannot use {SECRET}\n\u{1b}[2J{}", "x ".repeat(1 << 19)),
        "abort" => {
            let _abort = Abort;
            fail(&number)
        }
        "forgotten" => {
            std::mem::forget(run);
            fail(&number)
        }
        "exit" => {
            error!("cannot go on with {number}");
            std::process::exit(3)
        }
        "leave" => {
            error!("what is said before an exit that is no failure");
            std::process::exit(0)
        }
        "die" => {
            tell("ready");
            wait_for_test();
        }
        "caught" | "caught, then die" => {
            assert!(std::panic::catch_unwind(|| fail(&number)).is_err());
            if way == "caught, then die" {
                tell("ready");
                wait_for_test();
            }
        }
        _ => {}
    }
    drop(_work);
    run.finish(LONG);
}

/// Looks after the only failure in a root, in a process that starts no other: a lock that is held while one is started
/// is let go later.
fn settle(root: &Path) {
    let run = runs(root)[0].clone();
    let mut settings = obs::Settings::default();
    settings.bundle_on = obs::settings::BundleOn::Failure;
    let after = |cancel: &Cancel| {
        let after = obs::aftermath(&run, &settings, cancel);
        assert_eq!(after.notes, Vec::<String>::new());
        after.bundle
    };
    let given_up = Cancel::default();
    (0..2).for_each(|_| given_up.ask());
    assert_eq!(after(&given_up), None);
    let there: Vec<_> = std::fs::read_dir(root.join("bundles")).unwrap().collect();
    assert_eq!(there.len(), 1, "the lock alone: {there:?}");

    let lock = FileLock::take(&root.join("bundles/lock")).unwrap().unwrap();
    assert_eq!(after(&Cancel::default()), None);
    drop(lock);
    let lock = RunLock::take(&RunDirectory::new(&run)).unwrap().unwrap();
    assert_eq!(after(&Cancel::default()), None);
    drop(lock);
    let bundle = after(&Cancel::default()).unwrap();
    let report = obs::bundle::verify(&bundle, &obs::bundle::Limits::default()).unwrap();
    assert!(report.is_whole(), "{report}");
    assert_eq!(after(&Cancel::default()), None, "it has one");
    std::fs::remove_file(bundle).unwrap();
    assert_eq!(after(&Cancel::default()), None, "whoever removed it has seen it");
}

/// Runs of one service in one root.
struct Service<P> {
    program: P,
    root: TempDir,
    rings: Option<TempDir>,
    vars: Vec<(&'static str, &'static str)>,
}

impl<P: Fn() -> Program> Service<P> {
    /// The program must be made by a closure in the test itself: in its own process this does not return.
    fn new(program: P, vars: &[(&'static str, &'static str)]) -> Self {
        drop(program());
        Self { program, root: TempDir::new().unwrap(), rings: rings(), vars: vars.to_vec() }
    }

    fn path(&self) -> &Path {
        self.root.path()
    }

    fn prepare(&self, way: &str, number: u32) -> Program {
        let program = (self.program)().root(self.path());
        let program = program.env("WAY", way).env("NUMBER", number.to_string());
        let program = program.env("OBS_CONSOLE", "false").env("RUST_BACKTRACE", "0");
        let rings = self.rings.iter();
        let program = rings.fold(program, |program, it| program.env("XDG_RUNTIME_DIR", it.path()));
        self.vars.iter().fold(program, |program, (name, value)| program.env(name, value))
    }

    fn run(&self, way: &str, number: u32) -> Ended {
        self.prepare(way, number).run()
    }

    /// A run that is killed.
    fn kill(&self, number: u32) {
        self.kill_after("die", number);
    }

    fn kill_after(&self, way: &str, number: u32) {
        let mut dies = self.prepare(way, number).stdin(Stdio::piped()).start();
        dies.told("ready");
        dies.kill();
    }

    /// A run that is hit by a fatal signal.
    fn hit(&self, number: u32) {
        let mut dies = self.prepare("die", number).stdin(Stdio::piped()).start();
        dies.told("ready");
        // It goes on with nothing while the signal is on its way.
        let _input = dies.input();
        let id = rustix::process::Pid::from_raw(i32::try_from(dies.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::SEGV).unwrap();
        assert_eq!(dies.end().status.signal(), Some(libc::SIGSEGV));
    }

    /// A run that goes well, and looks after those before it.
    fn go_well(&self) {
        self.run("well", 0).well();
    }

    fn failures(&self) -> Vec<Value> {
        let bytes = std::fs::read(self.path().join("failures.json")).unwrap();
        let failures: Value = serde_json::from_slice(&bytes).unwrap();
        failures["groups"].as_array().unwrap().clone()
    }

    /// The counts of all groups, the largest first.
    fn counts(&self) -> Vec<u64> {
        let groups = self.failures();
        let mut counts: Vec<u64> =
            groups.iter().map(|group| group["count"].as_u64().unwrap()).collect();
        counts.sort_by_key(|count| std::cmp::Reverse(*count));
        counts
    }

    /// The bundles that were made, oldest first. Each is whole.
    fn bundles(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.path().join("bundles")) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut bundles: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|it| it == "zip")).collect();
        bundles.sort();
        for bundle in &bundles {
            let report = obs::bundle::verify(bundle, &obs::bundle::Limits::default()).unwrap();
            assert!(report.is_whole(), "{report}");
        }
        bundles
    }

    fn ends(&self) -> Vec<Value> {
        runs(self.path()).iter().map(|run| summary(run)["end"].clone()).collect()
    }

    /// What the newest run's log says of the toolkit's own troubles.
    fn warnings(&self) -> Vec<String> {
        let run = runs(self.path()).pop().unwrap();
        let log = lines::read(&run.join("log.jsonl"));
        let own = log.iter().filter(|line| line["logger"] == "obs" && line["level"] == "warn");
        own.map(|line| line["event"].as_str().unwrap().to_owned()).collect()
    }
}

/// Text of everything that a file holds; of a bundle what is in it.
fn text_of(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let mut all = String::from_utf8_lossy(&bytes).into_owned();
    if path.extension().is_some_and(|it| it == "zip") {
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        for number in 0..zip.len() {
            let mut bytes = Vec::new();
            zip.by_index(number).unwrap().read_to_end(&mut bytes).unwrap();
            all.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    all
}

#[test]
fn a_panic_in_a_loop_is_one_group_with_one_bundle_however_few_runs_are_kept() {
    let vars = [("OBS_BUNDLE_ON", "failure"), ("OBS_RUNS_COUNT_MAX", "5")];
    let service = Service::new(|| Program::of(|| service("crash-loop")), &vars);
    for number in 1..=30 {
        let ended = service.run("panic", number);
        assert_eq!(ended.status.code(), Some(101), "{}", ended.shown());
    }
    let groups = service.failures();
    assert_eq!(service.counts(), [30]);
    assert_eq!(groups[0]["detail"], "panicked: row 30 of \"batch-30.csv\" has no key");
    let left = runs(service.path());
    assert!(left.len() <= 6, "{left:?}");
    let newest = summary(left.last().unwrap());
    assert_eq!(newest["end"]["kind"], "panicked");
    assert_eq!(newest["recurrence"]["number"], 30);
    assert_eq!(newest["recurrence"]["first_run_id"], groups[0]["first_run_id"]);
    let bundles = service.bundles();
    assert_eq!(bundles.len(), 1, "{bundles:?}");
    let first = groups[0]["first_run_id"].as_str().unwrap();
    let digits = &groups[0]["fingerprint"].as_str().unwrap()[2..10];
    let name = bundles[0].file_name().unwrap().to_str().unwrap();
    assert!(name.ends_with(&format!("_{digits}_{first}.zip")), "{name}");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&bundles[0]), mode(bundles[0].parent().unwrap())), (0o600, 0o700));
    assert_eq!(mode(&service.path().join("failures.json")), 0o600);
}

#[test]
fn a_panic_is_the_same_failure_however_the_process_ends_after_it() {
    let service = Service::new(|| Program::of(|| service("crash-loop")), &[]);
    for (number, way) in ["panic", "abort", "forgotten", "panic"].into_iter().enumerate() {
        service.run(way, number as u32);
    }
    service.run("other panic", 5);
    service.run("exit", 6);
    service.run("exit", 7);
    service.kill_after("caught, then die", 8);
    // As it is where a panic ends a run whose time is too short for its records.
    let run = runs(service.path()).pop().unwrap();
    let mut known = summary(&run);
    known["finished_at"] = known["started_at"].clone();
    known["panicked"] = true.into();
    std::fs::write(run.join("run.json"), known.to_string()).unwrap();
    service.run("leave", 9).well();
    service.go_well();
    assert_eq!(service.counts(), [5, 2, 1], "{:#?}", service.ends());
    let ends = service.ends();
    let said: Vec<&str> = ends.iter().map(|end| end["detail"].as_str().unwrap()).collect();
    let message = |number| format!("panicked: row {number} of \"batch-{number}.csv\" has no key");
    assert_eq!(said[0], message(0));
    assert_eq!(said[1], message(1) + ", then aborted");
    assert_eq!(said[2], message(2) + ", then exited with status 101");
    assert_eq!(said[5], "exited with status 3 without finishing the run");
    let late = ", and there was no time to bring everything to its files";
    assert_eq!(said[7], message(8) + late);
    let fingerprint = |place: usize| ends[place]["fingerprint"].as_str().unwrap();
    for place in [1, 2, 3, 7] {
        assert_eq!(fingerprint(place), fingerprint(0));
    }
    assert_eq!((&ends[8]["kind"], ends[8].get("fingerprint")), (&"exited".into(), None));
    let last = ends.last().unwrap();
    assert_eq!((&last["kind"], last.get("fingerprint")), (&"finished".into(), None));
    assert_eq!(service.bundles(), Vec::<PathBuf>::new(), "nobody asked for them");
}

#[test]
fn a_program_that_catches_its_panic_and_finishes_has_not_failed() {
    let service =
        Service::new(|| Program::of(|| service("crash-loop")), &[("OBS_BUNDLE_ON", "failure")]);
    service.run("caught", 1).well();
    service.go_well();
    assert_eq!(service.ends()[0]["kind"], "finished");
    assert!(!service.path().join("failures.json").exists());
}

#[test]
fn runs_that_are_killed_are_counted_once_by_however_many_that_recover_them() {
    let service =
        Service::new(|| Program::of(|| service("crash-loop")), &[("OBS_BUNDLE_ON", "failure")]);
    (0..8).for_each(|number| service.kill(number));
    let starts: Vec<_> = (0..6).map(|_| service.prepare("well", 0).start()).collect();
    for start in starts {
        start.end().well();
    }
    service.go_well();
    assert_eq!(service.counts(), [8]);
    assert_eq!(service.failures()[0]["kind"], "killed");
    let numbers: BTreeSet<u64> = runs(service.path())
        .iter()
        .filter_map(|run| summary(run)["recurrence"]["number"].as_u64())
        .collect();
    assert_eq!(numbers, (1..=8).collect());
    assert_eq!(service.bundles().len(), 1);
}

#[test]
fn a_signal_is_another_failure_than_a_kill_and_the_same_in_each_run() {
    let service = Service::new(|| Program::of(|| service("crash-loop")), &[]);
    (1..=3).for_each(|number| service.hit(number));
    (4..=5).for_each(|number| service.kill(number));
    service.go_well();
    assert_eq!(service.counts(), [3, 2], "{:#?}", service.ends());
    let mut kinds: Vec<Value> =
        service.failures().iter().map(|group| group["kind"].clone()).collect();
    kinds.sort_by_key(Value::to_string);
    assert_eq!(kinds, ["killed", "signal"]);
}

#[test]
fn bundles_stay_within_their_number_and_size_and_nothing_else_is_removed() {
    let vars = [
        ("OBS_BUNDLE_ON", "failure"),
        ("OBS_BUNDLE_COUNT_MAX", "3"),
        ("OBS_BUNDLE_BYTES_MAX", "1MiB"),
    ];
    let service = Service::new(|| Program::of(|| service("crash-loop")), &vars);
    let bundles = service.path().join("bundles");
    std::fs::create_dir(&bundles).unwrap();
    let run = "01a202b0-fc73-7ef0-9234-56789abcdef0";
    let old = format!("2020-01-01T00-00-00Z_00112233_{run}.zip");
    let part = format!("2020-01-01T00-00-01Z_00112233_{run}.zip.part");
    for name in [&*old, &part, "support_mine.zip", "notes_00112233_x.zip", "notes.txt"] {
        std::fs::write(bundles.join(name), vec![0; 700 << 10]).unwrap();
    }
    service.run("new panic", 1);
    assert!(bundles.join(&old).exists(), "there is room for both");
    assert!(!bundles.join(&part).exists(), "whoever wrote it died");
    std::fs::write(bundles.join(&old), vec![0; (1 << 20) - 10]).unwrap();
    (2..=6).for_each(|number| drop(service.run("new panic", number)));
    assert_eq!(service.counts(), [1; 6]);
    let mut names: Vec<String> = std::fs::read_dir(&bundles)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 3 + 4, "three in a day: {names:?}");
    assert!(!names.contains(&old), "it was the oldest and too large");
    for kept in ["lock", "support_mine.zip", "notes_00112233_x.zip", "notes.txt"] {
        assert!(names.iter().any(|name| name == kept), "{kept}");
    }
}

#[test]
fn what_cannot_be_counted_or_bundled_is_a_warning_and_no_more() {
    let service =
        Service::new(|| Program::of(|| service("crash-loop")), &[("OBS_BUNDLE_ON", "failure")]);
    std::fs::write(service.path().join("bundles"), "in the way").unwrap();
    std::fs::create_dir(service.path().join("failures.json")).unwrap();
    service.kill(1);
    service.go_well();
    let said = service.warnings();
    assert!(said.iter().any(|line| line.starts_with("cannot count the failure of")), "{said:?}");
    std::fs::remove_dir(service.path().join("failures.json")).unwrap();
    service.go_well();
    assert_eq!(service.counts(), [1]);
    let said = service.warnings();
    assert!(said.iter().any(|line| line.starts_with("cannot bundle the failure of")), "{said:?}");
    std::fs::remove_file(service.path().join("bundles")).unwrap();
    service.go_well();
    assert_eq!(service.bundles().len(), 1);
    let said = service.warnings();
    assert!(said.iter().any(|line| line.ends_with("is its bundle")), "{said:?}");
}

#[test]
fn a_bundle_that_is_given_up_or_that_another_process_makes_is_due_again_and_leaves_nothing() {
    let service = Service::new(|| Program::of(|| service("crash-loop")), &[]);
    service.kill(1);
    service.go_well();
    service.run("settle", 0).well();
    assert_eq!((service.counts(), service.bundles().len()), (vec![1], 0));
}

#[test]
fn a_file_of_failures_that_is_damaged_is_begun_anew_with_a_warning() {
    let service = Service::new(|| Program::of(|| service("crash-loop")), &[]);
    std::fs::write(service.path().join("failures.json"), "{\"format\": 1, \"grou").unwrap();
    service.kill(1);
    service.go_well();
    assert_eq!(service.counts(), [1]);
    let said = service.warnings();
    assert!(said.iter().any(|line| line.contains("failures.json begins anew: ")), "{said:?}");
    service.kill(2);
    service.go_well();
    assert_eq!(service.counts(), [2]);
}

#[test]
fn a_secret_in_the_message_of_a_panic_is_in_nothing_that_stays_and_its_length_is_bounded() {
    let service =
        Service::new(|| Program::of(|| service("crash-loop")), &[("OBS_BUNDLE_ON", "failure")]);
    service.run("secret panic", 1);
    service.run("secret panic", 2);
    service.go_well();
    let groups = service.failures();
    assert_eq!(service.counts(), [2]);
    let detail = groups[0]["detail"].as_str().unwrap();
    assert!(detail.contains("cannot use [REDACTED:") && detail.len() < 1_200, "{detail}");
    let mut files = service.bundles();
    assert_eq!(files.len(), 1);
    files.push(service.path().join("failures.json"));
    for run in runs(service.path()) {
        files.extend(["run.json", "log.jsonl"].map(|name| run.join(name)));
    }
    for path in files {
        let text = text_of(&path);
        assert!(!text.contains(&SECRET[4..20]), "{}", path.display());
        assert!(!text.contains("\u{1b}[2J") || path.extension().is_some_and(|it| it == "zip"));
    }
}
