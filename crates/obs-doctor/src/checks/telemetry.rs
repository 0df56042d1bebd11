//! Settings of what leaves the process that contradict one another.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::subject::Subject;
use crate::text::variable;
use obs_core::settings::otel::{Endpoint, Export, ExportError, Signal};
use obs_core::settings::{Origin, OtlpProtocol, Sampler, Settings};

const FINE: Kind =
    Kind::ok("telemetry", "What leaves the process, and how, is said without contradiction.");
const DISABLED: Kind = Kind::warning(
    "otlp-disabled",
    "A receiver is set, and nothing is sent to it: OpenTelemetry is switched off.",
    "Unset `OTEL_SDK_DISABLED`, or the endpoint.",
);
const NONE: Kind = Kind::note(
    "otlp-none",
    "A receiver is set, and a signal is not sent to it, as its variable wants it.",
    "Unset `OTEL_TRACES_EXPORTER` or `OTEL_LOGS_EXPORTER`, if it is to be sent.",
);
const SCHEME: Kind = Kind::problem(
    "otlp-scheme",
    "The endpoint says neither `http://` nor `https://`, and HTTP needs one of them: nothing is sent.",
    "Put the scheme in front of it.",
);
const CLIENT: Kind = Kind::problem(
    "otlp-client-incomplete",
    "There is a client certificate without its key, or a key without its certificate: nothing is sent.",
    "Set both `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and `OTEL_EXPORTER_OTLP_CLIENT_KEY`, or none.",
);
const DOUBLED: Kind = Kind::problem(
    "otlp-path-doubled",
    "The endpoint of all signals ends in the path of one, and gets it once more.",
    "Leave the path out, or set the endpoint of that signal.",
);
const MISSING: Kind = Kind::problem(
    "otlp-path-missing",
    "The endpoint of one signal is taken as it is, and has no path.",
    "Add `/v1/traces` or `/v1/logs`, or set the endpoint of all signals.",
);
const PATH: Kind = Kind::warning(
    "otlp-path-grpc",
    "The endpoint has the path of HTTP, and the protocol is gRPC, which has paths of its own.",
    "Leave the path out, or set `OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`.",
);
const UNUSED: Kind = Kind::warning(
    "otlp-certificate-unused",
    "Certificates are set, and the endpoint is without TLS: everything is sent in clear.",
    "Write the endpoint with `https://`, or unset the certificates.",
);
const SAMPLING: Kind = Kind::warning(
    "sampling-off",
    "A receiver is set, and no trace that begins here is sent to it: the sampler takes none.",
    "Unset `OTEL_TRACES_SAMPLER`, or set `OTEL_TRACES_SAMPLER_ARG` above 0.",
);

/// Variables of which one takes back what another says.
pub const TELEMETRY: Check = Check::new(
    "telemetry",
    &[&FINE, &DISABLED, &NONE, &SCHEME, &CLIENT, &DOUBLED, &MISSING, &PATH, &UNUSED, &SAMPLING],
    run,
);

fn run(subject: &Subject) -> Vec<Finding> {
    let settings = &subject.settings;
    let mut findings = switched_off(settings);
    let mut exports = Vec::new();
    for signal in Signal::ALL {
        match settings.otel.export(signal) {
            Ok(Some(export)) => exports.push(export),
            Ok(None) => {}
            Err(error) => findings.push(contradiction(settings, signal, error)),
        }
    }
    findings.extend(exports.iter().filter_map(|export| path(settings, export)));
    findings.extend(exports.iter().find_map(|export| unused(settings, export)));
    if exports.iter().any(|export| export.signal == Signal::Traces) {
        findings.extend(sampling(settings));
    }
    // The general endpoint is found wanting once for each signal.
    findings.dedup_by(|one, other| one.kind == other.kind && one.set == other.set);
    if findings.is_empty() {
        findings.push(Finding::new(&FINE, words(&exports)));
    }
    findings
}

fn words(exports: &[Export]) -> String {
    let word = |export: &Export| {
        format!("{} to {} by {}", export.signal, export.endpoint, export.protocol)
    };
    let words: Vec<String> = exports.iter().map(word).collect();
    if words.is_empty() {
        "nothing is sent, as no endpoint is set".to_owned()
    } else {
        words.join(", ")
    }
}

/// The setting of one signal, if it is set, else that of all.
pub(crate) fn setting(settings: &Settings, signal: Signal, end: &str) -> String {
    let own = format!("otel_exporter_otlp_{signal}_{end}");
    match settings.origin(&own) {
        None | Some(Origin::Default) => format!("otel_exporter_otlp_{end}"),
        Some(_) => own,
    }
}

fn has_endpoint(settings: &Settings) -> bool {
    let otel = &settings.otel;
    let endpoints = [&otel.otlp, &otel.otlp_traces, &otel.otlp_logs];
    endpoints.iter().any(|otlp| otlp.endpoint.is_some())
}

fn switched_off(settings: &Settings) -> Vec<Finding> {
    let otel = &settings.otel;
    if !has_endpoint(settings) {
        return Vec::new();
    }
    if otel.sdk_disabled {
        let what = "a receiver is set, and nothing is sent: OpenTelemetry is switched off";
        let finding = Finding::new(&DISABLED, what).seen("OTEL_SDK_DISABLED=true");
        return vec![finding.without(settings, "otel_sdk_disabled")];
    }
    let off = [
        (Signal::Traces, otel.traces_exporter, "otel_traces_exporter"),
        (Signal::Logs, otel.logs_exporter, "otel_logs_exporter"),
    ];
    let off = off.into_iter().filter(|(_, to, _)| to.is_some_and(|to| !to.otlp));
    off.map(|(signal, _, name)| {
        let finding = Finding::new(&NONE, format!("{signal} are not sent to the receiver"));
        finding.seen(format!("{} does not name otlp", variable(name))).without(settings, name)
    })
    .collect()
}

fn contradiction(settings: &Settings, signal: Signal, error: ExportError) -> Finding {
    let what = format!("{signal} are not sent: {error}");
    match error {
        ExportError::Client => {
            let certificate = setting(settings, signal, "client_certificate");
            let key = setting(settings, signal, "client_key");
            let is_set = |name: &String| settings.origin(name) != Some(Origin::Default);
            let (there, missing) =
                if is_set(&certificate) { (certificate, key) } else { (key, certificate) };
            Finding::new(&CLIENT, what)
                .seen(format!("{} is set, {} is not", variable(&there), variable(&missing)))
                .remedy(format!("export {}=FILE, or go without both:", variable(&missing)))
                .without(settings, &there)
        }
        _ => {
            let name = setting(settings, signal, "endpoint");
            let endpoint = endpoint_of(settings, &name).map(ToString::to_string);
            let endpoint = endpoint.unwrap_or_default();
            Finding::new(&SCHEME, what)
                .seen(format!("{}={endpoint}", variable(&name)))
                .export(&variable(&name), format!("http://{endpoint}"))
        }
    }
}

/// The endpoint as it was set.
pub(crate) fn endpoint_of<'s>(settings: &'s Settings, name: &str) -> Option<&'s Endpoint> {
    let otel = &settings.otel;
    let otlp = match name {
        "otel_exporter_otlp_traces_endpoint" => &otel.otlp_traces,
        "otel_exporter_otlp_logs_endpoint" => &otel.otlp_logs,
        _ => &otel.otlp,
    };
    otlp.endpoint.as_ref()
}

/// The address without its path.
pub(crate) fn without_path(endpoint: &Endpoint, suffix: &str) -> String {
    let text = endpoint.to_string();
    let cut = text.trim_end_matches('/').strip_suffix(suffix).map(str::to_owned);
    cut.unwrap_or(text)
}

fn path(settings: &Settings, export: &Export) -> Option<Finding> {
    let name = setting(settings, export.signal, "endpoint");
    let endpoint = endpoint_of(settings, &name)?;
    let is_general = name == "otel_exporter_otlp_endpoint";
    let path = endpoint.path().trim_end_matches('/');
    let of_signal = Signal::ALL.into_iter().find(|signal| path.ends_with(signal.path()));
    let seen = format!("{}={endpoint}", variable(&name));
    match (export.protocol, of_signal) {
        (OtlpProtocol::Grpc, Some(signal)) => {
            let what = format!("the endpoint has the path {}, and gRPC has its own", signal.path());
            let rest = without_path(endpoint, signal.path());
            Some(Finding::new(&PATH, what).seen(seen).export(&variable(&name), rest))
        }
        (OtlpProtocol::Grpc, None) => None,
        (_, Some(signal)) if is_general => {
            let what = format!("{} go to {}", export.signal, export.endpoint);
            let rest = without_path(endpoint, signal.path());
            Some(Finding::new(&DOUBLED, what).seen(seen).export(&variable(&name), rest))
        }
        (_, None) if !is_general && path.is_empty() => {
            let what = format!("{} go to {}, without a path", export.signal, export.endpoint);
            let whole = endpoint.join(export.signal.path()).to_string();
            Some(Finding::new(&MISSING, what).seen(seen).export(&variable(&name), whole))
        }
        _ => None,
    }
}

/// Certificates for an endpoint without TLS.
fn unused(settings: &Settings, export: &Export) -> Option<Finding> {
    let has_any = export.certificate.is_some() || export.client.is_some();
    if !has_any || export.endpoint.is_secure() != Some(false) {
        return None;
    }
    let name = setting(settings, export.signal, "endpoint");
    let endpoint = endpoint_of(settings, &name)?.to_string();
    let rest = endpoint.split_once("://").map_or(endpoint.as_str(), |(_, rest)| rest);
    let ends = ["certificate", "client_certificate", "client_key"];
    let set = ends.map(|end| setting(settings, export.signal, end));
    let set = set.into_iter().filter(|name| settings.origin(name) != Some(Origin::Default));
    let set: Vec<String> = set.map(|name| variable(&name)).collect();
    let finding = Finding::new(&UNUSED, "certificates are set, and everything is sent in clear");
    let finding =
        finding.seen(format!("{}={endpoint}, beside {}", variable(&name), set.join(", ")));
    Some(finding.export(&variable(&name), format!("https://{rest}")))
}

fn sampling(settings: &Settings) -> Option<Finding> {
    let otel = &settings.otel;
    let nothing = otel.traces_sampler_arg == Some(0.0);
    let is_off = match otel.traces_sampler {
        Sampler::AlwaysOff | Sampler::ParentBasedAlwaysOff => true,
        Sampler::TraceIdRatio | Sampler::ParentBasedTraceIdRatio => nothing,
        _ => false,
    };
    let has_tail_rule = settings.traces_keep_errors
        || !settings.traces_keep_slower_than.is_zero()
        || settings.traces_keep_matching.iter().next().is_some();
    (is_off && !has_tail_rule).then(|| {
        let what = "no trace that begins here is sent: the sampler takes none";
        let finding = Finding::new(&SAMPLING, what);
        let finding = finding.seen(format!("OTEL_TRACES_SAMPLER={}", otel.traces_sampler));
        finding.without(settings, "otel_traces_sampler")
    })
}
