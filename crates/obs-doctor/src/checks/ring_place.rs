//! The place for rings and stage.
use crate::examine::Check;
use crate::finding::Finding;
use crate::kind::Kind;
use crate::subject::{Subject, existing};
use crate::text::{bytes, quoted};
use obs_core::settings::RingPlace;
use obs_recorder::{Survey, survey};
use std::path::Path;

const FINE: Kind = Kind::ok("ring-place", "Rings are kept in memory that outlives the process.");
const CHOSEN: Kind = Kind::note(
    "ring-place-chosen",
    "The settings keep rings elsewhere than in memory that outlives the process.",
    "Unset `OBS_RING_PLACE`.",
);
const DISK: Kind = Kind::warning(
    "ring-place-disk",
    "No memory for rings can be had, so they are kept on the disk of the run directory: \
     threads may wait for that disk.",
    "Make room in `/dev/shm`, mount it, or set `OBS_RING_BYTES` and `OBS_STAGE_BYTES` to less.",
);
const HEAP: Kind = Kind::warning(
    "ring-place-heap",
    "Neither memory nor disk can hold the rings, so they are the process's own memory: what was not \
     written when it dies is gone.",
    "Make room in `/dev/shm`, mount it, or set `OBS_RING_BYTES` and `OBS_STAGE_BYTES` to less.",
);
const FEW: Kind = Kind::note(
    "ring-place-few",
    "There is room for fewer rings than there are to be: threads beyond them share four, and wait for one another.",
    "Make room in `/dev/shm`, or set `OBS_RING_BYTES` to less.",
);

/// Where rings and stage would be kept, and for how many rings there is room.
pub const RING_PLACE: Check = Check::new("ring place", &[&FINE, &CHOSEN, &DISK, &HEAP, &FEW], run);

/// The least that the settings take.
const RING_BYTES_MIN: u64 = 64 << 10;
const STAGE_BYTES_MIN: u64 = 1 << 20;

fn run(subject: &Subject) -> Vec<Finding> {
    let root = subject.root();
    if root.is_none() {
        // Without a run directory nobody would find them: that there is none is told elsewhere.
        return Vec::new();
    }
    let survey = survey(&subject.settings, root.as_deref().map(existing));
    let (wish, place) = (subject.settings.ring_place, words(&survey));
    let finding = match (wish, &survey.directory, survey.is_tmpfs) {
        (_, Some(directory), true) => in_memory(subject, &survey, directory),
        (RingPlace::Heap, ..) | (RingPlace::RunDir, Some(_), _) => {
            let what = format!("rings are kept {place}, as OBS_RING_PLACE={wish} wants it");
            Finding::new(&CHOSEN, what).without(&subject.settings, "ring_place")
        }
        (_, Some(_), false) => {
            fallen_back(subject, Finding::new(&DISK, format!("rings are kept {place}")), &survey)
        }
        (_, None, _) => {
            fallen_back(subject, Finding::new(&HEAP, format!("rings are kept {place}")), &survey)
        }
    };
    vec![finding]
}

fn words(survey: &Survey) -> String {
    match &survey.directory {
        Some(directory) if survey.is_tmpfs => format!("in {}", directory.display()),
        Some(_) => "on the disk of the run directory".to_owned(),
        None => "in the process's own memory".to_owned(),
    }
}

fn in_memory(subject: &Subject, survey: &Survey, directory: &Path) -> Finding {
    let (wanted, affordable) = (survey.rings_wanted, survey.rings_affordable);
    let room = bytes(survey.budget_bytes);
    if affordable >= wanted {
        let what = format!("rings are kept in {}, and may take {room}", directory.display());
        return passed_over(Finding::new(&FINE, what), survey);
    }
    let what = format!("there is room for {affordable} rings of the {wanted} that there are to be");
    let size = bytes(subject.settings.ring_bytes);
    let finding = Finding::new(&FEW, what)
        .seen(format!("{}: {room} may be used, and a ring takes {size}", directory.display()));
    smaller(subject, finding, directory)
}

fn fallen_back(subject: &Subject, finding: Finding, survey: &Survey) -> Finding {
    let finding = passed_over(finding, survey);
    let memory = survey.passed_over.first().map_or(Path::new("/dev/shm"), |(path, _)| path);
    smaller(subject, finding, memory)
}

fn passed_over(finding: Finding, survey: &Survey) -> Finding {
    survey.passed_over.iter().fold(finding, |finding, (path, why)| {
        finding.seen(format!("{} is passed over: {why}", path.display()))
    })
}

/// What makes less memory do, and shows what takes it.
fn smaller(subject: &Subject, finding: Finding, memory: &Path) -> Finding {
    let settings = &subject.settings;
    let memory = existing(memory).display().to_string();
    let mut finding = finding.remedy(format!("df -h {0}; du -sh {0}/*", quoted(&memory)));
    finding = finding.remedy("obs recover --all, which frees the rings of runs that died");
    if settings.ring_bytes > RING_BYTES_MIN {
        finding = finding.export("OBS_RING_BYTES", "64KiB");
    }
    if settings.stage_bytes > STAGE_BYTES_MIN {
        finding = finding.export("OBS_STAGE_BYTES", "1MiB");
    }
    finding
}
