//! Earlier runs of the service.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::place::now;
use crate::subject::Subject;
use crate::text::{bytes, counted, quoted};
use obs_core::io::Disk;
use obs_log::retention;
use obs_recorder::layout::RunDirectory;
use obs_recorder::{RunLock, Summary};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

const FINE: Kind =
    Kind::ok("runs", "Earlier runs are whole, and have delivered what they recorded.");
const DEAD: Kind = Kind::warning(
    "runs-dead",
    "Runs died, and were not recovered: their files lack what was in memory, which goes with the machine.",
    "`obs recover --all`, or start the service, which does so in the background.",
);
const PENDING: Kind = Kind::warning(
    "runs-pending",
    "Runs have ended with records that an output has not got.",
    "`obs send RUN` for receivers, `obs recover RUN` for files; so does the service's next start.",
);
const UNREADABLE: Kind = Kind::warning(
    "runs-unreadable",
    "A directory for runs, or `run.json` in a run directory, cannot be read.",
    "Let this user read it, or remove the run.",
);
const RETENTION: Kind = Kind::note(
    "runs-retention",
    "The next start removes runs that the limits do not allow any more.",
    "Set `OBS_RUNS_COUNT_MAX`, `OBS_RUNS_AGE_MAX` or `OBS_RUNS_BYTES_MAX` to more, if they are to stay.",
);

/// Runs that died, runs with something left to deliver, and runs that are to be removed.
pub const RUNS: Check = Check::new("runs", &[&FINE, &DEAD, &PENDING, &UNREADABLE, &RETENTION], run);

/// More of the same is only counted.
const SHOWN_MAX: usize = 3;

/// What earlier runs are like.
#[derive(Debug, Default)]
struct Past {
    count: usize,
    alive: usize,
    dead: Vec<PathBuf>,
    pending: Vec<(PathBuf, BTreeMap<String, u64>)>,
    unreadable: Vec<String>,
}

fn run(subject: &Subject) -> Vec<Finding> {
    let mut past = Past::default();
    let mut findings = Vec::new();
    for root in subject.roots() {
        match std::fs::read_dir(&root) {
            Ok(entries) => entries.for_each(|entry| past.add(&root, entry)),
            Err(error) if is_absent(&error) => continue,
            Err(error) => past.unreadable.push(format!("{}: {error}", root.display())),
        }
        findings.extend(due(subject, &root));
    }
    findings.extend(past.findings());
    if findings.is_empty() {
        let what = match (past.count, past.alive) {
            (0, _) => "there was no run yet".to_owned(),
            (count, 0) => format!("{}, all of them whole", counted(count, "run")),
            (count, alive) => format!("{}, {alive} of them alive", counted(count, "run")),
        };
        findings.push(Finding::new(&FINE, what));
    }
    findings
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

impl Past {
    fn add(&mut self, root: &Path, entry: io::Result<std::fs::DirEntry>) {
        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?.is_dir()))) {
            Ok((path, true)) if is_run(&path) => {
                if let Err(error) = self.look_at(&path) {
                    self.unreadable.push(format!("{}: {error}", path.display()));
                }
            }
            Ok(_) => {}
            Err(error) => self.unreadable.push(format!("{}: {error}", root.display())),
        }
    }

    fn look_at(&mut self, path: &Path) -> io::Result<()> {
        self.count += 1;
        let is_taken = RunLock::is_taken(&RunDirectory::new(path))?;
        // Of a run that is alive the summary is not the last word, and may be about to be written.
        if is_taken {
            self.alive += 1;
            return Ok(());
        }
        let summary = Summary::load(&Disk::new(), path)?;
        if summary.end.is_none() {
            self.dead.push(path.to_owned());
            return Ok(());
        }
        let sinks = summary.delivery.sinks.into_iter().filter(|sink| sink.pending > 0);
        let pending: BTreeMap<_, _> = sinks.map(|sink| (sink.name, sink.pending)).collect();
        if !pending.is_empty() {
            self.pending.push((path.to_owned(), pending));
        }
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !self.dead.is_empty() {
            let what = format!("{} died, and were not recovered", counted(self.dead.len(), "run"));
            let seen = self.dead.iter().map(|path| path.display().to_string());
            findings.push(listed(Finding::new(&DEAD, what), seen).remedy("obs recover --all"));
        }
        if !self.pending.is_empty() {
            let count = counted(self.pending.len(), "run");
            let what = format!("{count} ended before everything was delivered");
            let seen = self.pending.iter().map(|(path, pending)| {
                let sinks = pending.iter().map(|(name, count)| format!("{count} of {name}"));
                let sinks: Vec<String> = sinks.collect();
                format!("{}: {} pending", path.display(), sinks.join(", "))
            });
            let mut finding = listed(Finding::new(&PENDING, what), seen);
            for (path, pending) in self.pending.iter().take(SHOWN_MAX) {
                let is_sent = pending.keys().any(|name| name.starts_with("otlp-"));
                let verb = if is_sent { "send" } else { "recover" };
                let path = path.display().to_string();
                finding = finding.remedy(format!("obs {verb} {}", quoted(&path)));
            }
            findings.push(finding);
        }
        if !self.unreadable.is_empty() {
            let what =
                format!("{} cannot be read", counted(self.unreadable.len(), "directory or run"));
            let finding = listed(Finding::new(&UNREADABLE, what), self.unreadable.iter().cloned());
            findings.push(finding.remedy("let this user read it, or remove what is damaged"));
        }
        findings
    }
}

fn listed(finding: Finding, lines: impl ExactSizeIterator<Item = String>) -> Finding {
    let more = lines.len().saturating_sub(SHOWN_MAX);
    let finding = lines.take(SHOWN_MAX).fold(finding, Finding::seen);
    if more > 0 { finding.seen(format!("and {more} more")) } else { finding }
}

/// Whether a directory is called like a run.
fn is_run(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let parts = name.rsplit_once('_');
    parts.is_some_and(|(time, id)| time.len() == 20 && id.parse::<obs_core::RunId>().is_ok())
}

/// What the next start would remove.
fn due(subject: &Subject, root: &Path) -> Option<Finding> {
    // What cannot be read is told by the look at it.
    let due = retention::due(root, (&subject.settings).into(), now()).ok()?;
    let count = due.removed.len();
    (count > 0).then(|| {
        let what = format!("the next start removes {}", counted(count, "run"));
        let seen = due.removed.iter().map(|path| path.display().to_string());
        listed(Finding::new(&RETENTION, what), seen).seen(format!(
            "{} go, {} stay",
            bytes(due.removed_bytes),
            counted(due.kept, "run")
        ))
    })
}
