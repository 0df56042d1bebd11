//! Programs that fork and do not exec.
use crate::idle::pause;
use crate::program::{Program, now, runs, summary, tell, wait_until};
use obs_test::lines::{self, missing, numbers, with};
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use tracing::info;

const LONG: Duration = Duration::from_secs(20);

/// Runs `child` in a child, which ends when that returns, and returns the child's number.
#[expect(unsafe_code, reason = "fork has no safe interface")]
fn fork(child: impl FnOnce()) -> i32 {
    // SAFETY: the child uses the C library's memory, which is made for that, and the toolkit, which is what is tested.
    let id = unsafe { libc::fork() };
    assert!(id >= 0, "fork: {}", std::io::Error::last_os_error());
    if id == 0 {
        let is_well = catch_unwind(AssertUnwindSafe(child)).is_ok();
        // SAFETY: _exit(2) has no preconditions.
        unsafe { libc::_exit(if is_well { 0 } else { 101 }) };
    }
    id
}

/// Waits for a child and returns what became of it, as waitpid(2) tells.
#[expect(unsafe_code, reason = "waiting for any child by its number")]
fn wait(child: i32) -> i32 {
    let mut status = 0;
    // SAFETY: `status` is valid for writing.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child, "{}", std::io::Error::last_os_error());
    status
}

#[test]
fn two_hundred_forks_of_eight_threads_that_log_corrupt_nothing() {
    let ended = Program::of(|| {
        let run = obs::init("forks").unwrap();
        let start = Barrier::new(8);
        thread::scope(|scope| {
            for thread in 0..8_u64 {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    for fork_number in 0..25 {
                        let first = (thread * 25 + fork_number) * 100;
                        (first..first + 20).for_each(|number| speak(number, "parent"));
                        let child = || (first + 20..first + 40).for_each(|n| speak(n, "child"));
                        let child = fork(child);
                        (first + 40..first + 60).for_each(|number| speak(number, "parent"));
                        assert_eq!(wait(child), 0);
                    }
                });
            }
        });
        let delivery = run.finish(LONG);
        tell(&format!("lost {}", delivery.lost));
        assert!(delivery.sinks.iter().all(|sink| sink.pending == 0), "{delivery}");
    })
    .env("OBS_CONSOLE", "false")
    .run()
    .well();
    let log = ended.log();
    let mut seen = numbers(&log, "number");
    let count = seen.len() as u64;
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len() as u64, count, "nothing comes twice");
    let of_parents = seen.iter().filter(|number| !(20..40).contains(&(**number % 100))).count();
    assert_eq!(of_parents, 200 * 40, "parents go on as if nothing had happened");
    let lost: u64 = ended.told("lost")[0].parse().unwrap();
    assert_eq!(missing(&log), lost, "what is lost is shown");
    assert!(count + lost >= 200 * 60, "{count} and {lost} of 12000");
    assert!(log.iter().all(|line| line["event"] != "record withheld"));
}

#[test]
fn a_child_and_its_child_are_heard_and_their_ends_do_not_end_the_run() {
    let ended = Program::of(|| {
        let run = obs::init("family").unwrap();
        speak(0, "parent");
        let child = fork(|| {
            speak(1, "child");
            let grandchild = fork(|| (1_000..1_400).for_each(|number| speak(number, "grandchild")));
            (2_000..2_400).for_each(|number| speak(number, "child"));
            assert_eq!(wait(grandchild), 0);
            speak(2, "child again");
        });
        assert_eq!(wait(child), 0);
        let exiting = fork(|| {
            speak(3, "exiting");
            std::process::exit(0)
        });
        assert_eq!(wait(exiting), 0);
        speak(4, "parent again");
        let delivery = run.finish(LONG);
        assert!(delivery.is_complete(), "{delivery}");
    })
    .run()
    .well();
    let log = ended.log();
    let mut seen = numbers(&log, "number");
    seen.sort_unstable();
    assert!(seen.into_iter().eq((0..5).chain(1_000..1_400).chain(2_000..2_400)));
    assert_eq!(with(&log, "event", "process exits").len(), 0);
    assert_eq!(ended.summary()["end"]["kind"], "finished");
}

#[test]
fn a_childs_records_do_not_wait_for_a_parent_that_has_long_been_idle() {
    /// Half of what the drain of a program sleeps that has no children.
    const WAITED_MAX: Duration = Duration::from_millis(500);
    Program::of(|| {
        let run = obs::init("idle_parent").unwrap();
        // It is counted while the drain is awake, which then is so for another quarter of a second.
        let before = run.delivery().emitted;
        speak(1, "parent");
        wait_until(|| run.delivery().emitted > before);
        pause(Duration::from_millis(400));
        let (before, forked) = (run.delivery().emitted, now());
        let child = fork(|| speak(2, "child"));
        wait_until(|| run.delivery().emitted > before);
        assert!(forked.elapsed() < WAITED_MAX, "{:?}", forked.elapsed());
        assert_eq!(wait(child), 0);
        assert!(run.finish(LONG).is_complete());
    })
    .alone()
    .run()
    .well();
}

#[test]
fn a_line_that_only_a_child_comes_to_is_counted() {
    let ended = Program::of(|| {
        let run = obs::init("strange").unwrap();
        let child = fork(|| (0..5).for_each(|number| info!(number, "unknown to the parent")));
        assert_eq!(wait(child), 0);
        tell(&format!("lost {}", run.finish(LONG).lost));
    })
    .run()
    .well();
    assert_eq!(ended.told("lost"), ["5"]);
    assert_eq!(missing(&ended.log()), 5);
}

#[test]
fn a_child_that_drops_or_finishes_the_run_leaves_it_to_its_parent() {
    let ended = Program::of(|| {
        let run = obs::init("drops").unwrap();
        let mut run = Some(run);
        let child = fork(|| drop(run.take()));
        assert_eq!(wait(child), 0);
        let child = fork(|| {
            let delivery = run.take().map(|run| run.finish(LONG));
            assert_eq!(delivery.map(|delivery| delivery.emitted), Some(0));
        });
        assert_eq!(wait(child), 0);
        info!("still here");
        let delivery = run.take().unwrap().finish(LONG);
        assert!(delivery.is_complete(), "{delivery}");
    })
    .run()
    .well();
    assert_eq!(with(&ended.log(), "event", "still here").len(), 1);
}

#[test]
fn a_child_that_is_killed_within_a_record_does_not_keep_the_run_from_ending() {
    let ended = Program::of(|| {
        let run = obs::init("killed-child").unwrap();
        speak(0, "parent");
        for _ in 0..8 {
            let (heard, told) = pipe();
            let child = fork(|| {
                for number in 0_u64.. {
                    speak(number, "restless");
                    if number == 500 {
                        rustix::io::write(&told, b"!").unwrap();
                    }
                }
            });
            drop(told);
            assert_eq!(rustix::io::read(&heard, &mut [0; 1]), Ok(1));
            let process = rustix::process::Pid::from_raw(child).unwrap();
            rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
            assert_eq!(wait(child), libc::SIGKILL);
        }
        let started = now();
        let delivery = run.finish(LONG);
        assert!(started.elapsed() < LONG / 2, "{:?}", started.elapsed());
        assert!(delivery.sinks.iter().all(|sink| sink.pending == 0), "{delivery}");
    })
    .env("OBS_CONSOLE", "false")
    .run()
    .well();
    assert_eq!(ended.summary()["end"]["kind"], "finished");
    let told = with(&ended.log(), "who", "restless").len();
    assert!(told > 8, "{told}");
}

/// A line of instrumentation that parents come to first: a child can use those alone.
fn speak(number: u64, who: &str) {
    info!(number, who, "speaks");
}

fn pipe() -> (OwnedFd, OwnedFd) {
    rustix::pipe::pipe().unwrap()
}

#[test]
fn a_child_starts_a_run_of_its_own_beside_its_parents() {
    let ended = Program::of(|| {
        let run = obs::init("parent").unwrap();
        speak(0, "parent");
        let child = fork(|| {
            speak(1, "child in its parent's run");
            let own = obs::init("child").unwrap();
            speak(2, "child in its own");
            info!("a line of its own");
            assert_eq!(obs::init("child").unwrap_err().kind(), obs::InitErrorKind::Occupied);
            let delivery = own.finish(LONG);
            assert!(delivery.is_complete(), "{delivery}");
        });
        assert_eq!(wait(child), 0);
        speak(3, "parent");
        let delivery = run.finish(LONG);
        assert!(delivery.is_complete(), "{delivery}");
    })
    .run()
    .well();
    let runs = runs(ended.root.path());
    let numbers = |run: &Path| numbers(&lines::read(&run.join("log.jsonl")), "number");
    assert_eq!((numbers(&runs[0]), numbers(&runs[1])), (vec![0, 1, 3], vec![2]));
    let (parent, child) = (summary(&runs[0]), summary(&runs[1]));
    assert_eq!((&parent["service"], &child["service"]), (&"parent".into(), &"child".into()));
    assert_eq!(child["parent_run_id"], parent["run_id"]);
    assert_eq!(
        (&parent["end"]["kind"], &child["end"]["kind"]),
        (&"finished".into(), &"finished".into())
    );
}

#[test]
fn a_childs_console_does_not_wait_for_who_wrote_when_it_was_forked() {
    let ended = Program::of(|| {
        let run = obs::init("parent").unwrap();
        let writing = std::io::stderr().lock();
        let child = fork(|| {
            let own = obs::init("child").unwrap();
            info!("on the child's console");
            let delivery = own.finish(LONG);
            assert!(delivery.is_complete(), "{delivery}");
        });
        assert_eq!(wait(child), 0);
        drop(writing);
        assert!(run.finish(LONG).is_complete());
    })
    .run()
    .well();
    let shown = String::from_utf8_lossy(&ended.stderr);
    assert!(shown.contains("on the child's console"), "{shown}");
}
