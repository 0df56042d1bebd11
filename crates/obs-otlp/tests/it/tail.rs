//! Traces that are not sampled and are sent all the same.
use crate::support::{Open, Sending, begin};
use obs_receiver::{Receiver, attribute};
use std::collections::BTreeMap;
use std::time::Duration;

/// What arrives when `make` has made spans under these settings: the numbers of spans, and why they were sent.
fn arrived(vars: &[(&str, &str)], make: impl FnOnce()) -> BTreeMap<u64, String> {
    let receiver = Receiver::start().unwrap();
    let endpoint = receiver.endpoint("http");
    let to = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_LOGS_EXPORTER", "none")];
    let sending = Sending::start(&[&to[..], vars].concat());
    make();
    let delivery = sending.finish();
    assert!(delivery.is_complete(), "{delivery}");
    let why = |span: &obs_receiver::Received<obs_receiver::proto::trace::v1::Span>| {
        let id = u64::from_be_bytes(span.item.span_id.as_slice().try_into().unwrap());
        (id, attribute(&span.item.attributes, "obs.sampling").unwrap_or_default())
    };
    receiver.store().spans.iter().map(why).collect()
}

/// A span of a trace that is not sampled.
fn unsampled(number: u64, parent: Option<&Open>) -> Open {
    begin((number, false), parent, |mut fields| fields.u64(1, number))
}

fn expected(numbers: impl IntoIterator<Item = u64>, why: &str) -> BTreeMap<u64, String> {
    numbers.into_iter().map(|number| (number, why.to_owned())).collect()
}

#[test]
fn without_a_rule_nothing_of_an_unsampled_trace_is_sent() {
    let arrived = arrived(&[], || {
        let root = unsampled(1, None);
        begin((2, false), Some(&root), |mut fields| fields.text(1, "lost")).close();
        root.close();
        begin((3, true), None, |_| {}).close();
    });
    assert_eq!(arrived, expected([3], ""));
}

#[test]
fn a_slow_span_sends_what_came_before_it_and_what_comes_after_it_in_its_trace() {
    let arrived = arrived(&[("OBS_TRACES_KEEP_SLOWER_THAN", "1us")], || {
        let root = unsampled(1, None);
        unsampled(2, Some(&root)).close();
        let slow = unsampled(3, Some(&root));
        std::thread::park_timeout(Duration::from_millis(2));
        slow.close();
        unsampled(4, Some(&root)).close();
        root.close();
    });
    assert_eq!(arrived, expected(1..=4, "slow"));
    let quick = self::arrived(&[("OBS_TRACES_KEEP_SLOWER_THAN", "1h")], || {
        let root = unsampled(1, None);
        unsampled(2, Some(&root)).close();
        root.close();
    });
    assert_eq!(quick, BTreeMap::new());
}

#[test]
fn an_attribute_sends_the_traces_that_have_it_and_no_others() {
    let arrived = arrived(&[("OBS_TRACES_KEEP_MATCHING", "f1=gold,f0=5,f2=")], || {
        for (number, class) in [(1, "gold"), (10, "silver"), (20, "golden")] {
            let root = unsampled(number, None);
            begin((number + 1, false), Some(&root), |mut fields| fields.text(2, class)).close();
            root.close();
        }
        unsampled(5, None).close();
        begin((30, false), None, |mut fields| fields.text(3, "")).close();
        begin((31, false), None, |mut fields| fields.text(3, " ")).close();
    });
    assert_eq!(arrived, expected([1, 2, 5, 30], "match"));
}

#[test]
fn a_trace_that_was_quiet_for_too_long_is_let_go() {
    let vars = [("OBS_TRACES_KEEP_MATCHING", "f1=gold"), ("OBS_TRACES_WAIT", "0")];
    let arrived = arrived(&vars, || {
        let roots = [1, 10].map(|number| unsampled(number, None));
        roots.iter().zip([2, 11]).for_each(|(root, part)| unsampled(part, Some(root)).close());
        let [quiet, open] = roots;
        quiet.clone().close();
        unsampled(20, None).close();
        for (root, part) in [(&quiet, 3), (&open, 12)] {
            begin((part, false), Some(root), |mut fields| fields.text(2, "gold")).close();
        }
        open.close();
    });
    assert_eq!(arrived, expected([3, 10, 11, 12], "match"), "an open trace is not quiet");
}

#[test]
fn past_the_bound_the_oldest_traces_are_let_go_and_the_newest_are_whole() {
    let vars = [
        ("OBS_TRACES_KEEP_MATCHING", "f1=gold"),
        ("OBS_TRACES_WAIT_BYTES_MAX", "1MiB"),
        ("OBS_OVERFLOW", "block"),
    ];
    let arrived = arrived(&vars, || {
        let roots: Vec<Open> = (1..=100).map(|number| unsampled(number * 1_000, None)).collect();
        for (at, root) in roots.iter().enumerate() {
            for part in 1..=50 {
                unsampled(at as u64 * 1_000 + 1_000 + part, Some(root)).close();
            }
        }
        for (at, root) in roots.into_iter().enumerate() {
            let number = at as u64 * 1_000 + 1_000 + 99;
            begin((number, false), Some(&root), |mut fields| fields.text(2, "gold")).close();
            root.close();
        }
    });
    let of = |root: u64| arrived.range(root * 1_000..(root + 1) * 1_000).count();
    assert_eq!(of(100), 52, "the newest is whole");
    assert_eq!(of(1), 2, "of the oldest what came later is sent");
}
