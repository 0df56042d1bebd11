//! Variables and the settings file.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::subject::Subject;
use crate::text::{counted, quoted};
use obs_core::settings::{Origin, Problem, ProblemKind};

const FINE: Kind = Kind::ok("environment", "All variables and settings are known and understood.");
const UNKNOWN: Kind = Kind::warning(
    "variable-unknown",
    "A variable that begins like ours or OpenTelemetry's, and is none.",
    "Rename it to the one that is meant: docs/settings.md and docs/otel.md list all.",
);
const NOT_HONOURED: Kind = Kind::note(
    "variable-not-honoured",
    "A variable of OpenTelemetry's that has no effect here.",
    "docs/otel.md says why, and what there is in its place.",
);
const VALUE: Kind = Kind::problem(
    "variable-value",
    "A variable has a value that makes no sense: what would hold without it holds.",
    "Give it a value that it accepts; docs/settings.md and docs/otel.md say which.",
);
const FILE: Kind = Kind::problem(
    "settings-file-unreadable",
    "The settings file that `OBS_CONFIG` names cannot be read: nothing in it holds.",
    "Correct the path, or let the program's user read the file.",
);
const SYNTAX: Kind = Kind::problem(
    "settings-file-syntax",
    "The settings file is not TOML: nothing in it holds.",
    "Correct the line that is named.",
);
const KEY: Kind = Kind::warning(
    "settings-file-key",
    "A key in the settings file that is no setting.",
    "Rename it to the one that is meant: docs/settings.md lists all.",
);
const FILE_VALUE: Kind = Kind::problem(
    "settings-file-value",
    "A setting in the settings file has a value that makes no sense: the default holds.",
    "Give it a value that it accepts; docs/settings.md says which.",
);

/// Names that nobody knows, and values that make no sense, in the environment and in the settings file.
pub const ENVIRONMENT: Check = Check::new(
    "environment",
    &[&FINE, &UNKNOWN, &NOT_HONOURED, &VALUE, &FILE, &SYNTAX, &KEY, &FILE_VALUE],
    run,
);

fn run(subject: &Subject) -> Vec<Finding> {
    let settings = &subject.settings;
    let mut findings: Vec<Finding> = settings.problems.iter().filter_map(of).collect();
    if findings.is_empty() {
        let set = settings.all().filter(|setting| setting.origin != Origin::Default).count();
        let from = settings.all().find_map(|setting| match setting.origin {
            Origin::File(path) => Some(format!(", some by {}", path.display())),
            _ => None,
        });
        let what = format!("{} set{}", counted(set, "setting"), from.unwrap_or_default());
        findings.push(Finding::new(&FINE, what));
    }
    findings
}

/// The finding of a problem; those of filters are another check's.
fn of(problem: &Problem) -> Option<Finding> {
    let in_file = !problem.place.is_empty();
    Some(match (problem.kind, in_file) {
        (ProblemKind::Directive, _) => return None,
        (ProblemKind::Unknown, false) => unknown_variable(problem),
        (ProblemKind::Unknown, true) => unknown_key(problem),
        (ProblemKind::NotHonoured, _) => not_honoured(problem),
        (ProblemKind::Unreadable, _) => unreadable(problem),
        (ProblemKind::Syntax, _) => syntax(problem),
        (_, false) => value_of_variable(problem),
        (_, true) => value_in_file(problem),
    })
}

fn unknown_variable(problem: &Problem) -> Finding {
    let Problem { name, near, .. } = problem;
    let finding = Finding::new(&UNKNOWN, format!("{name} is no variable of obs or OpenTelemetry"));
    let finding = finding.seen(format!("{name} is set in the environment"));
    match near {
        Some(near) => finding
            .seen(format!("{near} is the nearest one that there is"))
            .remedy(format!("export {near}=\"${name}\""))
            .unset(name),
        None => finding.unset(name),
    }
}

fn not_honoured(problem: &Problem) -> Finding {
    let Problem { name, why, .. } = problem;
    Finding::new(&NOT_HONOURED, format!("{name} has no effect here: {why}"))
        .seen(format!("{name} is set in the environment"))
}

fn value_of_variable(problem: &Problem) -> Finding {
    let Problem { name, value, why, expected, .. } = problem;
    let finding = Finding::new(&VALUE, format!("{name} is ignored: {why}"));
    let shown = if value.is_empty() {
        "its value is not shown".to_owned()
    } else {
        format!("{name}={value}")
    };
    let finding = finding.seen(shown);
    let finding = match expected.as_str() {
        "" => finding,
        expected => finding.remedy(format!("give it {expected}, or remove it:")),
    };
    finding.unset(name)
}

fn unreadable(problem: &Problem) -> Finding {
    let Problem { name, value, why, .. } = problem;
    Finding::new(&FILE, format!("the settings file cannot be read: {why}"))
        .seen(format!("{name}={value}"))
        .remedy(format!("ls -l {}", quoted(value)))
        .remedy("correct the path, let this user read the file, or go without:")
        .unset(name)
}

fn syntax(problem: &Problem) -> Finding {
    let Problem { why, place, .. } = problem;
    Finding::new(&SYNTAX, format!("the settings file is not TOML: {why}"))
        .seen(place.clone())
        .remedy("correct that line: a setting is `name = \"value\"`")
}

fn unknown_key(problem: &Problem) -> Finding {
    let Problem { name, why, place, near, .. } = problem;
    let finding = Finding::new(&KEY, format!("`{name}` is ignored: {why}")).seen(place.clone());
    match near {
        Some(near) => finding.remedy(format!("rename `{name}` to `{near}` there")),
        None => finding.remedy(format!("remove `{name}` there")),
    }
}

fn value_in_file(problem: &Problem) -> Finding {
    let Problem { name, value, why, place, expected, .. } = problem;
    let finding = Finding::new(&FILE_VALUE, format!("`{name}` is ignored: {why}"));
    let shown = if value.is_empty() { place.clone() } else { format!("{place}: {value}") };
    finding.seen(shown).remedy(format!("give it {expected}, or remove it"))
}
