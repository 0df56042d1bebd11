//! What a program costs that logs nothing.
use crate::program::{Program, now, tell, wait_for_test};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

/// Nanoseconds that each thread of a process has been on a processor.
fn cpu_ns(process: u32) -> BTreeMap<OsString, u64> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let of_thread = |thread: std::io::Result<std::fs::DirEntry>| {
        let thread = thread.unwrap();
        match std::fs::read_to_string(thread.path().join("schedstat")) {
            Ok(stat) => Some((thread.file_name(), stat.split(' ').next()?.parse().unwrap())),
            // The thread has just ended.
            Err(_) => None,
        }
    };
    threads.filter_map(of_thread).collect()
}

/// Does nothing, as idle programs do.
pub(crate) fn pause(length: Duration) {
    let started = now();
    while let Some(left) = length.checked_sub(started.elapsed()) {
        std::thread::park_timeout(left);
    }
}

/// How many records the console has had.
fn shown(run: &obs::Run) -> u64 {
    let sinks = run.delivery().sinks;
    sinks.iter().find(|sink| sink.name == "console").unwrap().delivered
}

#[test]
fn an_idle_program_uses_a_thousandth_of_a_processor_at_most_and_wakes_at_once() {
    const WATCHED: Duration = Duration::from_secs(10);
    let mut running = Program::of(|| {
        let run = obs::init("idle").unwrap();
        tracing::info!("that was all");
        let environment = run.dir().unwrap().join("env.json");
        while !environment.exists() {
            std::thread::yield_now();
        }
        tell("ready");
        wait_for_test();
        for number in 0..5_u64 {
            pause(Duration::from_millis(700));
            let (before, started) = (shown(&run), now());
            tracing::info!(number, "awake");
            while shown(&run) == before {
                std::thread::yield_now();
            }
            tell(&format!("shown after {}", started.elapsed().as_micros()));
        }
        assert!(run.finish(Duration::from_secs(20)).is_complete());
    })
    .alone()
    .stdin(Stdio::piped())
    .start();
    running.told("ready");
    let (before, started) = (cpu_ns(running.id()), now());
    pause(WATCHED);
    let used: u64 = cpu_ns(running.id())
        .iter()
        .map(|(thread, ns)| ns - before.get(thread).copied().unwrap_or(0))
        .sum();
    let share = used as f64 / started.elapsed().as_nanos() as f64;
    running.go_on();
    let ended = running.end().well();
    println!("idle: {:.4} % of a processor", share * 100.0);
    for shown in ended.told("shown after") {
        assert!(shown.parse::<u64>().unwrap() < 100_000, "{shown} us until the console had a line");
    }
    assert!(share <= 0.001, "{:.4} % of a processor", share * 100.0);
}
