//! From a word on the command line to a run.
use crate::catalog::{Catalog, Listed};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Output;
use obs_core::Settings;
use obs_core::io::Disk;
use obs_recorder::Summary;
use obs_recorder::layout::RunDirectory;
use obs_recorder::recover::run_id_of;
use std::path::{Path, PathBuf};

/// So many runs are named in a hint.
const NAMED_MAX: usize = 5;
/// Names that are at least so much alike are offered: as clap does for its options.
const ALIKE: f64 = 0.7;

/// The run that `word` names; without a word the newest.
pub(crate) fn run(word: Option<&str>, settings: &Settings, output: &mut Output) -> Result<PathBuf> {
    if let Some(path) = word.map(Path::new).filter(|path| is_path(path)) {
        return at(path);
    }
    let catalog = Catalog::read(settings, output)?;
    match word {
        None => newest(&catalog),
        Some(word) => named(&catalog, word),
    }
}

/// Whether a word is meant as a path: it has a slash, or names a directory with a run in it.
fn is_path(path: &Path) -> bool {
    path.to_string_lossy().contains('/')
        || matches!(path.to_str(), Some("." | ".."))
        || path.is_dir() && run_id_of(&Disk::new(), &RunDirectory::new(path)).is_some()
}

fn at(path: &Path) -> Result<PathBuf> {
    let what = || format!("find a run in \"{}\"", path.display());
    let real = path.canonicalize().map_err(|error| absent(what(), &error.to_string()))?;
    match run_id_of(&Disk::new(), &RunDirectory::new(&real)) {
        Some(_) => Ok(real),
        None => Err(absent(what(), "it is not the directory of a run")
            .hint("a run's directory is named <time>_<id>, and holds run.json")),
    }
}

fn absent(what: String, why: &str) -> Failure {
    Failure::new(Exit::NoRun, format!("cannot {what}: {why}"))
}

fn newest(catalog: &Catalog) -> Result<PathBuf> {
    let run = catalog.runs.first().ok_or_else(|| none(catalog))?;
    Ok(run.path.clone())
}

/// There is no run at all.
pub(crate) fn none(catalog: &Catalog) -> Failure {
    Failure::new(Exit::NoRun, format!("there are no runs in {}", catalog.places()))
        .hint("`--root DIR` or OBS_RUN_ROOT name another directory of run directories")
}

fn named(catalog: &Catalog, word: &str) -> Result<PathBuf> {
    if let Some(run) = catalog.runs.iter().find(|run| is_of_service(run, word)) {
        return Ok(run.path.clone());
    }
    let begins: Vec<&Listed> = catalog.runs.iter().filter(|run| begins_with(run, word)).collect();
    match begins.as_slice() {
        [run] => Ok(run.path.clone()),
        [] => Err(unknown(catalog, word)),
        several => {
            let count = several.len();
            let message = format!("\"{word}\" is the beginning of {count} runs' names");
            Err(Failure::new(Exit::NoRun, message)
                .hint(format!("they are {}", names(catalog, several))))
        }
    }
}

/// Whether the run is one of the service: by the directory that services have each, else by run.json.
pub(crate) fn is_of_service(run: &Listed, service: &str) -> bool {
    run.service_directory.as_deref() == Some(service) || service_of(run).as_deref() == Some(service)
}

/// The service of a run, as far as that is known.
pub(crate) fn service_of(run: &Listed) -> Option<String> {
    match Summary::load(&Disk::new(), &run.path) {
        Ok(summary) => Some(summary.service),
        Err(_) => run.service_directory.clone(),
    }
}

/// Whether the run's id or the name of its directory begins like this; hyphens of ids do not count.
fn begins_with(run: &Listed, word: &str) -> bool {
    let bare = |text: &str| text.replace('-', "").to_ascii_lowercase();
    !word.is_empty()
        && (run.name.starts_with(word) || bare(&run.id.to_string()).starts_with(&bare(word)))
}

/// Nothing is called like that, but perhaps something else is meant.
pub(crate) fn unknown(catalog: &Catalog, word: &str) -> Failure {
    if catalog.runs.is_empty() {
        return none(catalog);
    }
    let message = format!("no service and no run is called \"{word}\" in {}", catalog.places());
    let failure = Failure::new(Exit::NoRun, message);
    let mut services: Vec<String> = catalog.runs.iter().filter_map(service_of).collect();
    services.sort_unstable();
    services.dedup();
    let likeness = |service: &String| strsim::jaro(service, word);
    let nearest = services.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|service| likeness(service) > ALIKE) {
        Some(service) => failure.hint(format!("did you mean {service}?")),
        None => {
            let newest: Vec<&Listed> = catalog.runs.iter().collect();
            failure.hint(format!("the newest runs are {}", names(catalog, &newest)))
        }
    }
}

fn names(catalog: &Catalog, runs: &[&Listed]) -> String {
    let name = |run: &&Listed| {
        let service = service_of(run).unwrap_or_else(|| "unknown service".to_owned());
        format!("{} ({service})", catalog.short_id(run))
    };
    let mut names: Vec<String> = runs.iter().take(NAMED_MAX).map(name).collect();
    if runs.len() > NAMED_MAX {
        names.push(format!("and {} more", runs.len() - NAMED_MAX));
    }
    names.join(", ")
}
