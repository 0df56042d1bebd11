//! The manifests on disk: which to read, and what they said as long as they stay as they are.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use std::{fs, io};

use toml::Table;

use crate::manifest::{self, Reach};

/// What is known for one directory. `Ok(None)` means that it holds no manifest, as under build
/// systems that are not cargo; the error is a sentence for the user.
type Answer = Result<Option<Reach>, String>;

/// A file and when it was last changed; no time where there is no file.
type Stamp = (PathBuf, Option<SystemTime>);

struct Known {
    dir: PathBuf,
    read: Vec<Stamp>,
    answer: Answer,
}

/// Parsing takes milliseconds in a debug build, and a crate has hundreds of traced functions.
static LAST: Mutex<Option<Known>> = Mutex::new(None);

/// Reads `Cargo.toml` in `dir`, and the workspace's where a dependency is inherited from it.
pub(crate) fn reach(dir: &Path) -> Answer {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = last.as_ref()
        && known.dir == dir
        && known.read.iter().all(|(path, time)| changed(path) == *time)
    {
        return known.answer.clone();
    }
    let mut files = Files { read: Vec::new() };
    let answer = files.reach(dir);
    let known = Known { dir: dir.to_owned(), read: files.read, answer: answer.clone() };
    *last = Some(known);
    answer
}

struct Files {
    read: Vec<Stamp>,
}

impl Files {
    fn reach(&mut self, dir: &Path) -> Answer {
        let Some(manifest) = self.table(&dir.join("Cargo.toml"))? else {
            return Ok(None);
        };
        let shared = match manifest::inherits(&manifest) {
            true => self.shared_dependencies(dir, &manifest)?,
            false => Table::new(),
        };
        Ok(Some(manifest::reach(&manifest, &shared)))
    }

    /// Finds the workspace as cargo does: where the manifest points, else in this manifest, else in
    /// the nearest one above that is a workspace's.
    fn shared_dependencies(&mut self, dir: &Path, manifest: &Table) -> Result<Table, String> {
        if let Some(root) = manifest::workspace_of(manifest) {
            let root = self.table(&dir.join(root).join("Cargo.toml"))?.unwrap_or_default();
            return Ok(manifest::shared_dependencies(&root).unwrap_or_default());
        }
        if let Some(shared) = manifest::shared_dependencies(manifest) {
            return Ok(shared);
        }
        for above in dir.ancestors().skip(1) {
            let root = self.table(&above.join("Cargo.toml"))?.unwrap_or_default();
            if let Some(shared) = manifest::shared_dependencies(&root) {
                return Ok(shared);
            }
        }
        Ok(Table::new())
    }

    fn table(&mut self, path: &Path) -> Result<Option<Table>, String> {
        self.read.push((path.to_owned(), changed(path)));
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("cannot read `{}`: {error}", path.display())),
        };
        match text.parse() {
            Ok(table) => Ok(Some(table)),
            Err(error) => Err(format!("cannot parse `{}`: {error}", path.display())),
        }
    }
}

/// A file whose time cannot be read counts as one that is not there: reading it says why.
fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MEMBER: &str = "[package]\nname = 'app'\n[dependencies]\ntelemetry.workspace = true";
    const ROOT: &str = "[workspace]\ndependencies.telemetry = { package = 'obs-facade' }";

    /// Writes with a time of its own, since two writes may fall in one tick of the file system.
    fn write(path: &Path, text: &str, second: u64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    fn name(text: &str) -> Answer {
        Ok(Some(Reach::Name(text.to_owned())))
    }

    #[test]
    fn the_workspace_is_found_above_or_where_the_manifest_points() {
        let dir = tempfile::tempdir().unwrap();
        let member = dir.path().join("crates/app");
        write(&member.join("Cargo.toml"), MEMBER, 1);
        write(&dir.path().join("Cargo.toml"), ROOT, 1);
        assert_eq!(reach(&member), name("telemetry"));

        let outside = tempfile::tempdir().unwrap();
        let points = format!("package.workspace = '{}'\n{MEMBER}", dir.path().display());
        let points = points.replace("[package]\nname = 'app'\n", "");
        write(&outside.path().join("Cargo.toml"), &points, 1);
        assert_eq!(reach(outside.path()), name("telemetry"));
    }

    #[test]
    fn a_manifest_that_changes_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let member = dir.path().join("app");
        write(&member.join("Cargo.toml"), MEMBER, 1);
        write(&dir.path().join("Cargo.toml"), ROOT, 1);
        assert_eq!(reach(&member), name("telemetry"));
        let missing = Ok(Some(Reach::Missing { package: "app".to_owned() }));
        write(&dir.path().join("Cargo.toml"), "[workspace]", 2);
        assert_eq!(reach(&member), missing);
        write(&member.join("Cargo.toml"), "dependencies.obs-facade = '1'", 2);
        assert_eq!(reach(&member), name("obs"));
    }

    #[test]
    fn no_manifest_is_no_error_and_a_broken_one_is() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(reach(dir.path()), Ok(None));
        write(&dir.path().join("Cargo.toml"), "[dependencies", 1);
        let sentence = reach(dir.path()).unwrap_err();
        assert!(sentence.starts_with("cannot parse `"), "{sentence}");
    }
}
