//! Where a run can be kept, and what happens when it cannot be kept there any more.
use crate::program::{Ended, Program, now, remove, runs, tell, wait_for_test};
use obs_test::lines::{missing, numbers, with};
use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tracing::{info, warn};

const LONG: Duration = Duration::from_secs(5);
const GRACE: Duration = Duration::from_millis(100);
const LINES: u64 = 500;

/// A program that logs and does something of its own, and says that it did.
fn work(lines: u64) {
    let started = now();
    let run = obs::init("places").unwrap();
    tell(&format!("directory {:?}", run.dir()));
    (0..lines).for_each(|number| info!(number, "work"));
    warn!("half-way");
    let ending = now();
    let delivery = run.finish(LONG);
    assert!(ending.elapsed() <= LONG + GRACE, "{:?}", ending.elapsed());
    tell(&format!("delivery {delivery}"));
    tell(&format!("done in {} ms", started.elapsed().as_millis()));
}

/// The program ran to its end, its lines are on standard error, and it was said once that nothing stays of them.
fn assert_shown_and_said_once(ended: &Ended) {
    let shown = ended.shown();
    assert_eq!(ended.told("directory"), ["None"], "{shown}");
    assert_eq!(shown.lines().filter(|line| line.contains("  work  number=")).count() as u64, LINES);
    assert_eq!(shown.matches("half-way").count(), 1);
    assert_eq!(shown.matches("no run directory can be made").count(), 1, "{shown}");
    assert!(shown.lines().next().unwrap().contains("directory=none"), "{shown}");
    assert_eq!(ended.told("done").len(), 1);
    assert!(ended.told("delivery")[0].contains("0 lost"), "{shown}");
}

#[test]
fn a_root_below_a_file_leaves_standard_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let ended = Program::of(|| work(LINES)).root(&file.path().join("runs")).run().well();
    assert_shown_and_said_once(&ended);
    assert!(ended.shown().contains("Not a directory"), "{}", ended.shown());
}

#[test]
fn a_root_in_proc_leaves_standard_error() {
    let ended = Program::of(|| work(LINES)).root(Path::new("/proc/obs")).run().well();
    assert_shown_and_said_once(&ended);
}

#[test]
fn a_console_that_is_off_is_on_when_it_is_all_there_is() {
    let program = Program::of(|| work(LINES)).root(Path::new("/proc/obs"));
    let ended = program.env("OBS_CONSOLE", "false").run().well();
    assert_shown_and_said_once(&ended);
}

#[test]
fn another_user_without_any_directory_has_standard_error() {
    let program = Program::of(|| work(LINES)).copied().without("OBS_RUN_ROOT");
    if !works(&["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "true"]) {
        println!("no other user can be taken here (setpriv): not tested");
        return;
    }
    let program = program.env("HOME", "/proc/none").env("TMPDIR", "/proc/none");
    let program = program.through(&["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
    assert_shown_and_said_once(&program.run().well());
}

#[test]
fn a_file_system_that_is_read_only_leaves_standard_error() {
    let program = Program::of(|| work(LINES));
    let root = tempfile::tempdir().unwrap();
    let mount = "mount --bind \"$OBS_RUN_ROOT\" \"$OBS_RUN_ROOT\" && \
                 mount -o remount,bind,ro \"$OBS_RUN_ROOT\"";
    let path = root.path().to_str().unwrap();
    if !works(&["env", &format!("OBS_RUN_ROOT={path}"), "unshare", "-m", "sh", "-c", mount]) {
        println!("nothing can be mounted here (unshare -m, mount): not tested");
        return;
    }
    let script = format!("{mount} && exec \"$0\" \"$@\"");
    let program = program.root(root.path()).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let ended = program.through(&["unshare", "-m", "sh", "-c", &script]).run().well();
    assert_shown_and_said_once(&ended);
    assert!(ended.shown().contains("Read-only file system"), "{}", ended.shown());
}

fn works(command: &[&str]) -> bool {
    let mut given = Command::new(command[0]);
    given.args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null());
    given.status().is_ok_and(|status| status.success())
}

/// Files may not grow beyond this, as `ulimit -f` says: neither rings nor journal can be what they should be.
#[test]
fn a_limit_on_the_size_of_files_costs_no_line_on_standard_error() {
    let program = Program::of(|| work(LINES)).env("PATH", "/usr/bin:/bin");
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"";
    let ended = program.through(&["sh", "-c", script]).run().well();
    let shown = ended.shown();
    assert_eq!(
        shown.lines().filter(|line| line.contains("  work  number=")).count() as u64,
        LINES,
        "{shown}"
    );
    assert!(shown.contains("no rings in"), "{shown}");
    assert_eq!(ended.told("done").len(), 1);
}

#[test]
fn a_directory_that_vanishes_takes_the_files_with_it_and_nothing_else() {
    let mut running = Program::of(|| {
        let mut settings = obs::Settings::from_env();
        (settings.segment_bytes, settings.log_rotate_bytes) = (1 << 20, 64 << 10);
        let run = obs::init_with(settings).unwrap();
        let rings = std::fs::read_to_string(run.dir().unwrap().join("rings.path")).unwrap();
        info!("before");
        tell("ready");
        wait_for_test();
        let filling = "x".repeat(1_000);
        (0..20_000_u64).for_each(|number| info!(number, filling, "after"));
        warn!("half-way");
        let started = now();
        let delivery = run.finish(Duration::from_secs(2));
        assert!(started.elapsed() <= Duration::from_secs(2) + GRACE, "{:?}", started.elapsed());
        assert!(delivery.error.is_some() || !delivery.is_complete(), "{delivery}");
        tell(&format!("rings are {}", Path::new(rings.trim()).exists()));
        let again = obs::init("again").unwrap();
        info!("another run");
        assert!(again.finish(LONG).is_complete());
    })
    .stdin(Stdio::piped())
    .stderr(Stdio::null())
    .start();
    running.told("ready");
    let gone = runs(running.root());
    remove(&gone[0]);
    running.go_on();
    let ended = running.end().well();
    assert_eq!(ended.told("rings"), ["are false"], "nobody would ever remove them");
    assert_eq!(with(&ended.log(), "event", "another run").len(), 1);
}

#[test]
fn a_root_that_vanishes_is_made_anew_by_the_next_run() {
    let ended = Program::of(|| {
        let run = obs::init("vanishing").unwrap();
        let root = run.dir().unwrap().parent().unwrap().to_owned();
        remove(&root);
        info!("into nowhere");
        run.finish(Duration::from_secs(2));
        let run = obs::init("vanishing").unwrap();
        info!("somewhere");
        assert!(run.finish(LONG).is_complete());
    })
    .run()
    .well();
    assert!(ended.shown().contains("into nowhere"));
    assert_eq!(with(&ended.log(), "event", "somewhere").len(), 1);
}

#[test]
fn a_console_that_is_always_full_costs_the_program_nothing() {
    let full = || OpenOptions::new().write(true).open("/dev/full");
    let Ok(stderr) = full() else {
        println!("/dev/full is not there: not tested");
        return;
    };
    let ended = Program::of(|| {
        let run = obs::init("full").unwrap();
        (0..LINES).for_each(|number| info!(number, "work"));
        let started = now();
        let delivery = run.finish(Duration::from_millis(500));
        assert!(started.elapsed() <= Duration::from_millis(500) + GRACE, "{:?}", started.elapsed());
        let console = delivery.sinks.iter().find(|sink| sink.name == "console").unwrap();
        assert!(console.error.is_some() && console.pending + console.lost > 0, "{delivery}");
    })
    .in_memory()
    .stderr(stderr.into())
    .run()
    .well();
    assert!(numbers(&ended.log(), "number").into_iter().eq(0..LINES));
    assert_eq!(missing(&ended.log()), 0);
    ended.assert_finished();
}

#[test]
fn a_console_that_nobody_reads_any_more_costs_the_program_nothing() {
    let (theirs, ours) = std::io::pipe().unwrap();
    drop(theirs);
    let ended = Program::of(|| work(LINES)).stderr(ours.into()).run().well();
    assert!(numbers(&ended.log(), "number").into_iter().eq(0..LINES));
}
