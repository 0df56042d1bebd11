//! Settings that contradict one another.
use obs_core::Settings;
use obs_doctor::{Check, Finding, Severity, Subject, TELEMETRY, examine};

fn findings(vars: &[(&str, &str)]) -> Vec<Finding> {
    let settings = Settings::from_vars(vars.iter().copied());
    examine(&Subject::new(settings), &[TELEMETRY]).findings
}

/// The variables with those of the remedy.
fn remedied<'a>(vars: &[(&'a str, &'a str)], finding: &'a Finding) -> Vec<(&'a str, &'a str)> {
    let mut vars = vars.to_vec();
    for (name, value) in &finding.set {
        vars.retain(|(known, _)| known != name);
        vars.extend(value.as_deref().map(|value| (name.as_str(), value)));
    }
    vars
}

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const LOGS: &str = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";
const URL: &str = "http://c:4318";

#[test]
fn each_contradiction_is_told_once_and_what_to_do_ends_it() {
    for (vars, id, severity) in [
        (&[(ENDPOINT, URL), ("OTEL_SDK_DISABLED", "true")][..], "otlp-disabled", Severity::Warning),
        (&[(ENDPOINT, URL), ("OTEL_LOGS_EXPORTER", "none")], "otlp-none", Severity::Note),
        (&[(ENDPOINT, "c:4318")], "otlp-scheme", Severity::Problem),
        (&[(TRACES, "c:4318/v1/traces")], "otlp-scheme", Severity::Problem),
        (
            &[(ENDPOINT, URL), ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/k")],
            "otlp-client-incomplete",
            Severity::Problem,
        ),
        (
            &[(ENDPOINT, URL), ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/k")],
            "otlp-client-incomplete",
            Severity::Problem,
        ),
        (&[(ENDPOINT, "http://c:4318/v1/traces")], "otlp-path-doubled", Severity::Problem),
        (&[(ENDPOINT, "https://c/base/v1/logs/")], "otlp-path-doubled", Severity::Problem),
        (&[(TRACES, URL)], "otlp-path-missing", Severity::Problem),
        (&[(LOGS, "http://c:4318/")], "otlp-path-missing", Severity::Problem),
        (
            &[(ENDPOINT, "http://c:4317/v1/traces"), (PROTOCOL, "grpc")],
            "otlp-path-grpc",
            Severity::Warning,
        ),
        (
            &[(ENDPOINT, URL), ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem")],
            "otlp-certificate-unused",
            Severity::Warning,
        ),
        (
            &[(ENDPOINT, URL), ("OTEL_TRACES_SAMPLER", "always_off")],
            "sampling-off",
            Severity::Warning,
        ),
        (
            &[
                (ENDPOINT, URL),
                ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
                ("OTEL_TRACES_SAMPLER_ARG", "0"),
            ],
            "sampling-off",
            Severity::Warning,
        ),
    ] {
        let found = findings(vars);
        let ids: Vec<_> = found.iter().map(Finding::id).collect();
        let count = ids.iter().filter(|other| **other == id).count();
        assert_eq!(ids.len(), count, "{vars:?}: {ids:?}");
        assert_eq!(found[0].severity(), severity);
        assert!(!found[0].seen.is_empty() && !found[0].remedy.is_empty(), "{:?}", found[0]);
        let mut after = vars.to_vec();
        for finding in &found {
            after = remedied(&after, finding);
        }
        let left = findings(&after);
        assert!(left.iter().all(|finding| finding.id() != id), "{vars:?}: {left:?}");
    }
}

#[test]
fn a_sampler_that_takes_none_is_fine_where_a_rule_keeps_what_matters() {
    let vars = [(ENDPOINT, URL), ("OTEL_TRACES_SAMPLER", "always_off")];
    for rule in [
        ("OBS_TRACES_KEEP_ERRORS", "true"),
        ("OBS_TRACES_KEEP_SLOWER_THAN", "1s"),
        ("OBS_TRACES_KEEP_MATCHING", "a=b"),
    ] {
        let found = findings(&[&vars[..], &[rule]].concat());
        assert_eq!(found.iter().map(Finding::id).collect::<Vec<_>>(), ["telemetry"]);
    }
}

#[test]
fn what_is_said_without_contradiction_is_one_line() {
    for (vars, what) in [
        (&[][..], "nothing is sent, as no endpoint is set"),
        (
            &[(ENDPOINT, "http://c:4318/base")],
            "traces to http://c:4318/base/v1/traces by http/protobuf, logs to http://c:4318/base/v1/logs by \
             http/protobuf",
        ),
        (&[(TRACES, "http://c/ingest")], "traces to http://c/ingest by http/protobuf"),
    ] {
        let found = findings(vars);
        assert_eq!(found.iter().map(|it| it.what.as_str()).collect::<Vec<_>>(), [what]);
    }
}

#[test]
fn a_check_that_panics_or_hangs_is_told_and_the_others_go_on() {
    let panics = Check::new("panics", &[], |_| unreachable!("this check panics"));
    let hangs = Check::new("hangs", &[], |_| {
        loop {
            std::thread::park();
        }
    });
    let mut subject = Subject::new(Settings::default());
    subject.timeout = std::time::Duration::ZERO;
    let report = examine(&subject, &[panics, hangs, TELEMETRY]);
    let ids: Vec<_> = report.findings.iter().map(Finding::id).collect();
    assert_eq!(ids, ["check-failed", "check-hangs", "telemetry"]);
    assert_eq!(report.findings[0].what, "the check of panics panicked");
    assert_eq!(report.findings[1].what, "the check of hangs did not end within 1.0s");
}

#[test]
fn what_others_said_is_told_without_its_secrets() {
    const SAYS: obs_doctor::Kind = obs_doctor::Kind::new("says", Severity::Note, "", "");
    let check = Check::new("says", &[&SAYS], |_| {
        let finding = Finding::new(&SAYS, "postgres://ada:hunter2@db/shop");
        vec![finding.seen("password=hunter2").export("A", "token=hunter2")]
    });
    let report = examine(&Subject::new(Settings::default()), &[check]);
    let shown = format!("{:?}", report.findings[0]);
    assert!(!shown.contains("hunter2") && shown.contains("[REDACTED"), "{shown}");
}
