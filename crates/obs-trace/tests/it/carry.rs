//! Work that goes on elsewhere stays part of what it is part of.
use crate::recording::recorded;
use obs_core::Context;
use obs_trace::{Carry, carry, here};
use rayon::prelude::*;
use std::thread;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, spawn_blocking, yield_now};
use tracing::{info, info_span};

const WITHIN: &str = "info app message=\"elsewhere\" in request within request_id=\"7f3a\"";

/// What `body` says in the span of a request and its context.
fn check(count: usize, body: impl FnOnce()) {
    let lines = recorded("info", || {
        let context = Context::new().with("request_id", "7f3a");
        context.in_scope(|| info_span!("request").in_scope(body));
        info!(target: "app", "behind");
    });
    let said: Vec<&str> = lines.lines().filter(|line| line.starts_with("info")).collect();
    let expected = vec![WITHIN; count].into_iter().chain(["info app message=\"behind\""]);
    assert_eq!(said, expected.collect::<Vec<_>>());
}

fn say() {
    info!(target: "app", "elsewhere");
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

#[test]
fn tasks_that_are_spawned() {
    let runtime = runtime();
    let task = async {
        say();
        yield_now().await;
        say();
    };
    check(2, || {
        let task = runtime.spawn(task.carried());
        runtime.block_on(task).unwrap();
    });
}

#[test]
fn tasks_of_a_set() {
    let runtime = runtime();
    check(3, || {
        let mut set = JoinSet::new();
        (0..3).for_each(|_| {
            set.spawn_on(async { say() }.carried(), runtime.handle());
        });
        runtime.block_on(set.join_all());
    });
}

#[test]
fn blocking_calls() {
    let runtime = runtime();
    check(1, || {
        let call = async { spawn_blocking(carry(say)).await.unwrap() };
        runtime.block_on(call);
    });
}

#[test]
fn threads() {
    check(1, || thread::Builder::new().spawn(carry(say)).unwrap().join().unwrap());
}

#[test]
fn threads_of_rayon() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    check(1, || {
        let work = carry(say);
        pool.scope(|scope| scope.spawn(move |_| work()));
    });
    check(2, || {
        let (one, other) = (carry(say), carry(say));
        pool.join(one, other);
    });
    check(20, || {
        let here = here();
        pool.install(|| (0..20).into_par_iter().for_each(|_| here.in_scope(say)));
    });
}

#[test]
fn what_is_carried_gives_its_value_and_leaves_the_thread_as_it_was() {
    let context = Context::new().with("request_id", "7f3a");
    let work = context.in_scope(|| carry(|| Context::current().to_string()));
    assert_eq!(thread::Builder::new().spawn(work).unwrap().join().unwrap(), "request_id=7f3a");
    assert_eq!(Context::current_id(), 0);
}

#[test]
fn a_task_that_is_cancelled_leaves_its_span() {
    let lines = recorded("info", || {
        let request = info_span!("request");
        let mut task = Box::pin(request.in_scope(|| async { yield_now().await }.carried()));
        let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
        drop(request);
        assert!(task.as_mut().poll(&mut waker).is_pending());
        info!(target: "app", "still open");
        drop(task);
    });
    assert_eq!(lines, "begin request\ninfo app message=\"still open\"\nend   request\n");
}
