//! A probe of receivers, and of servers that are none.
use obs_core::Settings;
use obs_core::settings::otel::Signal;
use obs_otlp::{FaultKind, Probe, probe};
use obs_receiver::{Gate, Receiver, Weather};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);

/// Tries the spans' way by these variables.
fn tried(vars: &[(&str, &str)], timeout: Duration) -> Probe {
    let settings = Settings::from_vars(vars.iter().copied());
    assert_eq!(settings.problems, []);
    probe(&settings.otel.export(Signal::Traces).unwrap().unwrap(), timeout)
}

fn by(protocol: &str, address: SocketAddr, timeout: Duration) -> Probe {
    let endpoint = format!("http://{address}");
    let vars =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)];
    tried(&vars, timeout)
}

/// A server that reads what comes at once, says this and hangs up, connection after connection.
fn server(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = move || {
        for mut stream in listener.incoming().flatten() {
            let read = stream.read(&mut [0; 4_096]);
            // Whoever has hung up before needs no answer.
            drop(read.and_then(|_| stream.write_all(answer)));
        }
    };
    std::thread::Builder::new().name("server".into()).spawn(serve).unwrap();
    address
}

#[test]
fn every_step_to_a_receiver_is_told_and_it_is_asked_once() {
    let receiver = Receiver::start().unwrap();
    for (protocol, answer) in [("http/protobuf", "HTTP 200 OK"), ("grpc", "gRPC OK")] {
        for compression in ["none", "gzip", "zstd"] {
            let before = receiver.store().requests;
            let probe = tried(
                &[
                    ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint(protocol)),
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                    ("OTEL_EXPORTER_OTLP_COMPRESSION", compression),
                    ("OTEL_EXPORTER_OTLP_HEADERS", "x-token=hunter2"),
                ],
                LONG,
            );
            assert_eq!(probe.fault, None);
            let [name, connected, taken] = &probe.steps[..] else { panic!("{:?}", probe.steps) };
            assert!(name.starts_with("the name localhost is "), "{name}");
            assert!(connected.starts_with("connected to 127.0.0.1:"), "{connected}");
            assert!(taken.starts_with("an empty request was taken within "), "{taken}");
            assert!(taken.ends_with(answer), "{taken}");
            assert!(!format!("{probe:?}").contains("hunter2"));
            let store = receiver.store();
            assert_eq!((store.requests - before, store.spans.len()), (1, 0));
            assert_eq!(store.header("x-token"), Some("hunter2"));
        }
    }
}

#[test]
fn what_others_answer_than_receivers_says_what_they_are() {
    for (answer, kind, seen) in [
        (
            &b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"[..],
            FaultKind::NoReceiver,
            "HTTP 200 OK, with \"text/html\" that is no answer: \"<html>\"",
        ),
        (
            b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
            FaultKind::WantsTls,
            "HTTP 400 Bad Request, \"Client sent an HTTP request to an HTTPS server.\"",
        ),
        (
            b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://c.example/v1/traces\r\nContent-Length: 0\r\n\r\n",
            FaultKind::Redirect,
            "HTTP 301 Moved Permanently, to https://c.example/v1/traces",
        ),
        (
            b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\n\x1b[2Jcut",
            FaultKind::Unauthorized,
            "HTTP 401 Unauthorized",
        ),
        (
            b"HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n",
            FaultKind::TooLarge,
            "HTTP 413 Payload Too Large",
        ),
        (b"SSH-2.0-OpenSSH_9.9\r\n", FaultKind::NoReceiver, "\"SSH-2.0-OpenSSH_9.9\", which is no HTTP"),
        (b"", FaultKind::Closed, "it answers nothing, and cuts the connection"),
        (b"\x15\x03\x01\0\x02\x02\x46", FaultKind::WantsTls, "it answers TLS"),
        (b"\0\0\0\x04\0\0\0\0\0", FaultKind::HttpToGrpc, "it answers frames of HTTP/2"),
    ] {
        let fault = by("http/protobuf", server(answer), LONG).fault.unwrap();
        assert_eq!(fault.kind, kind, "{fault:?}");
        assert!(fault.seen.contains(seen), "{fault:?}");
        assert!(!fault.seen.contains('\x1b'), "{fault:?}");
    }
    for (answer, kind) in [
        (&b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"[..], FaultKind::GrpcToHttp),
        (b"SSH-2.0-OpenSSH_9.9\r\n", FaultKind::NoReceiver),
        (b"", FaultKind::Closed),
        (b"\x15\x03\x01\0\x02\x02\x46", FaultKind::WantsTls),
    ] {
        let fault = by("grpc", server(answer), LONG).fault.unwrap();
        assert_eq!(fault.kind, kind, "{fault:?}");
    }
}

#[test]
fn an_answer_in_json_is_one() {
    let answer =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{\"partialSuccess\":{}}";
    assert_eq!(by("http/protobuf", server(answer), LONG).fault, None);
}

#[test]
fn who_says_nothing_is_left_when_the_time_is_over() {
    let receiver = Receiver::start().unwrap();
    for (protocol, address) in [("http/protobuf", receiver.http()), ("grpc", receiver.grpc())] {
        let gate = Gate::before(address).unwrap();
        gate.set(Weather::Silent);
        let begun = obs_recorder::steady_ns();
        let fault = by(protocol, gate.address(), Duration::from_millis(300)).fault.unwrap();
        let took = Duration::from_nanos(obs_recorder::steady_ns() - begun);
        assert_eq!(fault.kind, FaultKind::Silent, "{fault:?}");
        // A loaded machine is given its time; a wait without end is not.
        assert!(took >= Duration::from_millis(200) && took < Duration::from_secs(30), "{took:?}");
    }
}

#[test]
fn settings_by_which_nothing_can_be_sent_are_told_before_anybody_is_asked() {
    let vars = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:1"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/none/ca.pem"),
    ];
    let probe = tried(&vars, LONG);
    let fault = probe.fault.unwrap();
    assert_eq!((fault.kind, probe.steps), (FaultKind::CertificateFile, Vec::new()));
    assert_eq!(fault.seen, "the certificate /none/ca.pem: No such file or directory (os error 2)");
}
