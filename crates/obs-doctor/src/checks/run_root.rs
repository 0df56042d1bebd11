//! The directory of the run directories.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::place::{FileSystem, try_out};
use crate::subject::{Subject, existing, user};
use crate::text::quoted;
use obs_core::settings::Origin;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const FINE: Kind = Kind::ok("run-root", "The directory for runs is there, or can be made.");
const UNUSABLE: Kind = Kind::problem(
    "run-root-unusable",
    "No run directory can be made: a run would be shown on standard error, and leave nothing.",
    "Set `OBS_RUN_ROOT` to a directory that the program's user can write to.",
);
const SECOND: Kind = Kind::warning(
    "run-root-second",
    "The best directory for runs cannot be used, another one is: runs are looked for in both.",
    "Make the first one writable, or set `OBS_RUN_ROOT`.",
);
const SHARED: Kind = Kind::warning(
    "run-root-shared",
    "Others than its owner can put files into the directory for runs, or remove runs from it.",
    "`chmod go-w` the directory.",
);
const FOREIGN: Kind = Kind::warning(
    "run-root-foreign",
    "The directory for runs, or a link on the way to it, belongs to another user, who can replace what is in it.",
    "`chown` it to the program's user, `chown -h` a link, or set `OBS_RUN_ROOT`.",
);
const REMOTE: Kind = Kind::warning(
    "run-root-remote",
    "The directory for runs is on a file system of another machine, where locks cannot be relied on, and \
     rings cannot be kept.",
    "Set `OBS_RUN_ROOT` to a directory on a disk of this machine.",
);
const MEMORY: Kind = Kind::note(
    "run-root-memory",
    "The directory for runs is in memory: runs go with the machine or its container.",
    "Set `OBS_RUN_ROOT` to a directory on a disk, if they are to stay.",
);

/// Whether a run directory can be made, by whom it can be changed, and where it is.
pub const RUN_ROOT: Check =
    Check::new("run root", &[&FINE, &UNUSABLE, &SECOND, &SHARED, &FOREIGN, &REMOTE, &MEMORY], run);

fn run(subject: &Subject) -> Vec<Finding> {
    let mut refused = Vec::new();
    for root in subject.roots() {
        match try_out(&root) {
            Ok(_) => return usable(subject, &root, refused),
            Err(error) => refused.push(error.to_string()),
        }
    }
    let mut finding = Finding::new(&UNUSABLE, "no directory for runs can be written to");
    finding.seen = refused;
    finding = finding.seen(rule(subject));
    vec![remedied(subject, finding)]
}

fn usable(subject: &Subject, root: &Path, refused: Vec<String>) -> Vec<Finding> {
    let mut findings = of_directory(subject, root);
    if !refused.is_empty() {
        let what = format!("runs go to {}, for the better place cannot be used", root.display());
        let mut finding = Finding::new(&SECOND, what);
        finding.seen = refused;
        findings.push(remedied(subject, finding));
    }
    if findings.is_empty() {
        let what = format!("runs go to {}", root.display());
        findings.push(Finding::new(&FINE, what).seen(rule(subject)));
    }
    findings
}

/// Which rule has chosen the directory.
fn rule(subject: &Subject) -> String {
    let settings = &subject.settings;
    match (settings.origin("run_root"), &settings.state_dir) {
        (Some(Origin::Default), Some(state)) => {
            format!("no OBS_RUN_ROOT is set, and the state directory is {}", state.display())
        }
        (Some(Origin::Default), None) => format!(
            "no OBS_RUN_ROOT is set, and neither XDG_STATE_HOME nor HOME is an absolute path: {} \
             is left",
            settings.temp_dir.display()
        ),
        (Some(Origin::Code), _) => "it was given on the command line".to_owned(),
        (origin, _) => origin.map_or_else(String::new, |origin| format!("set by {origin}")),
    }
}

/// A directory that this user can have for certain.
fn remedied(subject: &Subject, finding: Finding) -> Finding {
    let settings = &subject.settings;
    let base = settings.temp_dir.join(format!("obs-{}", user()));
    let other = base.join(settings.service_file_name()).join("runs");
    match settings.run_root.as_deref().or(settings.state_dir.as_deref()) {
        Some(wanted) if try_out(&other).is_ok() => finding
            .remedy(format!("make {} a directory that this user can write to", wanted.display()))
            .export("OBS_RUN_ROOT", other.display().to_string()),
        _ => finding.remedy("export OBS_RUN_ROOT=DIRECTORY that this user can write to"),
    }
}

/// A link on the way that another user can lead elsewhere.
fn link(root: &Path) -> Option<Finding> {
    root.ancestors().find_map(|path| {
        let metadata = path.symlink_metadata().ok()?;
        let is_trusted = [0, user()].contains(&metadata.uid());
        (metadata.is_symlink() && !is_trusted).then(|| {
            let (path, owner) = (path.display().to_string(), metadata.uid());
            let what = "another user can lead the directory for runs elsewhere, by a link";
            Finding::new(&FOREIGN, what)
                .seen(format!("{path} is a link of user {owner}"))
                .remedy(format!("chown -h {} {}", user(), quoted(&path)))
        })
    })
}

fn of_directory(subject: &Subject, root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Ok(metadata) = std::fs::metadata(root) {
        let (owner, mode, path) = (metadata.uid(), metadata.mode() & 0o7777, root.display());
        let seen = format!("{path}: mode {mode:04o}, user {owner}; this is user {}", user());
        if owner != user() {
            let what = format!("the directory for runs belongs to user {owner}");
            findings.push(Finding::new(&FOREIGN, what).seen(seen).remedy(format!(
                "chown {} {}",
                user(),
                quoted(&path.to_string())
            )));
        } else if mode & 0o022 != 0 {
            let what = "others can put files into the directory for runs";
            findings.push(
                Finding::new(&SHARED, what)
                    .seen(seen)
                    .remedy(format!("chmod go-w {}", quoted(&path.to_string()))),
            );
        }
    }
    findings.extend(link(root));
    let Ok(system) = FileSystem::of(root) else { return findings };
    let (name, place) = (system.name(), existing(root).display());
    let seen = format!("{place} is on {name}");
    if system.is_remote() {
        let what = "the directory for runs is on a file system of another machine or process";
        findings.push(
            Finding::new(&REMOTE, what)
                .seen(seen)
                .remedy("export OBS_RUN_ROOT=DIRECTORY on a disk of this machine"),
        );
    } else if system.is_memory() {
        let what = format!("runs go to {} and are gone with the machine", root.display());
        findings.push(Finding::new(&MEMORY, what).seen(seen).seen(rule(subject)));
    }
    findings
}
