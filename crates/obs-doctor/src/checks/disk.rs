//! Room for runs, and how long a disk takes.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::place::{FileSystem, now, try_out};
use crate::subject::Subject;
use crate::text::{bytes, quoted};
use obs_log::retention;
use std::path::Path;
use std::time::Duration;

const FINE: Kind = Kind::ok("disk", "There is room for runs, and the disk is fast enough.");
const FULL: Kind = Kind::problem(
    "disk-full",
    "There is less room than for one segment of a journal: the oldest records of a run are \
     lost once its stage is full.",
    "Make room, or set `OBS_RUN_ROOT` to a directory on another disk.",
);
const SMALL: Kind = Kind::warning(
    "disk-small",
    "The disk is full before the limits of runs make room: those allow more than there is.",
    "Set `OBS_RUNS_BYTES_MAX` or `OBS_JOURNAL_BYTES_MAX` to less, or make room.",
);
const FILES: Kind = Kind::warning(
    "disk-files",
    "Few files can still be made, whatever bytes are free.",
    "Remove files that nobody needs; `df -i` tells where they are few.",
);
const REFUSES: Kind = Kind::problem(
    "disk-refuses",
    "A file can be made, but not written or synced.",
    "What the system said is in the evidence: a quota, a disk in trouble.",
);
const SLOW: Kind = Kind::warning(
    "disk-slow",
    "A small file took more than a second to be written and synced: the journal falls behind under load, and a \
     power cut costs more.",
    "Set `OBS_RUN_ROOT` to a directory on a faster disk, or see what keeps this one busy.",
);

/// Free bytes and files against what the settings allow, and a real write.
pub const DISK: Check = Check::new("disk", &[&FINE, &FULL, &SMALL, &FILES, &REFUSES, &SLOW], run);

const FILES_MIN: u64 = 1_000;
const SLOW_FROM: Duration = Duration::from_secs(1);

fn run(subject: &Subject) -> Vec<Finding> {
    let roots = subject.roots();
    let tried = roots.iter().map(|root| (root, try_out(root)));
    let mut refused = None;
    for (root, tried) in tried {
        match tried {
            Ok(tried) => return of_disk(subject, root, tried.synced_within),
            Err(error) => refused = refused.or(Some((root, error))),
        }
    }
    // A directory that is not there or not ours is for the check of the run root to tell.
    let is_of_disk = |error: &std::io::Error| {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
            || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
    };
    match refused {
        Some((root, error)) if is_of_disk(&error.error) => {
            let what = format!("the disk of {} takes no file", root.display());
            let full = error.error.kind() == std::io::ErrorKind::StorageFull;
            let kind = if full { &FULL } else { &REFUSES };
            vec![elsewhere(Finding::new(kind, what).seen(error.to_string()), root)]
        }
        _ => Vec::new(),
    }
}

fn of_disk(subject: &Subject, root: &Path, synced_within: Duration) -> Vec<Finding> {
    let system = match FileSystem::of(root) {
        Ok(system) => system,
        Err(error) => {
            let what = format!("how much is free at {} is not known", root.display());
            return vec![elsewhere(Finding::new(&REFUSES, what).seen(error.to_string()), root)];
        }
    };
    let settings = &subject.settings;
    let free = system.bytes_free;
    let mut findings = Vec::new();
    let seen = format!("{} free at {} ({})", bytes(free), root.display(), system.name());
    if free < settings.segment_bytes {
        let what = format!("the disk is full: {} are free", bytes(free));
        let needed = format!("a segment of a journal takes {}", bytes(settings.segment_bytes));
        findings.push(elsewhere(Finding::new(&FULL, what).seen(&seen).seen(needed), root));
    } else if let Some(finding) = small(subject, root, free) {
        findings.push(finding.seen(&seen));
    }
    if let Some(files) = system.files_free.filter(|files| *files < FILES_MIN) {
        let what = format!("{files} files can still be made");
        let finding = Finding::new(&FILES, what).seen(&seen);
        findings.push(finding.remedy(format!("df -i {}", quoted(&root.display().to_string()))));
    }
    if synced_within > SLOW_FROM {
        let what = format!("writing and syncing 64 KiB took {synced_within:.1?}");
        findings.push(elsewhere(Finding::new(&SLOW, what).seen(&seen), root));
    }
    if findings.is_empty() {
        let what = format!(
            "{} are free, and a small file is synced within {synced_within:.1?}",
            bytes(free)
        );
        findings.push(Finding::new(&FINE, what).seen(seen));
    }
    findings
}

/// Whether the limits allow more than there is room for.
fn small(subject: &Subject, root: &Path, free: u64) -> Option<Finding> {
    let settings = &subject.settings;
    // What cannot be measured takes nothing: then there is less room than is thought, and more is allowed.
    let kept = retention::due(root, settings.into(), now()).map_or(0, |due| due.kept_bytes);
    let room = free.saturating_add(kept);
    let (name, limit) = match settings.runs_bytes_max {
        limit if limit > room => ("runs_bytes_max", limit),
        _ if settings.journal_bytes_max > free => ("journal_bytes_max", settings.journal_bytes_max),
        _ => return None,
    };
    let what = format!("{name} allows {}, and there is room for {}", bytes(limit), bytes(room));
    // A half leaves room for others; nothing less than a journal of the least size makes sense.
    let fitting = (room.min(free) / 2).max(4 << 20);
    let least = free > 16 << 20;
    let finding = Finding::new(&SMALL, what).seen(format!("earlier runs take {}", bytes(kept)));
    let finding = finding.remedy("make room on that disk, or allow less:");
    Some(if least {
        let finding = finding.export(&crate::text::variable(name), fitting.to_string());
        match name {
            "runs_bytes_max" if settings.journal_bytes_max > free => {
                finding.export("OBS_JOURNAL_BYTES_MAX", fitting.to_string())
            }
            _ => finding,
        }
    } else {
        elsewhere(finding, root)
    })
}

fn elsewhere(finding: Finding, root: &Path) -> Finding {
    finding
        .remedy(format!("df -h {}", quoted(&root.display().to_string())))
        .remedy("export OBS_RUN_ROOT=DIRECTORY on another disk")
}
