//! Real file systems of limited size, mounted where only the test's own program sees them.
use crate::alone::{directory, make_directory, recover_in, start_in};
use crate::full_disk::live_through;
use crate::program::say;
use crate::tally::{Counted, log_file};
use obs_core::io::{Disk, Io};
use obs_core::settings::{Overflow, RingPlace};
use obs_recorder::Run;
use obs_test::bare::{alone, settings};
use obs_test::trouble::{Trouble, TroubledDisk};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Tells the program what it is to do.
const ORDERS: &str = "OBS_TEST_MOUNTED";

#[test]
fn a_full_tmpfs_costs_what_is_counted_and_writing_goes_on_when_there_is_room() {
    let parent = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size=128m none {}", parent.path().display());
    run_mounted(&mount, "full", parent.path());
}

#[test]
fn with_a_tiny_dev_shm_the_rings_go_to_the_run_directory() {
    let parent = tempfile::tempdir().unwrap();
    run_mounted("mount -t tmpfs -o size=1m none /dev/shm", "tiny", parent.path());
}

#[test]
fn a_stage_that_finds_no_more_room_in_dev_shm_loses_nothing_as_long_as_the_program_lives() {
    let parent = tempfile::tempdir().unwrap();
    run_mounted("mount -t tmpfs -o size=64m none /dev/shm", "scarce", parent.path());
}

#[test]
fn what_such_a_stage_held_when_the_program_died_is_still_in_the_rings() {
    let parent = tempfile::tempdir().unwrap();
    run_mounted("mount -t tmpfs -o size=64m none /dev/shm", "died", parent.path());
}

#[test]
fn a_log_file_that_takes_nothing_holds_up_nothing_and_is_written_once_it_does() {
    let parent = tempfile::tempdir().unwrap();
    run_mounted("true", "device", parent.path());
}

/// Runs this test program again in a mount namespace of its own. Where the system does not allow that, says so.
fn run_mounted(mount: &str, orders: &str, parent: &Path) {
    let shell = format!("{mount} || exit 77; exec \"$0\" --exact mounted::program --nocapture");
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &shell])
        .arg(std::env::current_exe().unwrap())
        .env(ORDERS, format!("{orders} {}", parent.display()))
        .output();
    let output = match output {
        Err(error) if error.kind() == ErrorKind::NotFound => return not_here("no unshare"),
        other => other.unwrap(),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let is_refused = said.contains("unshare failed") || output.status.code() == Some(77);
    if is_refused {
        return not_here(&said);
    }
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("lived through it"));
}

fn not_here(why: &str) {
    println!("not shown: this system mounts nothing for its users: {why}");
}

/// What runs in the namespace; nothing without orders.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a program of the test gets its orders by the environment"
)]
fn program() {
    let Ok(orders) = std::env::var(ORDERS) else { return };
    let (what, parent) = orders.split_once(' ').unwrap();
    let _alone = alone();
    match what {
        "full" => full(Path::new(parent)),
        "device" => device(Path::new(parent)),
        "scarce" => scarce(Path::new(parent)),
        "dying" => dying(Path::new(parent)),
        "died" => died(Path::new(parent)),
        _ => tiny(Path::new(parent)),
    }
    println!("lived through it");
}

fn full(parent: &Path) {
    let io: Arc<dyn Io> = Arc::new(Disk::new());
    let ballast = parent.join("ballast");
    let free = || std::fs::remove_file(&ballast).unwrap();
    live_through(parent, &io, &|| fill(&ballast), &free);
}

/// Writes to a file until the file system is full.
fn fill(ballast: &Path) {
    let mut file = File::create(ballast).unwrap();
    let block = vec![7; 64 << 10];
    let error = loop {
        if let Err(error) = file.write_all(&block) {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::StorageFull);
}

const BALLAST: &str = "/dev/shm/ballast";

/// A run with the stage in `/dev/shm`, which fills up once the first part of the stage is there; so many events are
/// more than that part holds.
fn start_scarce(
    parent: &Path,
    io: &Arc<dyn Io>,
    overflow: Overflow,
    events: u64,
) -> (Run, Counted) {
    let mut settings = settings();
    settings.ring_place = RingPlace::Auto;
    settings.overflow = overflow;
    settings.stage_bytes = 8 << 20;
    let (run, counted) = crate::alone::start(parent, io, &settings);
    assert!(run.place().to_string().contains("/dev/shm"), "{}", run.place());
    say(0..100);
    counted.wait_for(99);
    assert_eq!(run.delivery().error, None);
    fill(Path::new(BALLAST));
    say(100..events);
    counted.wait_until(|arrived| arrived.accounted() >= events);
    let error = run.delivery().error.unwrap();
    assert!(error.contains("no room for all of the stage"), "{error}");
    (run, counted)
}

/// Logs more than a ring holds while the disk is full, and dies.
fn dying(parent: &Path) {
    let disk = TroubledDisk::new(parent);
    let io: Arc<dyn Io> = Arc::new(disk.clone());
    let (run, counted) = start_scarce(parent, &io, Overflow::Wait, DYING);
    // What was said so far is in the journal.
    while run.delivery().sinks.iter().any(|sink| sink.pending > 0) {
        std::thread::yield_now();
    }
    disk.set(Trouble::Full);
    say(DYING..2 * DYING);
    counted.wait_until(|arrived| arrived.events.len() as u64 > DYING);
    std::process::abort();
}

const DYING: u64 = 20_000;

fn died(parent: &Path) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "mounted::program", "--nocapture"])
        .env(ORDERS, format!("dying {}", parent.display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(6), "{said}");
    std::fs::remove_file(BALLAST).unwrap();
    let delivery = recover_in(parent);
    assert_eq!(delivery.sinks[0].pending, 0, "{delivery}");
    let written = log_file(&directory(parent));
    assert_eq!(written.overwritten, 0, "{written}");
    assert_eq!(written.accounted(), 2 * DYING, "{written}");
    assert!(written.events.len() as u64 > DYING + 500, "{written}");
}

fn scarce(parent: &Path) {
    let io: Arc<dyn Io> = Arc::new(Disk::new());
    let (mut run, counted) = start_scarce(parent, &io, Overflow::Block, 100_000);
    let delivery = run.finish(crate::alone::LONG);
    assert!(delivery.is_complete(), "{delivery}");
    let written = log_file(&directory(parent));
    written.accounts_for(100_000);
    assert_eq!((written.events.len(), counted.arrived().events.len()), (100_000, 100_000));
}

/// `log.jsonl` is `/dev/full` for a while.
fn device(parent: &Path) {
    let io: Arc<dyn Io> = Arc::new(Disk::new());
    let path = make_directory(parent);
    let log = path.join("log.jsonl");
    File::create(&log).unwrap();
    let mount = Command::new("mount").args(["--bind", "/dev/full"]).arg(&log).status().unwrap();
    assert!(mount.success(), "{mount}");
    let (mut run, counted) = start_in(path, &io, &settings());
    say(0..20_000);
    counted.wait_until(|arrived| arrived.accounted() >= 20_000);
    let delivery = run.finish(Duration::from_millis(200));
    let (tally, log_sink) = (&delivery.sinks[0], &delivery.sinks[1]);
    assert!(tally.pending == 0 && log_sink.delivered == 0 && log_sink.pending > 0, "{delivery}");
    assert!(log_sink.error.as_ref().is_some_and(|why| why.contains("log.jsonl")), "{delivery}");
    drop(run);

    let unmounted = Command::new("umount").arg(&log).status().unwrap();
    assert!(unmounted.success(), "{unmounted}");
    let delivery = recover_in(parent);
    assert_eq!(delivery.sinks[0].pending, 0, "{delivery}");
    let (arrived, written) = (counted.arrived(), log_file(&directory(parent)));
    written.accounts_for(20_000);
    assert_eq!(arrived.events, written.events, "{arrived}; {written}");
}

fn tiny(parent: &Path) {
    let io: Arc<dyn Io> = Arc::new(Disk::new());
    let mut settings = settings();
    settings.ring_place = RingPlace::Auto;
    let (mut run, counted) = crate::alone::start(parent, &io, &settings);
    let place = run.place().to_string();
    assert!(place.contains(&parent.display().to_string()), "{place}");
    let passed_over = run.passed_over().join("; ");
    assert!(passed_over.contains("/dev/shm"), "{passed_over}");
    say(0..10_000);
    let delivery = run.finish(crate::alone::LONG);
    let arrived = counted.arrived();
    assert_eq!(arrived.events.len() as u64 + arrived.refused, 10_000, "{delivery}");
}
