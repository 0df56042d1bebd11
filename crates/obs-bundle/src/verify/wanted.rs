//! What was asked for and left out, as `support.json` tells of it, against the files that are there.
use crate::choice::{Glob, globs, is_wanted};
use crate::manifest::{BundlePart, FilePart, LeftOut, Manifest, Why};
use crate::media::is_segment;
use obs_core::UnixNanos;
use std::collections::HashSet;

/// Paths that were matched with patterns have no more together.
const PATHS_BYTES_MAX: usize = 4 << 20;

/// What of it cannot be right.
pub(super) fn contradictions(manifest: &Manifest, bytes: u64) -> Vec<&'static str> {
    let files = &manifest.files;
    let checks = [
        (are_times(manifest), "bundle.window is no part of time"),
        (
            are_chosen(manifest),
            "bundle.include and bundle.exclude are not what files were chosen by",
        ),
        (are_absent(manifest), "a file that was left out is there"),
        (is_small_enough(manifest, bytes), "it is larger than bundle.bytes_max"),
        (are_due(manifest), "something was left out for a reason that there was not"),
        (files.iter().all(is_cut_somewhere), "a file is truncated at no end"),
        (files.iter().all(is_rewritten_rightly), "a file without frames has rewritten ones"),
    ];
    checks.into_iter().filter(|(right, _)| !right).map(|(_, what)| what).collect()
}

fn are_times(manifest: &Manifest) -> bool {
    let Some(window) = &manifest.bundle.window else { return true };
    let is_time = |text: &String| text.parse::<UnixNanos>().is_ok();
    window.from.iter().chain(&window.until).all(is_time)
        && (window.from.is_some() || window.until.is_some())
}

fn are_chosen(manifest: &Manifest) -> bool {
    let Some(steps) = steps(&manifest.bundle) else { return false };
    let is_wanted =
        |path: &str| steps.iter().all(|(include, exclude)| is_wanted(path, include, exclude));
    let paths = manifest.files.iter().map(|file| &file.path);
    let paths = paths.chain(all_left_out(manifest).map(|it| &it.path));
    if paths.map(String::len).sum::<usize>() > PATHS_BYTES_MAX {
        return false;
    }
    let mut excluded = all_left_out(manifest).filter(|it| it.why == Why::Excluded);
    manifest.files.iter().all(|file| is_wanted(&file.path))
        && excluded.all(|left_out| !is_wanted(&left_out.path))
}

/// Patterns to include and to exclude.
type Step = (Vec<Glob>, Vec<Glob>);

/// What files were chosen by, one after the other.
fn steps(bundle: &BundlePart) -> Option<Vec<Step>> {
    let own = (&bundle.include, &bundle.exclude);
    let later = bundle.from.iter().map(|from| (&from.include, &from.exclude));
    let texts: Vec<_> = [own].into_iter().chain(later).collect();
    let all = texts.iter().flat_map(|(include, exclude)| include.iter().chain(exclude.iter()));
    globs(&all.cloned().collect::<Vec<_>>(), &[])?;
    texts.into_iter().map(|(include, exclude)| globs(include, exclude)).collect()
}

fn are_absent(manifest: &Manifest) -> bool {
    let there: HashSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    !all_left_out(manifest).any(|left_out| there.contains(left_out.path.as_str()))
}

fn are_due(manifest: &Manifest) -> bool {
    let bundle = &manifest.bundle;
    let is_window = bundle.window.is_some();
    let is_any = |texts: &Vec<String>| !texts.is_empty();
    let is_chosen = is_any(&bundle.include)
        || is_any(&bundle.exclude)
        || bundle.from.iter().any(|from| is_any(&from.include) || is_any(&from.exclude));
    let is_due = |left_out: &LeftOut| match left_out.why {
        Why::Excluded => is_chosen,
        Why::Window => is_window,
        Why::Size => bundle.bytes_max.is_some(),
        Why::Binary => true,
        Why::Redaction => is_segment(&left_out.path),
    };
    all_left_out(manifest).all(is_due)
        && manifest.files.iter().all(|file| file.selected.is_none() || is_window)
}

fn is_small_enough(manifest: &Manifest, bytes: u64) -> bool {
    let bundle = &manifest.bundle;
    !bundle.from.is_empty() || bundle.bytes_max.is_none_or(|bytes_max| bytes <= bytes_max)
}

fn is_cut_somewhere(file: &FilePart) -> bool {
    file.truncated.as_ref().is_none_or(|cut| matches!(cut.from.as_str(), "head" | "tail"))
}

fn is_rewritten_rightly(file: &FilePart) -> bool {
    file.rewritten == 0 || is_segment(&file.path)
}

fn all_left_out(manifest: &Manifest) -> impl Iterator<Item = &LeftOut> {
    manifest.collectors.iter().flat_map(|part| &part.left_out)
}
