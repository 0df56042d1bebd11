//! The end of a run keeps its deadline wherever it happens, also with a console that hangs, and loses nothing.
use crate::program::{Ended, Program, now, order, runs, summary, tell};
use obs_test::lines::{self, numbers, with};
use std::time::Duration;
use tracing::{Instrument, info, info_span};

/// The time that a run's end is given, and what it may take.
const GIVEN: Duration = Duration::from_millis(500);
const GRACE: Duration = Duration::from_millis(100);
/// More than a pipe holds.
const LINES: u64 = 2_000;

/// Says so much that a console hangs that nobody reads, ends the run, and tells how long that took.
fn speak_and_finish(run: obs::Run) {
    (0..LINES).for_each(|number| info!(number, filling = "x".repeat(100), "line"));
    let started = now();
    let delivery = run.finish(GIVEN);
    tell(&format!("took {}", started.elapsed().as_millis()));
    tell(&format!("delivery {}", serde_json::to_string(&delivery).unwrap()));
}

fn init() -> obs::Run {
    let mut settings = obs::Settings::from_env();
    settings.overflow = obs::settings::Overflow::Block;
    obs::init_with(settings).unwrap()
}

/// Runs the program without anybody who reads its standard error until it has ended.
fn with_a_console_that_hangs(program: Program) -> Ended {
    let (theirs, ours) = std::io::pipe().unwrap();
    let ended = program.alone().in_memory().stderr(ours.into()).run().well();
    drop(theirs);
    ended
}

fn assert_within_deadline_and_nothing_lost(ended: &Ended) {
    let took = Duration::from_millis(ended.told("took")[0].parse().unwrap());
    assert!(took <= GIVEN + GRACE, "{took:?}");
    let delivery: obs::Delivery = serde_json::from_str(&ended.told("delivery")[0]).unwrap();
    assert_eq!(delivery.lost, 0, "{delivery}");
    for sink in &delivery.sinks {
        assert_eq!(sink.delivered + sink.lost + sink.pending, delivery.emitted, "{delivery}");
        assert_eq!(sink.pending > 0, sink.name == "console", "{delivery}");
    }
    assert!(numbers(&ended.log(), "number").into_iter().eq(0..LINES));
    ended.assert_finished();
}

#[test]
fn without_a_runtime() {
    let ended = with_a_console_that_hangs(Program::of(|| speak_and_finish(init())));
    assert_within_deadline_and_nothing_lost(&ended);
}

#[test]
fn within_a_current_thread_runtime() {
    let ended = with_a_console_that_hangs(Program::of(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { speak_and_finish(init()) });
    }));
    assert_within_deadline_and_nothing_lost(&ended);
}

#[test]
fn within_a_multi_thread_runtime_and_a_task_of_it() {
    let ended = with_a_console_that_hangs(Program::of(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let run = init();
        runtime
            .block_on(async move { tokio::spawn(async { speak_and_finish(run) }).await.unwrap() });
    }));
    assert_within_deadline_and_nothing_lost(&ended);
}

#[tokio::test]
async fn within_tokio_test() {
    let ended = with_a_console_that_hangs(Program::of(|| speak_and_finish(init())));
    assert_within_deadline_and_nothing_lost(&ended);
}

#[test]
fn within_the_drop_of_a_future_that_is_cancelled() {
    struct Finishes(Option<obs::Run>);
    impl Drop for Finishes {
        fn drop(&mut self) {
            speak_and_finish(self.0.take().unwrap());
        }
    }
    let ended = with_a_console_that_hangs(Program::of(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        runtime.block_on(async {
            let held = Finishes(Some(init()));
            let task = tokio::spawn(async move {
                let _held = held;
                std::future::pending::<()>().await;
            });
            tokio::task::yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        });
    }));
    assert_within_deadline_and_nothing_lost(&ended);
}

#[test]
fn two_runtimes_in_one_process_share_a_run() {
    let ended = Program::of(|| {
        let run = init();
        let work = |runtime: &tokio::runtime::Runtime, name: &'static str| {
            runtime.block_on(async move {
                let steps = (0..50_u64).map(|number| {
                    let step = async move {
                        tokio::task::yield_now().await;
                        info!(number, "step");
                    };
                    tokio::spawn(step.instrument(info_span!("task", runtime = name)))
                });
                for step in steps.collect::<Vec<_>>() {
                    step.await.unwrap();
                }
            });
        };
        let one = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let two = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| work(&one, "one"));
            scope.spawn(|| work(&two, "two"));
        });
        let delivery = one.block_on(async move { run.finish(Duration::from_secs(20)) });
        assert!(delivery.is_complete(), "{delivery}");
    })
    .run()
    .well();
    let log = ended.log();
    for runtime in ["one", "two"] {
        assert_eq!(with(&log, "runtime", runtime).len(), 50, "{runtime}");
    }
    let spans = lines::read(&ended.run().join("spans.jsonl"));
    assert_eq!(with(&spans, "name", "task").len(), 100);
}

#[test]
fn what_no_time_was_left_for_is_pending_and_delivered_at_the_next_start() {
    let part = |part: &'static str| {
        let program = Program::of(|| {
            let mut settings = obs::Settings::from_env();
            (settings.console, settings.overflow) = (false, obs::settings::Overflow::Block);
            let run = obs::init_with(settings).unwrap();
            if order("PART") == "next" {
                assert!(run.finish(Duration::from_secs(20)).is_complete());
                return;
            }
            (0..LINES).for_each(|number| info!(number, "line"));
            let started = now();
            let delivery = run.finish(Duration::ZERO);
            tell(&format!("took {}", started.elapsed().as_millis()));
            tell(&format!("emitted {} lost {}", delivery.emitted, delivery.lost));
        });
        program.env("PART", part)
    };
    let ended = part("first").run().well();
    let took: u128 = ended.told("took")[0].parse().unwrap();
    assert!(took <= GRACE.as_millis(), "{took} ms");
    assert!(ended.told("emitted")[0].ends_with("lost 0"));
    let first = ended.run();
    part("next").root(ended.root.path()).run().well();
    assert_eq!(runs(ended.root.path()).len(), 2);
    let log = lines::read(&first.join("log.jsonl"));
    assert!(numbers(&log, "number").into_iter().eq(0..LINES));
    let summary = summary(&first);
    assert_eq!(summary["end"]["kind"], "finished", "{summary}");
    let sinks = summary["delivery"]["sinks"].as_array().unwrap();
    assert!(sinks.iter().all(|sink| sink["pending"] == 0), "{sinks:?}");
}
