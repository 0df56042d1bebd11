//! What a program costs that logs nothing.
use crate::program::{Program, now, tell, wait_for_test};
use std::process::Stdio;
use std::time::Duration;

/// Nanoseconds that all threads of a process have been on a processor.
fn cpu_ns(process: u32) -> u64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let of_thread = |thread: std::io::Result<std::fs::DirEntry>| {
        let stat = std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
        stat.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    threads.map(of_thread).sum()
}

#[test]
fn an_idle_program_uses_a_thousandth_of_a_processor_at_most() {
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
        assert!(run.finish(Duration::from_secs(20)).is_complete());
    })
    .stdin(Stdio::piped())
    .start();
    running.told("ready");
    let (before, started) = (cpu_ns(running.id()), now());
    while let Some(left) = WATCHED.checked_sub(started.elapsed()) {
        std::thread::park_timeout(left);
    }
    let used = cpu_ns(running.id()) - before;
    let share = used as f64 / started.elapsed().as_nanos() as f64;
    running.go_on();
    running.end().well();
    println!("idle: {:.4} % of a processor", share * 100.0);
    assert!(share <= 0.001, "{:.4} % of a processor", share * 100.0);
}
