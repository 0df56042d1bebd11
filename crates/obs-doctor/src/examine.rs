//! From checks to a report.
use crate::finding::Finding;
use crate::kind::{Kind, Severity};
use crate::subject::Subject;
use crate::text;
use obs_core::redact::Redactor;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// Looks at one thing.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Check {
    /// What it looks at, in one or two words.
    pub name: &'static str,
    /// All kinds of findings that it may give.
    pub kinds: &'static [&'static Kind],
    /// Looks. Says of what is well that it is; gives nothing where another check tells why nothing can be seen.
    pub run: fn(&Subject) -> Vec<Finding>,
}

/// What several checks found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The findings, the worst first, and otherwise in the order of the checks.
    pub findings: Vec<Finding>,
}

const HANGS: Kind = Kind::problem(
    "check-hangs",
    "A check did not come to an end: a file system, or the resolver of the system, does not answer.",
    "See whether `ls` of the directories that are named comes back; mount what is stale anew.",
);
const FAILED: Kind = Kind::problem(
    "check-failed",
    "A check could not be made, or panicked: what it looks at is not known.",
    "Free threads and memory, and try again; if it panicked, that is a fault of obs to be reported.",
);

/// What befalls checks themselves.
pub(crate) const KINDS: &[&Kind] = &[&HANGS, &FAILED];

/// A check may take so many times what one receiver may take: it tries several.
const PATIENCE: u32 = 4;

impl Check {
    /// A check.
    #[must_use]
    pub const fn new(
        name: &'static str,
        kinds: &'static [&'static Kind],
        run: fn(&Subject) -> Vec<Finding>,
    ) -> Self {
        Self { name, kinds, run }
    }
}

/// Has the checks look, one after the other. Each has a thread of its own, which is left behind if it hangs: four times
/// the subject's timeout is the longest that one is waited for.
#[must_use]
pub fn examine(subject: &Subject, checks: &[Check]) -> Report {
    let redactor = Redactor::with_rules(subject.settings.redact.clone());
    let shared = Arc::new(subject.clone());
    let found = checks.iter().flat_map(|check| watched(*check, &shared));
    let mut findings: Vec<Finding> = found.map(|finding| finding.redacted(&redactor)).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
    Report { findings }
}

fn watched(check: Check, subject: &Arc<Subject>) -> Vec<Finding> {
    let patience = subject.timeout * PATIENCE + Duration::from_secs(1);
    let (tell, told) = mpsc::sync_channel(1);
    let theirs = Arc::clone(subject);
    let thread = thread::Builder::new().name("obs-doctor".to_owned()).spawn(move || {
        obs_core::own::mark_thread();
        // Nobody listens any more to a check that took too long.
        drop(tell.send((check.run)(&theirs)));
    });
    let name = check.name;
    if let Err(error) = thread {
        let what = format!("the check of {name} could not be made");
        return vec![Finding::new(&FAILED, what).seen(format!("no thread: {error}"))];
    }
    match told.recv_timeout(patience) {
        Ok(findings) => findings,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            let what = format!("the check of {name} did not end within {patience:.1?}");
            let places = subject.roots().into_iter().map(|root| root.display().to_string());
            let places: Vec<String> = places.collect();
            vec![
                Finding::new(&HANGS, what)
                    .seen(format!("directories for runs: {}", places.join(", ")))
                    .remedy(format!("ls {}", text::quoted(&places.concat())))
                    .remedy("export OBS_RUN_ROOT=DIRECTORY on a disk of this machine"),
            ]
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            vec![Finding::new(&FAILED, format!("the check of {name} panicked"))]
        }
    }
}

impl Report {
    /// How bad the worst of it is.
    #[must_use]
    pub fn worst(&self) -> Severity {
        self.findings.iter().map(Finding::severity).max().unwrap_or(Severity::Ok)
    }
}
