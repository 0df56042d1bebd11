//! The directory of automatic bundles: `<root>/bundles/<end of the run>_<like>_<run id>.zip`.
//!
//! Only files that are called so are ever removed. Whoever works in it holds the lock of its file `lock`.
use obs_core::io::{Disk, Io};
use obs_core::{RunId, Settings, UnixNanos};
use obs_recorder::{FileLock, Summary};
use std::cmp::Reverse;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The ending of a bundle that is not whole.
const PART: &str = ".part";

/// The directory, in which nobody else works.
#[derive(Debug)]
pub(crate) struct Bundles {
    directory: PathBuf,
    _lock: FileLock,
}

impl Bundles {
    /// Makes the directory if need be, takes its lock, and removes what others left there that died. `None` while
    /// another process works in it.
    pub(crate) fn take(root: &Path) -> io::Result<Option<Self>> {
        let directory = root.join("bundles");
        Disk::new().make_directory(&directory)?;
        let found = fs::symlink_metadata(&directory)?;
        if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
            let why = format!("{} is no directory of this user", directory.display());
            return Err(io::Error::new(ErrorKind::PermissionDenied, why));
        }
        let Some(lock) = FileLock::take(&directory.join("lock"))? else { return Ok(None) };
        for name in names(&directory)? {
            if is_part(&name) {
                fs::remove_file(directory.join(name))?;
            }
        }
        Ok(Some(Self { directory, _lock: lock }))
    }

    /// The name of the bundle of a run that has ended.
    pub(crate) fn name_of(&self, run: &Summary) -> io::Result<String> {
        let fingerprint = run.end.as_ref().and_then(|end| end.fingerprint);
        let ended_at: Option<UnixNanos> = run.ended_at.as_ref().and_then(|at| at.parse().ok());
        let id: Option<RunId> = run.run_id.parse().ok();
        match (ended_at, fingerprint, id) {
            (Some(ended_at), Some(fingerprint), Some(id)) => {
                Ok(format!("{}_{}_{id}.zip", ended_at.to_file_name(), fingerprint.short()))
            }
            _ => Err(io::Error::new(ErrorKind::InvalidData, "run.json does not say when it ended")),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Removes `older`, and then what is too much beside the bundle called `newest`. Returns the names of those that
    /// are gone.
    pub(crate) fn keep_within(
        &self,
        settings: &Settings,
        newest: &str,
        older: Option<String>,
    ) -> io::Result<Vec<String>> {
        let mut gone: Vec<String> =
            older.into_iter().filter(|name| Name::parse(name).is_some()).collect();
        gone.iter().try_for_each(|name| self.remove(name))?;
        let mut kept = Vec::new();
        for name in names(&self.directory)? {
            if Name::parse(&name).is_some() {
                kept.push((fs::symlink_metadata(self.path(&name))?.len(), name));
            }
        }
        let bounds = (settings.bundle_count_max as usize, settings.bundle_bytes_max);
        for name in excess(kept, newest, bounds) {
            self.remove(&name)?;
            gone.push(name);
        }
        Ok(gone)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The bundle of a run in `root`, if it has one that was made without being asked for.
#[must_use]
pub fn automatic_bundle(root: &Path, run: RunId) -> Option<PathBuf> {
    let directory = root.join("bundles");
    let ending = format!("_{run}.zip");
    let mut names = names(&directory).ok()?.into_iter();
    let name = names.find(|name| name.ends_with(&ending) && Name::parse(name).is_some())?;
    Some(directory.join(name))
}

/// The names of what is in a directory, as far as they are text.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(directory)?;
    let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
    names.filter_map(Result::transpose).collect()
}

/// What the name of a bundle says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Name<'a> {
    /// When the run ended: later ones are greater.
    time: &'a str,
    /// The beginning of the fingerprint.
    like: &'a str,
}

impl<'a> Name<'a> {
    /// `None` for a name that the toolkit does not give.
    fn parse(name: &'a str) -> Option<Self> {
        let (time, rest) = name.strip_suffix(".zip")?.split_once('_')?;
        let (like, id) = rest.split_once('_')?;
        let run: RunId = id.parse().ok()?;
        let (date, of_day) = time.split_once('T')?;
        let at: UnixNanos = format!("{date}T{}", of_day.replace('-', ":")).parse().ok()?;
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_ours = at.to_file_name() == time
            && like.len() == 8
            && like.bytes().all(is_hex)
            && run.to_string() == id;
        is_ours.then_some(Self { time, like })
    }
}

/// Whether it is a part of a bundle: `<name>.part`, `<name>-<number>.part`.
fn is_part(name: &str) -> bool {
    let Some(name) = name.strip_suffix(PART) else { return false };
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix('-');
    Name::parse(name).is_some() || bare.is_some_and(|bare| Name::parse(bare).is_some())
}

/// Those of the bundles, lengths and names, that are too many or too large together. First go those of the failure that
/// was bundled the longest ago, its latest before its first; `newest` stays.
fn excess(
    mut kept: Vec<(u64, String)>,
    newest: &str,
    (count_max, bytes_max): (usize, u64),
) -> Vec<String> {
    let mut gone = Vec::new();
    let mut bytes: u64 = kept.iter().map(|(bytes, _)| bytes).sum();
    while kept.len() > count_max || bytes > bytes_max {
        let Some(index) = least(&kept, newest) else { break };
        let (length, name) = kept.remove(index);
        bytes -= length;
        gone.push(name);
    }
    gone
}

/// The place of the bundle that is missed the least.
fn least(kept: &[(u64, String)], newest: &str) -> Option<usize> {
    let parsed: Vec<Name<'_>> = kept.iter().filter_map(|(_, name)| Name::parse(name)).collect();
    let last_of = |like| parsed.iter().filter(|name| name.like == like).map(|name| name.time).max();
    let age = |name| {
        let name = Name::parse(name)?;
        Some((last_of(name.like), Reverse(name.time)))
    };
    let others = kept.iter().enumerate().filter(|(_, (_, name))| name != newest);
    others.min_by_key(|(_, (_, name))| age(name)).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::{excess, is_part};

    const RUN: &str = "01a202b0-fc73-7ef0-9234-56789abcdef0";

    fn name(day: u32, like: u32) -> String {
        format!("2026-11-{day:02}T09-58-03Z_{like:08x}_{RUN}.zip")
    }

    /// The days of the bundles that go, of those of these days and failures, 10 bytes each.
    fn gone(kept: &[(u32, u32)], newest: u32, bounds: (usize, u64)) -> Vec<String> {
        let like = kept.iter().find(|(day, _)| *day == newest).map_or(0, |(_, like)| *like);
        let named = kept.iter().map(|(day, like)| (10, name(*day, *like))).collect();
        let gone = excess(named, &name(newest, like), bounds);
        gone.iter().map(|name| name[8..10].trim_start_matches('0').to_owned()).collect()
    }

    #[test]
    fn the_failure_goes_that_was_bundled_the_longest_ago_and_its_first_bundle_last() {
        let kept = [(1, 7), (2, 8), (3, 7), (4, 9), (9, 8), (12, 10)];
        let none: [&str; 0] = [];
        assert_eq!(gone(&kept, 12, (6, 60)), none);
        assert_eq!(gone(&kept, 12, (5, 60)), ["3"]);
        assert_eq!(gone(&kept, 12, (4, 60)), ["3", "1"]);
        assert_eq!(gone(&kept, 12, (6, 25)), ["3", "1", "4", "9"]);
        assert_eq!(gone(&kept, 12, (0, 0)), ["3", "1", "4", "9", "2"], "the newest stays");
    }

    #[test]
    fn an_older_bundle_of_the_newest_ones_failure_goes_when_nothing_else_is_left() {
        assert_eq!(gone(&[(1, 7), (3, 7)], 3, (1, 99)), ["1"]);
    }

    #[test]
    fn only_parts_of_own_bundles_are_parts() {
        let name = name(1, 7);
        for part in [format!("{name}.part"), format!("{name}-2.part"), format!("{name}-0.part")] {
            assert!(is_part(&part), "{part}");
        }
        for other in [&*name, "support_2026-11-22T09-58-03Z.zip.part", "notes.part", "-1.part"] {
            assert!(!is_part(other), "{other}");
        }
        for other in [
            name.replace("11-01", "13-01"),
            name.replace("00000007", "0000000G"),
            name.replace("00000007", "7"),
            name.replace("zip", "ZIP"),
            format!("x{name}"),
            format!("../{name}"),
        ] {
            assert!(!is_part(&format!("{other}.part")), "{other}");
        }
    }
}
