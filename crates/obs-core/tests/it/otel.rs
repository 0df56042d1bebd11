//! What OpenTelemetry's variables come to.

use obs_core::Settings;
use obs_core::settings::otel::{Endpoint, Export, ExportError, Signal};
use std::time::Duration;

fn settings(vars: &[(&str, &str)]) -> Settings {
    let settings = Settings::from_vars(vars.iter().copied());
    assert_eq!(settings.problems, [], "{vars:?}");
    settings
}

fn export(signal: Signal, vars: &[(&str, &str)]) -> Option<Export> {
    settings(vars).otel.export(signal).unwrap()
}

/// Both signals, as text.
fn exports<T: ToString>(vars: &[(&str, &str)], part: impl Fn(Export) -> T) -> [String; 2] {
    let vars = [&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all")], vars].concat();
    [Signal::Traces, Signal::Logs].map(|signal| part(export(signal, &vars).unwrap()).to_string())
}

#[test]
fn nothing_is_sent_before_an_endpoint_is_set_or_an_exporter_named() {
    let sent = |vars: &[(&str, &str)]| {
        [Signal::Traces, Signal::Logs].map(|signal| {
            export(signal, vars).map_or("-".to_owned(), |export| export.endpoint.to_string())
        })
    };
    let all = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all");
    let here = "http://localhost:4318/v1/traces";
    for (vars, expected) in [
        (&[][..], ["-", "-"]),
        (&[all], ["http://all/v1/traces", "http://all/v1/logs"]),
        (&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/x")], ["http://t/x", "-"]),
        (&[("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l")], ["-", "http://l"]),
        (&[("OTEL_TRACES_EXPORTER", "otlp")], [here, "-"]),
        (&[("OTEL_TRACES_EXPORTER", "OTLP,console")], [here, "-"]),
        (&[all, ("OTEL_TRACES_EXPORTER", "none")], ["-", "http://all/v1/logs"]),
        (&[all, ("OTEL_LOGS_EXPORTER", "console")], ["http://all/v1/traces", "-"]),
        (&[all, ("OTEL_SDK_DISABLED", "true")], ["-", "-"]),
        (&[all, ("OTEL_SDK_DISABLED", "false")], ["http://all/v1/traces", "http://all/v1/logs"]),
    ] {
        assert_eq!(sent(vars), expected, "{vars:?}");
    }
}

#[test]
fn paths_of_signals_are_put_behind_the_endpoint_of_all_with_one_slash_between() {
    for (endpoint, expected) in [
        ("http://c:4318", "http://c:4318/v1/traces"),
        ("http://c:4318/", "http://c:4318/v1/traces"),
        ("https://c/base", "https://c/base/v1/traces"),
        ("https://c/base//", "https://c/base/v1/traces"),
        ("HTTP://[::1]:4318", "http://[::1]:4318/v1/traces"),
    ] {
        let export = export(Signal::Traces, &[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
        assert_eq!(export.unwrap().endpoint.to_string(), expected);
    }
}

#[test]
fn grpc_takes_an_endpoint_without_a_scheme_and_is_secure_unless_told_otherwise() {
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    for (endpoint, insecure, expected) in [
        ("c:4317", "", "https://c:4317"),
        ("c:4317", "true", "http://c:4317"),
        ("http://c:4317", "false", "http://c:4317"),
        ("https://c:4317", "true", "https://c:4317"),
        ("", "", "http://localhost:4317"),
    ] {
        let vars = [
            grpc,
            ("OTEL_TRACES_EXPORTER", "otlp"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            ("OTEL_EXPORTER_OTLP_INSECURE", insecure),
        ];
        let export = export(Signal::Traces, &vars).unwrap();
        assert_eq!(export.endpoint.to_string(), expected);
        let own = [vars[0], vars[1], vars[2], ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", insecure)];
        let own = settings(&own).otel.export(Signal::Traces).unwrap().unwrap();
        assert_eq!(own.endpoint.to_string(), expected);
    }
    let bare = settings(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "c:4318")]);
    assert_eq!(bare.otel.export(Signal::Logs).unwrap_err(), ExportError::Scheme);
}

#[test]
fn what_is_set_for_one_signal_counts_more_than_what_is_set_for_all() {
    let headers = |export: &Export| {
        let pairs =
            export.headers.iter().map(|(name, value)| format!("{name}: {}", value.expose()));
        pairs.collect::<Vec<_>>().join("; ")
    };
    let certificate = |export: &Export| export.certificate.clone().unwrap().display().to_string();
    let part = |name: &str, export: &Export| match name {
        "PROTOCOL" => export.protocol.to_string(),
        "COMPRESSION" => export.compression.to_string(),
        "TIMEOUT" => format!("{:?}", export.timeout),
        "CERTIFICATE" => certificate(export),
        _ => headers(export),
    };
    for (name, all, own, expected) in [
        ("PROTOCOL", "http/protobuf", "grpc", ["http/protobuf", "grpc"]),
        ("COMPRESSION", "gzip", "zstd", ["gzip", "zstd"]),
        ("COMPRESSION", "gzip", "none", ["gzip", "none"]),
        ("TIMEOUT", "2000", "100", ["2s", "100ms"]),
        ("CERTIFICATE", "/all.pem", "/own.pem", ["/all.pem", "/own.pem"]),
        ("HEADERS", "key=all%20of%20it", "a=1,b=2", ["key: all of it", "a: 1; b: 2"]),
    ] {
        let of = |signal: &str| format!("OTEL_EXPORTER_OTLP_{signal}{name}");
        let [general, traces, logs] = [of(""), of("TRACES_"), of("LOGS_")];
        let [of_all, of_own] = expected;
        let found = |own_name: &str| {
            let vars = [(general.as_str(), all), (own_name, own)];
            exports(&vars, |export| part(name, &export))
        };
        assert_eq!(found(&traces), [of_own, of_all]);
        assert_eq!(found(&logs), [of_all, of_own]);
    }
}

#[test]
fn a_client_certificate_is_nothing_without_its_key() {
    let certificate = ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/c.pem");
    let key = ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/k.pem");
    let client = |export: Export| format!("{:?}", export.client);
    let pair = "Some((\"/c.pem\", \"/k.pem\"))";
    assert_eq!(exports(&[certificate, key], client), [pair, pair]);
    let own = [
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "/c.pem"),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "/k.pem"),
        ("OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE", "/c.pem"),
        ("OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY", "/k.pem"),
    ];
    assert_eq!(exports(&own, client), [pair, pair]);
    for one in [certificate, key] {
        let settings = settings(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c"), one]);
        assert_eq!(settings.otel.export(Signal::Logs).unwrap_err(), ExportError::Client);
    }
}

#[test]
fn a_request_takes_as_long_as_the_shorter_of_two_limits_lets_it_and_zero_is_none() {
    let timeout = |export: Export| format!("{:?}", export.timeout);
    let vars = [("OTEL_BSP_EXPORT_TIMEOUT", "1500"), ("OTEL_BLRP_EXPORT_TIMEOUT", "20000")];
    assert_eq!(exports(&vars, timeout), ["1.5s", "10s"]);
    let vars = [("OTEL_EXPORTER_OTLP_TIMEOUT", "0"), ("OTEL_BSP_EXPORT_TIMEOUT", "0")];
    assert_eq!(exports(&vars, timeout), ["31536000s", "30s"]);
}

#[test]
fn records_are_put_together_as_each_signal_wants_it() {
    let vars = [
        ("OTEL_BSP_SCHEDULE_DELAY", "200"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "7"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "8"),
    ];
    assert_eq!(exports(&vars, |export| format!("{:?}", export.delay)), ["200ms", "0ns"]);
    let vars = [("OTEL_BLRP_SCHEDULE_DELAY", "5000"), vars[1], vars[2]];
    assert_eq!(exports(&vars, |export| format!("{:?}", export.delay)), ["0ns", "5s"]);
    let records = |export: Export| format!("{:?}", export.batch_records);
    assert_eq!(exports(&vars, records), ["Some(7)", "Some(8)"]);
    assert_eq!(exports(&[], records), ["None", "None"]);
}

#[test]
fn limits_of_a_signal_count_more_than_those_of_all_attributes() {
    let limits = |export: Export| {
        format!("{:?} {:?}", export.limits.count_max, export.limits.value_length_max)
    };
    assert_eq!(exports(&[], limits), ["Some(128) None", "Some(128) None"]);
    let all = [("OTEL_ATTRIBUTE_COUNT_LIMIT", "5"), ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "6")];
    assert_eq!(exports(&all, limits), ["Some(5) Some(6)", "Some(5) Some(6)"]);
    let own = [
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1"),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "2"),
        ("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "3"),
        ("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "4"),
    ];
    assert_eq!(exports(&[&all[..], &own].concat(), limits), ["Some(1) Some(2)", "Some(3) Some(4)"]);
}

#[test]
fn the_service_is_named_by_the_first_that_names_it() {
    let own = ("OBS_SERVICE", "own");
    let otel = ("OTEL_SERVICE_NAME", "otel");
    let resource = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=a%20shop,x=y");
    for (vars, service) in [
        (&[own, otel, resource][..], "own"),
        (&[otel, resource], "otel"),
        (&[resource], "a shop"),
        (&[("OTEL_RESOURCE_ATTRIBUTES", "service.name=")], "unknown"),
    ] {
        let mut settings = settings(vars);
        assert_eq!(settings.service, service);
        settings.name_after("/bin/program".as_ref());
        let after = if service == "unknown" { "program" } else { service };
        assert_eq!(settings.service, after, "the program's name is the last resort");
    }
}

#[test]
fn values_of_headers_are_shown_nowhere() {
    let settings = settings(&[("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20c2VjcmV0")]);
    let shown =
        settings.all().find(|setting| setting.name == "otel_exporter_otlp_headers").unwrap();
    assert_eq!(shown.value, "authorization=[REDACTED]");
    let all = format!("{settings:?}");
    assert!(!all.contains("c2VjcmV0"), "{all}");
    let wrong = Settings::from_vars([("OTEL_EXPORTER_OTLP_HEADERS", "Bearer c2VjcmV0")]);
    assert_eq!(
        wrong.problems[0].to_string(),
        "OTEL_EXPORTER_OTLP_HEADERS is ignored: not understood, expected pairs such as \
         name=value,other=value"
    );
    assert!(!format!("{wrong:?}").contains("c2VjcmV0"));
}

#[test]
fn variables_that_are_not_honoured_and_slips_of_the_pen_are_named_and_others_are_not() {
    let problems = |name: &str| {
        let settings = Settings::from_vars([(name, "1")]);
        settings.problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for (name, expected) in [
        (
            "OTEL_BSP_MAX_QUEUE_SIZE",
            "is ignored: the journal is the queue, see OBS_JOURNAL_BYTES_MAX",
        ),
        ("OTEL_METRICS_EXPORTER", "is ignored: metrics are not sent yet"),
        (
            "OTEL_EXPORTER_OTLP_ENDPOIN",
            "is ignored: no such setting, did you mean OTEL_EXPORTER_OTLP_ENDPOINT?",
        ),
        ("OTEL_SERVICE_NAM", "is ignored: no such setting, did you mean OTEL_SERVICE_NAME?"),
    ] {
        assert_eq!(problems(name), [format!("{name} {expected}")]);
    }
    for name in ["OTEL_PYTHON_LOG_CORRELATION", "OTEL_SERVICE_NAME", "OTELCOL", "MY_OTEL"] {
        assert_eq!(problems(name), [""; 0]);
    }
}

#[test]
fn endpoints_are_taken_apart_and_nonsense_is_told() {
    let parts = |text: &str| {
        text.parse::<Endpoint>().map(|endpoint| {
            let port = endpoint.port().map_or(String::new(), |port| port.to_string());
            format!("{:?} {} {port} {}", endpoint.is_secure(), endpoint.host(), endpoint.path())
        })
    };
    for (text, expected) in [
        ("http://c:4318/a", Ok("Some(false) c 4318 /a")),
        ("https://c", Ok("Some(true) c  ")),
        ("c:4317", Ok("None c 4317 ")),
        ("http://[::1]:1/", Ok("Some(false) ::1 1 /")),
        ("http://[::1]", Ok("Some(false) ::1  ")),
        ("ftp://c", Err("its scheme is neither http nor https")),
        ("http://", Err("it names no host")),
        ("http:///v1", Err("it names no host")),
        ("", Err("it names no host")),
        ("::1", Err("it names no host")),
        ("http://c:0", Err("its port is not a number from 1 to 65535")),
        ("http://c:65536", Err("its port is not a number from 1 to 65535")),
        ("http://c:", Err("its port is not a number from 1 to 65535")),
        ("http://a:b@c", Err("it holds a user or password; those belong in the headers")),
        ("http://c d", Err("it holds spaces, quotes or characters beyond ASCII")),
        ("http://ü", Err("it holds spaces, quotes or characters beyond ASCII")),
    ] {
        let found = parts(text).map_err(|error| error.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
}

#[test]
fn durations_are_milliseconds_or_have_a_unit() {
    for (text, expected) in [("1500", "1.5s"), ("3s", "3s"), ("250ms", "250ms")] {
        let vars = [("OTEL_EXPORTER_OTLP_TIMEOUT", text)];
        assert_eq!(exports(&vars, |export| format!("{:?}", export.timeout))[0], expected);
    }
    let settings = settings(&[("OTEL_BSP_SCHEDULE_DELAY", "0")]);
    assert_eq!(settings.otel.bsp.schedule_delay, Some(Duration::ZERO));
}
