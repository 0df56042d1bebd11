//! `obs doctor`: what is wrong with the set-up of a program, and what to do.
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::options::DoctorOptions;
use crate::output::Output;
use crate::paint::{Colors, Paint};
use crate::size::counted;
use obs_core::Settings;
use obs_doctor::{CHECKS, Finding, Report, Severity, Subject, examine};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The version of the JSON.
const FORMAT: u32 = 1;

/// What was found, as JSON.
#[derive(Debug, Serialize)]
struct Told<'a> {
    format: u32,
    service: &'a str,
    worst: Severity,
    findings: Vec<ToldFinding<'a>>,
}

/// One finding, as JSON.
#[derive(Debug, Serialize)]
struct ToldFinding<'a> {
    id: &'static str,
    severity: Severity,
    what: &'a str,
    seen: &'a [String],
    #[serde(rename = "do")]
    remedy: &'a [String],
    set: &'a BTreeMap<String, Option<String>>,
}

pub(crate) fn run(
    options: &DoctorOptions,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit> {
    if options.timeout < Duration::from_millis(1) {
        return Err(Failure::usage("--timeout is at least 1ms"));
    }
    let mut settings = settings.clone();
    if let Some(service) = &options.service {
        settings.service.clone_from(service);
    }
    settings.keep_bounds();
    let mut subject = Subject::new(settings);
    subject.timeout = options.timeout;
    let report = examine(&subject, CHECKS);
    if options.json {
        let findings = report.findings.iter().map(ToldFinding::new).collect();
        let (service, worst) = (subject.settings.service.as_str(), report.worst());
        output.json(&Told { format: FORMAT, service, worst, findings })?;
    } else {
        output.bytes(text(&report, output.colors()).as_bytes())?;
    }
    Ok(if report.worst() < Severity::Warning { Exit::Done } else { Exit::Unwell })
}

impl<'a> ToldFinding<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self {
            id: finding.id(),
            severity: finding.severity(),
            what: &finding.what,
            seen: &finding.seen,
            remedy: &finding.remedy,
            set: &finding.set,
        }
    }
}

fn text(report: &Report, colors: Colors) -> String {
    let mut out = String::new();
    let width = report.findings.iter().map(|finding| finding.id().len()).max().unwrap_or(0);
    for finding in &report.findings {
        add(&mut out, finding, width, colors);
    }
    let count = |severity| report.findings.iter().filter(|it| it.severity() == severity).count();
    let (problems, warnings) = (count(Severity::Problem), count(Severity::Warning));
    if problems + warnings > 0 {
        let problems = counted(problems as u64, "problem");
        out += &format!("{problems}, {}\n", counted(warnings as u64, "warning"));
    }
    out
}

/// Adds a line, and for what is not well the lines of how it was seen and what to do.
fn add(out: &mut String, finding: &Finding, width: usize, colors: Colors) {
    let severity = finding.severity();
    let paint = match severity {
        Severity::Ok => Paint::Good,
        Severity::Note => Paint::Alive,
        Severity::Warning => Paint::Doubtful,
        _ => Paint::Bad,
    };
    colors.paint(out, paint, &format!("{severity:<8}"));
    colors.paint(out, Paint::Plain, &format!(" {:<width$}  {}", finding.id(), finding.what));
    out.push('\n');
    if severity < Severity::Note {
        return;
    }
    let lines = |word: &'static str, lines: &[String]| -> Vec<String> {
        lines.iter().map(|line| format!("         {word:<5} {line}")).collect()
    };
    for line in lines("seen", &finding.seen).iter().chain(&lines("do", &finding.remedy)) {
        colors.paint(out, Paint::Plain, line);
        out.push('\n');
    }
}
