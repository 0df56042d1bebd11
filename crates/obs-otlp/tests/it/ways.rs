//! Every way to a receiver delivers the same.
use crate::support::{Sending, make};
use obs_receiver::{Certificates, Receiver, ReceiverOptions, attribute, text};
use std::path::Path;
use tempfile::TempDir;

const COUNT: u64 = 3_000;

/// Sends spans and log records, and looks whether each arrived once.
fn deliver(receiver: &Receiver, vars: &[(&str, &str)]) {
    let sending = Sending::start(vars);
    make(1..=COUNT);
    let delivery = sending.finish();
    assert!(delivery.is_complete(), "{delivery:?}");
    let store = receiver.store();
    let mut spans: Vec<u64> =
        store.spans.iter().map(|span| number(&span.item.attributes)).collect();
    let mut logs: Vec<u64> = store
        .logs
        .iter()
        .filter(|log| text(log.item.body.as_ref()) == "bought")
        .map(|log| number(&log.item.attributes))
        .collect();
    spans.sort_unstable();
    logs.sort_unstable();
    let expected: Vec<u64> = (1..=COUNT).collect();
    assert!(spans == expected && logs == expected, "{vars:?}");
}

fn number(attributes: &[obs_receiver::proto::common::v1::KeyValue]) -> u64 {
    attribute(attributes, "f0").unwrap().parse().unwrap()
}

#[test]
fn both_protocols_deliver_with_every_compression() {
    for protocol in ["http/protobuf", "grpc"] {
        for compression in ["none", "gzip", "zstd"] {
            let receiver = Receiver::start().unwrap();
            let vars = [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", &*receiver.endpoint(protocol)),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                ("OTEL_EXPORTER_OTLP_COMPRESSION", compression),
                ("OTEL_EXPORTER_OTLP_HEADERS", "x-token=a%20b"),
            ];
            deliver(&receiver, &vars);
            let store = receiver.store();
            assert_eq!(store.header("x-token"), Some("a b"));
            let name = if protocol == "grpc" { "grpc-encoding" } else { "content-encoding" };
            let seen = store.header(name).unwrap_or("none");
            // The encoding is tonic's own business, which takes its header away.
            assert!(seen == compression || protocol == "grpc", "{protocol} {seen}");
        }
    }
}

/// Writes a file, and returns its path.
fn put(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_server_that_the_own_authority_vouches_for_is_trusted_and_knows_its_client() {
    let (certificates, directory) = (Certificates::make().unwrap(), TempDir::new().unwrap());
    let put = |name, text| put(directory.path(), name, text);
    let (authority, client, key) = (
        put("ca.pem", &certificates.authority),
        put("client.pem", &certificates.client),
        put("key.pem", &certificates.client_key),
    );
    for protocol in ["http/protobuf", "grpc"] {
        for wants_client in [false, true] {
            let mut options = ReceiverOptions::default();
            options.certificates = Some(certificates.clone());
            options.wants_client = wants_client;
            let receiver = Receiver::start_with(&options).unwrap();
            let endpoint = receiver.endpoint(protocol);
            let mut vars = vec![
                ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
                ("OTEL_EXPORTER_OTLP_CERTIFICATE", &*authority),
            ];
            if wants_client {
                vars.push(("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", &*client));
                vars.push(("OTEL_EXPORTER_OTLP_CLIENT_KEY", &*key));
            }
            deliver(&receiver, &vars);
        }
    }
}

#[test]
fn files_that_hold_no_certificate_or_key_are_told_before_anything_is_sent() {
    let (certificates, directory) = (Certificates::make().unwrap(), TempDir::new().unwrap());
    let put = |name, text| put(directory.path(), name, text);
    let right = put("ca.pem", &certificates.authority);
    let (key, empty) = (put("key.pem", &certificates.client_key), put("empty.pem", ""));
    let missing = directory.path().join("missing.pem").to_str().unwrap().to_owned();
    let folder = directory.path().to_str().unwrap().to_owned();
    for protocol in ["http/protobuf", "grpc"] {
        for (certificate, client, client_key, expected) in [
            (&empty, None, None, "empty.pem: holds no certificate in PEM"),
            (&missing, None, None, "missing.pem: No such file or directory"),
            (&folder, None, None, "is no file, or longer than 4 MiB"),
            (&right, Some(&key), Some(&key), "key.pem: holds no certificate in PEM"),
            (&right, Some(&right), Some(&empty), "empty.pem: "),
        ] {
            let none = String::new();
            let vars = [
                ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://localhost:1"),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                ("OTEL_EXPORTER_OTLP_CERTIFICATE", certificate),
                ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", client.unwrap_or(&none)),
                ("OTEL_EXPORTER_OTLP_CLIENT_KEY", client_key.unwrap_or(&none)),
            ];
            let settings = obs_core::Settings::from_vars(vars);
            let export = settings.otel.export(obs_core::settings::otel::Signal::Traces);
            let options = obs_otlp::OtlpOptions::new(
                export.unwrap().unwrap(),
                &settings.otel,
                obs_otlp::Resource::default(),
            );
            let error = obs_otlp::OtlpSink::new(options).unwrap_err();
            assert_eq!(error.kind(), obs_otlp::OtlpErrorKind::Certificate);
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}

#[test]
fn a_delay_is_waited_out_unless_much_waits_or_the_run_ends() {
    let receiver = Receiver::start().unwrap();
    let endpoint = receiver.endpoint("http");
    let sending = Sending::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_LOGS_EXPORTER", "none"),
        ("OTEL_BSP_SCHEDULE_DELAY", "3600000"),
        ("OBS_OVERFLOW", "block"),
    ]);
    let arrived = || receiver.store().spans.len();
    make(1..=1);
    sending.wait_until(|_| arrived() == 1);
    make(2..=10);
    let synced = |delivery: &obs_core::Delivery| {
        delivery.sinks.iter().any(|sink| sink.name == "otlp-traces" && sink.pending > 18)
    };
    sending.wait_until(synced);
    assert_eq!(arrived(), 1);
    make(11..=20_000);
    sending.wait_until(|_| arrived() > 1_000);
    assert!(sending.finish().is_complete());
    assert_eq!(arrived(), 20_000);
}
