//! `obs doctor` and receivers that do not answer as they should.
use crate::doctor::{Sign, Vars, doctor, finding, named_and_remedied, told};
use crate::support::{Dir, text};
use obs_receiver::{Behaviour, Certificates, Gate, Receiver, ReceiverOptions, Weather};
use serde_json::Value;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

/// Variables for a receiver that is asked at `endpoint`.
fn to(endpoint: &str, protocol: &str) -> Vars {
    Vars::new(&[(ENDPOINT, endpoint), (PROTOCOL, protocol)])
}

/// All is well, and what is to be sent arrives.
#[track_caller]
fn arrives(told: &Value) {
    assert!(["ok", "note"].contains(&text(told, "worst")), "{told:#}");
    assert!(finding(told, "otlp").is_some(), "{told:#}");
}

/// Writes a file, and returns its path.
fn put(dir: &Dir, name: &str, text: &str) -> String {
    let path = dir.path(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn secured(certificates: &Certificates, wants_client: bool) -> Receiver {
    let mut options = ReceiverOptions::default();
    options.certificates = Some(certificates.clone());
    options.wants_client = wants_client;
    Receiver::start_with(&options).unwrap()
}

#[test]
fn a_port_where_nothing_listens_is_named() {
    let dir = Dir::new();
    let receiver = Receiver::start().unwrap();
    for protocol in PROTOCOLS {
        let sign = Sign {
            id: "otlp-refused",
            seen: "127.0.0.1:1: Connection refused (os error 111)",
            remedy: "start the receiver at 127.0.0.1:1",
        };
        let right = receiver.endpoint(protocol);
        let vars = to("http://127.0.0.1:1", protocol);
        arrives(&named_and_remedied(&dir, &vars, &sign, &[(ENDPOINT, &right)]));
    }
}

#[test]
fn a_protocol_at_the_port_of_the_other_is_named_and_changed() {
    let dir = Dir::new();
    let receiver = Receiver::start().unwrap();
    let certificates = Certificates::make().unwrap();
    let secure = secured(&certificates, false);
    let authority = put(&dir, "ca.pem", &certificates.authority);
    for receiver in [&receiver, &secure] {
        let more = [(CERTIFICATE, authority.as_str())];
        let more = if std::ptr::eq(receiver, &raw const secure) { &more[..] } else { &[] };
        let vars = to(&receiver.endpoint("http"), "grpc").with(more);
        let sign = Sign {
            id: "otlp-grpc-to-http",
            seen: "",
            remedy: "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        };
        arrives(&named_and_remedied(&dir, &vars, &sign, &[]));
        let vars = to(&receiver.endpoint("grpc"), "http/protobuf").with(more);
        let sign = Sign {
            id: "otlp-http-to-grpc",
            seen: "asked in HTTP/1.1, it answers frames of HTTP/2",
            remedy: "export OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
        };
        arrives(&named_and_remedied(&dir, &vars, &sign, &[]));
    }
}

#[test]
fn a_signal_of_its_own_gets_variables_of_its_own() {
    let dir = Dir::new();
    let receiver = Receiver::start().unwrap();
    let vars = Vars::new(&[
        (TRACES, &receiver.endpoint("http")),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
    ]);
    let sign = Sign {
        id: "otlp-grpc-to-http",
        seen: "it answers \"HTTP/1.1 415",
        remedy: "export OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf",
    };
    arrives(&named_and_remedied(&dir, &vars, &sign, &[]));
    let vars = Vars::new(&[(TRACES, &format!("{}/v1/traces", receiver.endpoint("grpc")))]);
    let sign = Sign { id: "otlp-http-to-grpc", seen: "frames of HTTP/2", remedy: "_PROTOCOL=grpc" };
    arrives(&named_and_remedied(&dir, &vars, &sign, &[]));
}

#[test]
fn tls_that_only_one_side_speaks_is_named_and_changed() {
    let dir = Dir::new();
    let plain = Receiver::start().unwrap();
    let certificates = Certificates::make().unwrap();
    let secure = secured(&certificates, false);
    let authority = put(&dir, "ca.pem", &certificates.authority);
    for protocol in PROTOCOLS {
        let (right, wrong) =
            (plain.endpoint(protocol), plain.endpoint(protocol).replace("http:", "https:"));
        let vars = to(&wrong, protocol);
        let remedy = format!("export {ENDPOINT}={right}");
        let sign = Sign { id: "otlp-no-tls", seen: "without TLS it answers", remedy: &remedy };
        arrives(&named_and_remedied(&dir, &vars, &sign, &[]));

        let (right, wrong) =
            (secure.endpoint(protocol), secure.endpoint(protocol).replace("https:", "http:"));
        let remedy = format!("export {ENDPOINT}={right}");
        let sign = Sign { id: "otlp-wants-tls", seen: "it answers TLS", remedy: &remedy };
        let vars = to(&wrong, protocol).with(&[(CERTIFICATE, &authority)]);
        arrives(&named_and_remedied(&dir, &vars, &sign, &[]));
    }
}

#[test]
fn files_of_certificates_that_cannot_be_used_are_named() {
    let dir = Dir::new();
    let certificates = Certificates::make().unwrap();
    let receiver = secured(&certificates, false);
    let right = put(&dir, "ca.pem", &certificates.authority);
    let other = put(&dir, "other.pem", &Certificates::make().unwrap().authority);
    let text = put(&dir, "text.pem", "no certificate\n");
    let missing = dir.path("missing.pem").to_str().unwrap().to_owned();
    for protocol in PROTOCOLS {
        for (wrong, id, seen) in [
            (&missing, "otlp-certificate-file", "missing.pem: No such file or directory"),
            (&text, "otlp-certificate-file", "text.pem: holds no certificate in PEM"),
            (&other, "otlp-authority", "invalid peer certificate"),
        ] {
            let vars = to(&receiver.endpoint(protocol), protocol).with(&[(CERTIFICATE, wrong)]);
            let sign = Sign { id, seen, remedy: "export OTEL_EXPORTER_OTLP_CERTIFICATE=FILE" };
            arrives(&named_and_remedied(&dir, &vars, &sign, &[(CERTIFICATE, &right)]));
        }
    }
}

#[test]
fn certificates_of_another_name_or_another_time_are_named() {
    let dir = Dir::new();
    let good = Certificates::make().unwrap();
    let right = secured(&good, false);
    let authority = put(&dir, "ca.pem", &good.authority);
    let elsewhere = Certificates::for_names(&["collector.example"]).unwrap();
    let old = Certificates::expired().unwrap();
    for (certificates, id, seen, remedy) in [
        (
            &elsewhere,
            "otlp-server-name",
            "collector.example",
            "a host's name that the certificate is for",
        ),
        (&old, "otlp-certificate-expired", "expired", "renew it there"),
    ] {
        let wrong = secured(certificates, false);
        let theirs = put(&dir, "their.pem", &certificates.authority);
        for protocol in PROTOCOLS {
            let vars = to(&wrong.endpoint(protocol), protocol).with(&[(CERTIFICATE, &theirs)]);
            // A server that was given another certificate is another server here.
            let further = [(ENDPOINT, &*right.endpoint(protocol)), (CERTIFICATE, &authority)];
            let sign = Sign { id, seen, remedy };
            arrives(&named_and_remedied(&dir, &vars, &sign, &further));
        }
    }
}

#[test]
fn a_missing_certificate_of_the_client_is_named() {
    let dir = Dir::new();
    let certificates = Certificates::make().unwrap();
    let receiver = secured(&certificates, true);
    let authority = put(&dir, "ca.pem", &certificates.authority);
    let client = put(&dir, "client.pem", &certificates.client);
    let key = put(&dir, "key.pem", &certificates.client_key);
    for protocol in PROTOCOLS {
        let vars = to(&receiver.endpoint(protocol), protocol).with(&[(CERTIFICATE, &authority)]);
        let both = [
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", client.as_str()),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", &key),
        ];
        let sign = Sign {
            id: "otlp-client-certificate",
            seen: "CertificateRequired",
            remedy: "export OTEL_EXPORTER_OTLP_CLIENT_KEY=FILE",
        };
        arrives(&named_and_remedied(&dir, &vars, &sign, &both));
        let sign = Sign {
            id: "otlp-client-incomplete",
            seen: "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is set",
            remedy: "export OTEL_EXPORTER_OTLP_CLIENT_KEY=FILE",
        };
        arrives(&named_and_remedied(&dir, &vars.with(&both[..1]), &sign, &both));
    }
}

#[test]
fn a_name_without_an_address_is_named() {
    let dir = Dir::new();
    let receiver = Receiver::start().unwrap();
    for protocol in PROTOCOLS {
        let sign = Sign {
            id: "otlp-name",
            seen: "the name nobody.invalid: ",
            remedy: "getent hosts nobody.invalid",
        };
        let right = receiver.endpoint(protocol);
        let vars = to("http://nobody.invalid:4318", protocol);
        arrives(&named_and_remedied(&dir, &vars, &sign, &[(ENDPOINT, &right)]));
    }
}

#[test]
fn a_path_that_is_there_twice_or_not_at_all_is_named_and_changed() {
    let dir = Dir::new();
    let receiver = Receiver::start().unwrap();
    let endpoint = receiver.endpoint("http");
    for (name, wrong, right, also) in [
        (ENDPOINT, format!("{endpoint}/v1/traces"), endpoint.clone(), "otlp-path-doubled"),
        (TRACES, endpoint.clone(), format!("{endpoint}/v1/traces"), "otlp-path-missing"),
    ] {
        let vars = Vars::new(&[(name, &wrong)]);
        let remedy = format!("export {name}={right}");
        for (id, seen) in [("otlp-not-found", "HTTP 404 Not Found"), (also, wrong.as_str())] {
            arrives(&named_and_remedied(&dir, &vars, &Sign { id, seen, remedy: &remedy }, &[]));
        }
    }
}

#[test]
fn a_refusal_is_named_by_its_status() {
    let dir = Dir::new();
    let receiver = Receiver::start().unwrap();
    for (status, code, id, remedy) in [
        (401, 16, "otlp-unauthorized", "set OTEL_EXPORTER_OTLP_HEADERS to"),
        (403, 7, "otlp-unauthorized", "set OTEL_EXPORTER_OTLP_HEADERS to"),
        (404, 12, "otlp-not-found", "with the receiver's own path"),
        (429, 8, "otlp-busy", "waits in the journal"),
        (503, 14, "otlp-busy", "waits in the journal"),
        (500, 13, "otlp-status", "see the receiver's own log"),
    ] {
        for protocol in PROTOCOLS {
            let refuse = Behaviour::Refuse { status, code, retry_after: None, retry_info: None };
            receiver.behave(refuse);
            let vars = to(&receiver.endpoint(protocol), protocol);
            let said = told(&doctor(&dir, &vars, &["--json"]));
            let found = finding(&said, id).unwrap_or_else(|| panic!("no {id}: {said:#}"));
            let expected =
                if protocol == "grpc" { "gRPC ".to_owned() } else { format!("HTTP {status} ") };
            let (seen, todo) = (found["seen"].to_string(), found["do"].to_string());
            assert!(seen.contains(&expected) && seen.contains("not now"), "{found:#}");
            assert!(todo.contains(remedy), "{found:#}");
            // The receiver has learnt who sends, or has done what else it was asked for.
            receiver.behave(Behaviour::Take);
            arrives(&told(&doctor(&dir, &vars, &["--json"])));
        }
    }
    for (status, id) in [(413, "otlp-too-large"), (415, "otlp-unsupported"), (302, "otlp-redirect")]
    {
        receiver.behave(Behaviour::Refuse {
            status,
            code: 13,
            retry_after: None,
            retry_info: None,
        });
        let vars = to(&receiver.endpoint("http"), "http/protobuf")
            .with(&[("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd")]);
        let said = told(&doctor(&dir, &vars, &["--json"]));
        let found = finding(&said, id).unwrap_or_else(|| panic!("no {id}: {said:#}"));
        let is_of_compression = id == "otlp-unsupported";
        assert_eq!(found["set"]["OTEL_EXPORTER_OTLP_COMPRESSION"] == "none", is_of_compression);
    }
}

#[test]
fn who_never_answers_hangs_up_or_talks_nonsense_is_named() {
    let dir = Dir::new();
    let receiver = Receiver::start().unwrap();
    for protocol in PROTOCOLS {
        let address = if protocol == "grpc" { receiver.grpc() } else { receiver.http() };
        let gate = Gate::before(address).unwrap();
        let vars = to(&format!("http://{}", gate.address()), protocol);
        for (weather, id, seen) in [
            (Weather::Silent, "otlp-silent", "no answer"),
            (Weather::Down, "otlp-closed", "nothing, and cuts the connection"),
            (Weather::Garbage, "otlp-no-receiver", "I am no receiver"),
        ] {
            gate.set(weather);
            // Nothing but silence takes as long as it may.
            let patience = if weather == Weather::Silent { "500ms" } else { "20s" };
            let said = told(&doctor(&dir, &vars, &["--json", "--timeout", patience]));
            let found =
                finding(&said, id).unwrap_or_else(|| panic!("{protocol}: no {id}: {said:#}"));
            assert!(found.to_string().contains(seen), "{found:#}");
            assert!(!found["seen"].as_array().unwrap().is_empty(), "{found:#}");
            assert!(!found["do"].as_array().unwrap().is_empty(), "{found:#}");
            gate.set(Weather::Fair);
            arrives(&told(&doctor(&dir, &vars, &["--json"])));
        }
    }
    receiver.behave(Behaviour::Garbage);
    let vars = to(&receiver.endpoint("http"), "http/protobuf");
    let said = told(&doctor(&dir, &vars, &["--json"]));
    let found = finding(&said, "otlp-no-receiver").unwrap_or_else(|| panic!("{said:#}"));
    assert!(found["seen"].to_string().contains("HTTP 200 OK"), "{found:#}");
    assert!(found["seen"].to_string().contains("<html>welcome</html>"), "{found:#}");
}

#[test]
fn a_receiver_that_is_switched_off_or_behind_a_proxy_is_named() {
    let dir = Dir::new();
    let receiver = Receiver::start().unwrap();
    let vars = to(&receiver.endpoint("http"), "http/protobuf");
    let sign = Sign {
        id: "otlp-disabled",
        seen: "OTEL_SDK_DISABLED=true",
        remedy: "unset OTEL_SDK_DISABLED",
    };
    arrives(&named_and_remedied(
        &dir,
        &vars.clone().with(&[("OTEL_SDK_DISABLED", "true")]),
        &sign,
        &[],
    ));
    let behind = vars.with(&[("HTTP_PROXY", "http://127.0.0.1:1")]);
    let sign = Sign {
        id: "otlp-proxy-fails",
        seen: "127.0.0.1:1: Connection refused",
        remedy: "export NO_PROXY=localhost",
    };
    arrives(&named_and_remedied(&dir, &behind, &sign, &[]));
}
