//! Entries against their descriptions in `support.json` and `SHA256SUMS`.
use super::content::Found;
use super::directory::Entry;
use super::problem::{ProblemKind, Problems};
use super::wanted;
use crate::archive::Stamp;
use crate::content::Content;
use crate::manifest::{FilePart, Manifest, RunPart, State};
use crate::run::{self, RUN};
use crate::sums::{self, SIGNATURE, SUMS, SUPPORT};
use obs_core::UnixNanos;
use std::collections::{HashMap, HashSet};

/// Compares everything with everything, and hands the manifest on.
pub(super) fn compare(
    entries: &[Entry],
    found: Found,
    bytes: u64,
    problems: &mut Problems,
) -> Option<Manifest> {
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let contents: HashMap<&str, &Content> =
        names.iter().zip(&found.contents).filter_map(|(n, c)| Some((*n, c.as_ref()?))).collect();
    let own = names.strip_suffix(&[SIGNATURE]).unwrap_or(&names);
    if !own.ends_with(&[SUPPORT, SUMS]) || own.contains(&SIGNATURE) {
        let what = format!("{SUPPORT} and {SUMS} are not its last entries");
        problems.add(ProblemKind::Order, "", what);
    }
    let listed = Listed { names: &names, contents: &contents };
    if let Some(text) = &found.sums {
        listed.compare_sums(text, problems);
    }
    if let Some(manifest) = &found.manifest {
        listed.compare_files(&manifest.files, problems);
        compare_times(entries, manifest, problems);
        let whats = contradictions(manifest, found.run.as_deref());
        for what in whats.into_iter().chain(wanted::contradictions(manifest, bytes)) {
            problems.add(ProblemKind::Contradiction, SUPPORT, what);
        }
    }
    found.manifest
}

/// The entries that lists are compared with.
struct Listed<'a> {
    names: &'a [&'a str],
    contents: &'a HashMap<&'a str, &'a Content>,
}

impl Listed<'_> {
    fn compare_sums(&self, text: &str, problems: &mut Problems) {
        let lines: Option<Vec<(&str, &str)>> = sums::parse(text).collect();
        let Some(lines) = lines.filter(|_| text.ends_with('\n')) else {
            problems.add(ProblemKind::Sums, SUMS, "a line is not one of digest and path");
            return;
        };
        let paths: Vec<&str> = lines.iter().map(|(_, path)| *path).collect();
        self.compare_paths(&paths, SUMS, &[SUMS, SIGNATURE], problems);
        for (digest, path) in lines {
            if self.contents.get(path).is_some_and(|content| content.sha256 != digest) {
                let what = format!("its bytes are not those that {SUMS} lists");
                problems.add(ProblemKind::Content, path, what);
            }
        }
    }

    fn compare_files(&self, files: &[FilePart], problems: &mut Problems) {
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        self.compare_paths(&paths, SUPPORT, &[SUPPORT, SUMS, SIGNATURE], problems);
        for file in files {
            let Some(content) = self.contents.get(file.path.as_str()) else { continue };
            let right = (file.size, &file.sha256) == (content.size, &content.sha256)
                && file.records == content.records
                && file.redactions == content.redactions.values().sum::<u64>();
            if !right {
                let what = format!("its bytes are not those that {SUPPORT} describes");
                problems.add(ProblemKind::Content, &file.path, what);
            }
        }
    }

    /// A list is to name all entries but `unlisted`, in their order.
    fn compare_paths(
        &self,
        paths: &[&str],
        list: &str,
        unlisted: &[&str],
        problems: &mut Problems,
    ) {
        let expected: Vec<&str> =
            self.names.iter().copied().filter(|name| !unlisted.contains(name)).collect();
        if paths == expected {
            return;
        }
        let (there, named): (HashSet<_>, HashSet<_>) =
            (expected.iter().collect(), paths.iter().collect());
        for path in expected.iter().filter(|path| !named.contains(path)) {
            problems.add(ProblemKind::Unlisted, path, format!("{list} does not list it"));
        }
        for path in paths.iter().filter(|path| !there.contains(path)) {
            problems.add(
                ProblemKind::Absent,
                path,
                format!("{list} lists it, but it is not there"),
            );
        }
        if there == named {
            let what = format!("{list} lists the entries in another order, or one twice");
            problems.add(ProblemKind::Order, list, what);
        }
    }
}

fn compare_times(entries: &[Entry], manifest: &Manifest, problems: &mut Problems) {
    let Ok(expected) = manifest.bundle.created_at.parse::<UnixNanos>().map(Stamp::of) else {
        let what = "bundle.created_at is no time";
        problems.add(ProblemKind::Contradiction, SUPPORT, what);
        return;
    };
    let is_other = |entry: &&Entry| Stamp { time: entry.time, date: entry.date } != expected;
    for entry in entries.iter().filter(is_other) {
        let what = "its time is not the bundle's";
        problems.add(ProblemKind::Header, &entry.name, what);
    }
}

/// What in `support.json` cannot be right.
fn contradictions(manifest: &Manifest, run_bytes: Option<&[u8]>) -> Vec<&'static str> {
    let collected = manifest.collectors.iter().flat_map(|part| &part.files);
    let is_collected = collected.eq(manifest.files.iter().map(|file| &file.path));
    let told =
        manifest.collectors.iter().all(|part| part.status.is_complete() == part.errors.is_empty());
    let complete = manifest.collectors.iter().all(|part| part.status.is_complete());
    let run = run_bytes.and_then(|bytes| run::summary(bytes).ok());
    let mut left_out = manifest.collectors.iter().flat_map(|part| &part.left_out);
    let is_run = run_bytes.is_none() && left_out.any(|left_out| left_out.path == RUN);
    let marks: u128 = manifest.files.iter().map(|file| u128::from(file.redactions)).sum();
    let counted: u128 = manifest.redaction.counts.values().map(|count| u128::from(*count)).sum();
    let checks = [
        (is_collected, "the files of the collectors are not the files"),
        (complete == (manifest.bundle.state == State::Complete), "bundle.state is wrong"),
        (told, "a collector's status is not what its errors say"),
        (manifest.bundle.id == sums::id(&sums::lines(&manifest.files)), "bundle.id is wrong"),
        (
            is_run || manifest.run == run.as_ref().map(RunPart::from),
            "run is not what run/run.json says",
        ),
        (counted == marks, "redaction.counts is not the sum of the files'"),
    ];
    checks.into_iter().filter(|(right, _)| !right).map(|(_, what)| what).collect()
}
