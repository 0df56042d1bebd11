//! What is recorded.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::subject::Subject;
use crate::text::{quoted, variable};
use obs_core::settings::{Origin, Problem, ProblemKind};

const FINE: Kind = Kind::ok("filter", "The capture filter makes sense.");
const DIRECTIVE: Kind = Kind::problem(
    "filter-directive",
    "A directive of a filter makes no sense; the others hold.",
    "Write it as `target=level`, or a level alone, with commas between.",
);
const OFF: Kind = Kind::warning(
    "filter-off",
    "The capture filter lets nothing pass: nothing is recorded, whatever happens.",
    "Set `OBS_CAPTURE` or `RUST_LOG` to a level such as `info`.",
);

/// What the capture filter lets pass, and which of its directives make no sense.
pub const FILTER: Check = Check::new("filter", &[&FINE, &DIRECTIVE, &OFF], run);

fn run(subject: &Subject) -> Vec<Finding> {
    let settings = &subject.settings;
    let wrong = settings.problems.iter().filter(|it| it.kind == ProblemKind::Directive);
    let mut findings: Vec<Finding> = wrong.map(|problem| directive(subject, problem)).collect();
    let capture = settings.capture.as_ref();
    let origin = settings.origin("capture").unwrap_or(Origin::Default);
    if let Some(filter) = capture.filter(|filter| filter.max_level().is_none()) {
        let finding = Finding::new(&OFF, "nothing is recorded: the capture filter is off");
        let finding = finding.seen(format!("\"{filter}\" by {origin}"));
        findings.push(match origin {
            Origin::Env(ref name) => finding.export(name, "info"),
            _ => finding.export("OBS_CAPTURE", "info"),
        });
    }
    if findings.is_empty() {
        let what = match capture {
            Some(filter) => format!("\"{filter}\" is recorded, by {origin}"),
            None => "info is recorded of all, and debug of the program's own crates".to_owned(),
        };
        findings.push(Finding::new(&FINE, what));
    }
    findings
}

fn directive(subject: &Subject, problem: &Problem) -> Finding {
    let Problem { name, value, why, place, .. } = problem;
    let position = problem.position.unwrap_or(0);
    let what = format!("{name} holds a directive that makes no sense: {why}");
    let place = if place.is_empty() { String::new() } else { format!(", in {place}") };
    let finding = Finding::new(&DIRECTIVE, what);
    let finding = finding.seen(format!("\"{value}\" at byte {position}{place}"));
    // What holds is what is right of it.
    match &subject.settings.capture {
        Some(filter) if name != "capture" && is_of_capture(name) => finding
            .remedy("write the directive anew, or leave it out:")
            .export(name, filter.to_string()),
        _ => finding.remedy(format!(
            "write it as {}=target=level, or a level alone",
            if name.contains('_') && name.to_uppercase() == *name {
                quoted(name)
            } else {
                variable(name)
            }
        )),
    }
}

fn is_of_capture(variable: &str) -> bool {
    variable == "RUST_LOG" || variable == "OBS_CAPTURE"
}
