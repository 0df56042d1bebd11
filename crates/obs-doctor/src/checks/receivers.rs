//! Receivers, each of them tried.
mod kinds;
mod remedy;

use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::subject::Subject;
use kinds::{FINE, KINDS, OFF, PROXY};
use obs_core::settings::otel::{Export, Signal};
use obs_otlp::{Fault, Probe, probe};

/// A real request, which holds nothing, to every receiver, and what there is on the way to it.
pub const RECEIVERS: Check = Check::new("receivers", KINDS, run);

/// One fault of one receiver, and the signals that it befalls.
struct Trouble {
    exports: Vec<Export>,
    fault: Fault,
    seen: Vec<String>,
}

fn run(subject: &Subject) -> Vec<Finding> {
    let exports = Signal::ALL.into_iter().filter_map(|signal| {
        // What contradicts itself is told by the check of the telemetry.
        subject.settings.otel.export(signal).ok().flatten()
    });
    let mut findings = Vec::new();
    let mut troubles: Vec<Trouble> = Vec::new();
    for export in exports {
        let probe = probe(&export, subject.timeout);
        findings.extend(probe.proxy.as_ref().map(|proxy| by_proxy(&export, proxy)));
        match probe.fault.clone() {
            None => findings.push(fine(&probe)),
            Some(fault) => add(&mut troubles, export, &probe, fault),
        }
    }
    findings.dedup_by(|one, other| one.kind == &PROXY && one == other);
    findings.extend(troubles.iter().map(|trouble| finding(subject, trouble)));
    if findings.is_empty() {
        findings.push(Finding::new(&OFF, "nothing is sent to a receiver"));
    }
    findings
}

fn fine(probe: &Probe) -> Finding {
    let what = format!("{} reach {} by {}", probe.signal, probe.endpoint, probe.protocol);
    let mut finding = Finding::new(&FINE, what);
    finding.seen.clone_from(&probe.steps);
    finding
}

fn by_proxy(export: &Export, proxy: &str) -> Finding {
    let host = export.endpoint.host();
    Finding::new(&PROXY, format!("{host} is asked by the proxy {proxy}")).seen(
        "one of ALL_PROXY, HTTPS_PROXY and HTTP_PROXY is set, and NO_PROXY leaves the host to it",
    )
}

/// Adds a trouble, or the signal to one that is the same.
fn add(troubles: &mut Vec<Trouble>, export: Export, probe: &Probe, fault: Fault) {
    let is_same = |trouble: &&mut Trouble| {
        trouble.fault.kind == fault.kind
            && trouble.exports[0].endpoint.authority() == export.endpoint.authority()
    };
    let seen = probe.steps.iter().chain([&fault.seen]).cloned();
    match troubles.iter_mut().find(is_same) {
        Some(trouble) => {
            // Times differ, and nothing else that matters.
            let said = seen.filter(|line| *line == fault.seen && !trouble.seen.contains(line));
            let said: Vec<String> = said.collect();
            trouble.seen.extend(said);
            trouble.exports.push(export);
        }
        None => {
            let seen = seen.collect();
            troubles.push(Trouble { exports: vec![export], fault, seen });
        }
    }
}

fn finding(subject: &Subject, trouble: &Trouble) -> Finding {
    let kind: &'static Kind = kinds::of(trouble.fault.kind);
    let signals: Vec<&str> = trouble.exports.iter().map(|it| it.signal.as_str()).collect();
    let (signals, first) = (signals.join(" and "), &trouble.exports[0]);
    let to = format!("{} by {}", first.endpoint, first.protocol);
    let what = format!("{signals} do not reach {to}: {}", kinds::words(trouble.fault.kind));
    let mut finding = Finding::new(kind, what);
    finding.seen.clone_from(&trouble.seen);
    trouble.exports.iter().fold(finding, |finding, export| {
        remedy::of(trouble.fault.kind, &subject.settings, export, finding)
    })
}
