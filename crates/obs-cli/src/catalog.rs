//! The run directories of a machine, and where they were looked for.
use crate::failure::{Failure, Result};
use crate::output::Output;
use obs_core::{RunId, Settings};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Short ids have at least so many characters: the milliseconds at which the run began.
const SHORT_CHARS_MIN: usize = 13;

/// A run directory.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) path: PathBuf,
    /// The directory's own name, `<time>_<id>`: newer ones are greater.
    pub(crate) name: String,
    pub(crate) id: RunId,
    /// The directory that its service has, where services have one each.
    pub(crate) service_directory: Option<String>,
}

/// The run directories, newest first.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) runs: Vec<Listed>,
    /// Where they were looked for.
    pub(crate) searched: Vec<PathBuf>,
    /// The directories of run directories that are there.
    pub(crate) roots: Vec<PathBuf>,
}

impl Catalog {
    /// Reads the directories that settings name. What cannot be read is noted; what is not there has no runs.
    pub(crate) fn read(settings: &Settings, output: &mut Output) -> Result<Self> {
        let mut catalog = Self::default();
        let user = rustix::process::geteuid().as_raw();
        for root in settings.run_root_candidates(user) {
            let (place, outcome) = match settings.run_root {
                Some(_) => (root.clone(), catalog.add_root(&root, None)),
                None => {
                    let Some(base) = root.parent().and_then(Path::parent) else { continue };
                    (base.to_owned(), catalog.add_base(base, user))
                }
            };
            if let Err(error) = outcome
                && error.kind() != io::ErrorKind::NotFound
            {
                output.note(&format!("cannot read \"{}\": {error}", place.display()))?;
            }
            catalog.searched.push(place);
        }
        catalog.runs.sort_by(|one, other| other.name.cmp(&one.name));
        Ok(catalog)
    }

    /// Adds the runs of all services below `base`, unless somebody else made that: it can lie in a directory that
    /// anybody can write to.
    fn add_base(&mut self, base: &Path, user: u32) -> io::Result<()> {
        let owner = std::fs::metadata(base)?.uid();
        if owner != user {
            return Err(io::Error::other(format!("it belongs to user {owner}")));
        }
        for entry in std::fs::read_dir(base)? {
            let entry = entry?;
            let service = entry.file_name().to_string_lossy().into_owned();
            match self.add_root(&entry.path().join("runs"), Some(&service)) {
                Err(error) if !is_absent(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn add_root(&mut self, root: &Path, service: Option<&str>) -> io::Result<()> {
        let entries = std::fs::read_dir(root)?;
        self.roots.push(root.to_owned());
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let (true, Some(id)) = (entry.file_type()?.is_dir(), id_of(&name)) {
                let service_directory = service.map(str::to_owned);
                self.runs.push(Listed { path: entry.path(), name, id, service_directory });
            }
        }
        Ok(())
    }

    /// The beginning of the run's id that names no other run.
    pub(crate) fn short_id(&self, run: &Listed) -> String {
        let id = run.id.to_string();
        let shared = |other: &Listed| {
            let other = other.id.to_string();
            id.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
        };
        let others = self.runs.iter().filter(|other| other.id != run.id);
        let needed = others.map(shared).max().unwrap_or(0) + 1;
        let end = needed.clamp(SHORT_CHARS_MIN, id.len());
        id[..end].trim_end_matches('-').to_owned()
    }

    /// Where runs were looked for, for messages.
    pub(crate) fn places(&self) -> String {
        let places: Vec<_> = self.searched.iter().map(|path| path.display().to_string()).collect();
        places.join(", ")
    }
}

/// The id in the name of a run directory.
fn id_of(name: &str) -> Option<RunId> {
    let (time, id) = name.rsplit_once('_')?;
    (time.len() == 20).then(|| id.parse().ok()).flatten()
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Refuses a run directory that is somebody else's: what it points to would be trusted.
pub(crate) fn check_owner(path: &Path) -> Result<()> {
    let what = format!("recover \"{}\"", path.display());
    let owner = std::fs::metadata(path).map_err(|error| Failure::cannot(&what, error))?.uid();
    let user = rustix::process::geteuid().as_raw();
    if owner == user {
        return Ok(());
    }
    let why = format!("it belongs to user {owner}, and this is user {user}");
    Err(Failure::cannot(what, why).hint(format!("run `obs recover` as user {owner}")))
}

#[cfg(test)]
mod tests {
    use super::{Catalog, Listed, id_of};
    use obs_core::RunId;

    fn listed(id: &str) -> Listed {
        let id: RunId = id.parse().unwrap();
        let name = format!("2026-11-22T09-58-03Z_{id}");
        Listed { path: name.clone().into(), name, id, service_directory: None }
    }

    #[test]
    fn a_short_id_is_as_long_as_it_takes_to_name_one_run() {
        let ids = [
            "019abc00-0000-7000-8000-000000000001",
            "019abc00-0001-7000-8000-000000000001",
            "019abc00-0001-7000-8000-000000000002",
        ];
        let catalog = Catalog { runs: ids.map(listed).to_vec(), ..Catalog::default() };
        let short: Vec<String> = catalog.runs.iter().map(|run| catalog.short_id(run)).collect();
        assert_eq!(short, ["019abc00-0000", ids[1], ids[2]]);
    }

    #[test]
    fn only_a_time_and_an_id_make_the_name_of_a_run() {
        let id = "019abc00-0000-7000-8000-000000000001";
        assert!(id_of(&format!("2026-11-22T09-58-03Z_{id}")).is_some());
        for name in [id, "lost+found", "2026-11-22_019abc00", "2026-11-22T09-58-03Z_x", "_"] {
            assert!(id_of(name).is_none(), "{name}");
        }
    }
}
