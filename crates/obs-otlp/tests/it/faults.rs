//! Receivers that misbehave, and networks that break: nothing is lost but what is refused for good.
use crate::support::{Sending, make};
use obs_core::{Delivery, SinkDelivery};
use obs_receiver::{Behaviour, Certificates, Gate, Receiver, ReceiverOptions, Weather, attribute};
use std::collections::BTreeMap;
use std::time::Duration;

const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

/// Spans go there, log records nowhere.
fn start(protocol: &str, endpoint: &str, more: &[(&str, &str)]) -> Sending {
    let vars = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_LOGS_EXPORTER", "none"),
    ];
    Sending::start(&[&vars[..], more].concat())
}

fn spans(delivery: &Delivery) -> &SinkDelivery {
    delivery.sinks.iter().find(|sink| sink.name == "otlp-traces").unwrap()
}

/// How often each span arrived.
fn arrived(receiver: &Receiver) -> BTreeMap<u64, u64> {
    let mut counts = BTreeMap::new();
    for span in &receiver.store().spans {
        let number = attribute(&span.item.attributes, "f0").unwrap().parse().unwrap();
        *counts.entry(number).or_default() += 1;
    }
    counts
}

fn once(numbers: impl IntoIterator<Item = u64>) -> BTreeMap<u64, u64> {
    numbers.into_iter().map(|number| (number, 1)).collect()
}

#[test]
fn a_refusal_for_the_moment_loses_nothing_and_repeats_nothing() {
    let exhausted = |status, retry_after: &str, retry_info| Behaviour::Refuse {
        status,
        code: 8,
        retry_after: Some(retry_after.to_owned()),
        retry_info: Some(retry_info),
    };
    let code =
        |status, code| Behaviour::Refuse { status, code, retry_after: None, retry_info: None };
    for protocol in PROTOCOLS {
        for behaviour in [
            Behaviour::unavailable(),
            exhausted(429, "0", 0),
            exhausted(503, "Sun, 06 Nov 1994 08:49:37 GMT", 0),
            code(502, 10),
            code(504, 11),
        ] {
            let receiver = Receiver::start().unwrap();
            receiver.behave_for(4, behaviour.clone());
            let sending = start(protocol, &receiver.endpoint(protocol), &[]);
            make(1..=2_000);
            let delivery = sending.finish();
            assert!(delivery.is_complete(), "{behaviour:?} {delivery:?}");
            assert_eq!(arrived(&receiver), once(1..=2_000), "{protocol} {behaviour:?}");
        }
    }
}

#[test]
fn a_receiver_that_asks_for_a_second_has_it() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start().unwrap();
        receiver.behave_for(
            1,
            Behaviour::Refuse {
                status: 503,
                code: 8,
                retry_after: Some("1".to_owned()),
                retry_info: Some(1),
            },
        );
        let sending = start(protocol, &receiver.endpoint(protocol), &[]);
        make(1..=10);
        sending.wait_until(|delivery| spans(delivery).error.is_some());
        let asked = obs_recorder::steady_ns();
        let receiver_name = receiver.endpoint(protocol);
        let delivery = sending.run.delivery();
        let error = spans(&delivery).error.clone().unwrap();
        assert!(error.starts_with(&receiver_name), "{error}");
        sending.wait_until(|_| !receiver.store().spans.is_empty());
        assert!(obs_recorder::steady_ns() - asked > 900_000_000, "{protocol}");
        assert!(sending.finish().is_complete());
        assert_eq!(receiver.store().requests, 2);
    }
}

#[test]
fn what_is_refused_for_good_is_counted_with_its_reason() {
    for (protocol, status, code, reason) in [
        ("http/protobuf", 401, 0, "HTTP 401 Unauthorized: not now"),
        ("http/protobuf", 404, 0, "HTTP 404 Not Found: not now"),
        ("http/protobuf", 500, 0, "HTTP 500 Internal Server Error: not now"),
        ("grpc", 0, 16, "gRPC Unauthenticated: not now"),
        ("grpc", 0, 12, "gRPC Unimplemented: not now"),
    ] {
        let receiver = Receiver::start().unwrap();
        receiver.behave(Behaviour::Refuse { status, code, retry_after: None, retry_info: None });
        let sending = start(protocol, &receiver.endpoint(protocol), &[]);
        make(1..=700);
        let delivery = sending.finish();
        let spans = spans(&delivery);
        assert_eq!((spans.lost, spans.error.as_deref()), (700, Some(reason)));
        assert_eq!(spans.delivered + spans.lost, delivery.emitted);
    }
}

#[test]
fn a_partial_success_counts_what_was_rejected() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start().unwrap();
        receiver.behave_for(1, Behaviour::Partial(3));
        let sending = start(protocol, &receiver.endpoint(protocol), &[]);
        make(1..=10);
        let delivery = sending.finish();
        let spans = spans(&delivery);
        assert_eq!((spans.lost, spans.error.as_deref()), (3, Some("rejected: some were wrong")));
    }
}

#[test]
fn a_span_that_a_receiver_chokes_on_goes_alone() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start().unwrap();
        receiver.behave(Behaviour::Poison("poison".to_owned()));
        let sending = start(protocol, &receiver.endpoint(protocol), &[]);
        make(1..=300);
        for number in [301, 302] {
            crate::support::open(number, None, |mut fields| {
                fields.u64(1, number);
                fields.named("otel.name", |encoder, key| encoder.text(key, "poison"));
            })
            .close();
        }
        make(303..=1_500);
        let delivery = sending.finish();
        assert_eq!(spans(&delivery).lost, 2, "{delivery:?}");
        let others = (1..=1_500).filter(|number| !(301..=302).contains(number));
        assert_eq!(arrived(&receiver), once(others), "{protocol}");
    }
}

#[test]
fn a_receiver_that_is_away_at_first_and_in_between_gets_everything() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start().unwrap();
        let to = if protocol == "grpc" { receiver.grpc() } else { receiver.http() };
        let gate = Gate::before(to).unwrap();
        gate.set(Weather::Down);
        let sending = start(protocol, &format!("http://{}", gate.address()), &[]);
        make(1..=1_000);
        sending.wait_until(|delivery| spans(delivery).error.is_some());
        gate.set(Weather::Fair);
        sending.wait_until(|_| receiver.store().spans.len() >= 1_000);
        gate.set(Weather::Down);
        make(1_001..=2_000);
        sending.wait_until(|delivery| spans(delivery).error.is_some());
        gate.set(Weather::Fair);
        assert!(sending.finish().is_complete());
        let counts = arrived(&receiver);
        assert_eq!(counts.len(), 2_000);
    }
}

#[test]
fn answers_that_get_lost_repeat_little() {
    const COUNT: u64 = 20_000;
    for protocol in PROTOCOLS {
        let receiver = Receiver::start().unwrap();
        let to = if protocol == "grpc" { receiver.grpc() } else { receiver.http() };
        let gate = Gate::before(to).unwrap();
        let sending = start(protocol, &format!("http://{}", gate.address()), &[]);
        make(1..=COUNT / 2);
        sending.wait_until(|_| receiver.store().spans.len() as u64 >= COUNT / 2);
        sending.wait_until(|delivery| spans(delivery).pending == 0);
        gate.set(Weather::CutsAnswers);
        make(COUNT / 2 + 1..=COUNT);
        sending.wait_until(|delivery| spans(delivery).error.is_some());
        gate.set(Weather::Fair);
        assert!(sending.finish().is_complete());
        let counts = arrived(&receiver);
        assert_eq!(counts.len() as u64, COUNT);
        let repeated: u64 = counts.values().map(|count| count - 1).sum();
        assert!(repeated <= 3 * 512, "{protocol}: {repeated}");
    }
}

#[test]
fn an_answer_that_makes_no_sense_is_an_answer_over_http_and_none_on_a_broken_line() {
    let receiver = Receiver::start().unwrap();
    receiver.behave(Behaviour::Garbage);
    let sending = start("http/protobuf", &receiver.endpoint("http"), &[]);
    make(1..=1_000);
    assert!(sending.finish().is_complete());
    assert_eq!(arrived(&receiver), once(1..=1_000));
    for protocol in PROTOCOLS {
        let receiver = Receiver::start().unwrap();
        let to = if protocol == "grpc" { receiver.grpc() } else { receiver.http() };
        let gate = Gate::before(to).unwrap();
        gate.set(Weather::Garbage);
        let sending = start(protocol, &format!("http://{}", gate.address()), &[]);
        make(1..=1_000);
        sending.wait_until(|delivery| spans(delivery).error.is_some());
        gate.set(Weather::Fair);
        assert!(sending.finish().is_complete());
        assert_eq!(arrived(&receiver), once(1..=1_000), "{protocol}");
    }
}

#[test]
fn a_receiver_that_never_answers_is_given_up_after_its_time_and_tried_again() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start().unwrap();
        let to = if protocol == "grpc" { receiver.grpc() } else { receiver.http() };
        let gate = Gate::before(to).unwrap();
        gate.set(Weather::Silent);
        let timeout = [("OTEL_EXPORTER_OTLP_TIMEOUT", "100")];
        let sending = start(protocol, &format!("http://{}", gate.address()), &timeout);
        make(1..=100);
        sending.wait_until(|delivery| spans(delivery).error.is_some());
        gate.set(Weather::Fair);
        assert!(sending.finish().is_complete());
        assert_eq!(arrived(&receiver), once(1..=100), "{protocol}");
    }
}

#[test]
fn a_slow_receiver_gets_more_at_once() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start().unwrap();
        receiver.behave(Behaviour::Slow(Duration::from_millis(300)));
        let sending = start(protocol, &receiver.endpoint(protocol), &[]);
        make(1..=10_000);
        assert!(sending.finish().is_complete());
        assert_eq!(arrived(&receiver), once(1..=10_000));
        // 512, 1024, 2048 … and not twenty times 512, and what was there when nothing else was.
        let requests = receiver.store().requests;
        assert!(requests <= 15, "{protocol}: {requests}");
    }
}

#[test]
fn a_server_that_nobody_vouches_for_and_a_name_that_nobody_knows_are_told_and_lose_nothing() {
    let mut options = ReceiverOptions::default();
    options.certificates = Some(Certificates::make().unwrap());
    let strange = Receiver::start_with(&options).unwrap();
    let directory = tempfile::TempDir::new().unwrap();
    let authority = directory.path().join("ca.pem");
    std::fs::write(&authority, Certificates::make().unwrap().authority).unwrap();
    let authority = authority.to_str().unwrap();
    for protocol in PROTOCOLS {
        let tls = strange.endpoint(protocol);
        for (endpoint, said) in [
            (tls.as_str(), "certificate"),
            ("http://no.such.host.invalid:4318", "lookup"),
            ("http://127.0.0.1:1", "refused"),
        ] {
            let trust = [("OTEL_EXPORTER_OTLP_CERTIFICATE", authority)];
            let sending = start(protocol, endpoint, &trust);
            make(1..=100);
            sending.wait_until(|delivery| spans(delivery).error.is_some());
            let delivery = sending.finish_within(Duration::ZERO);
            let spans = spans(&delivery);
            let error = spans.error.as_deref().unwrap();
            assert!(error.starts_with(endpoint) && error.contains(said), "{protocol}: {error}");
            assert_eq!((spans.lost, spans.pending > 100), (0, true));
        }
    }
}
