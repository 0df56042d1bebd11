//! Where the binaries of servers are.
use std::path::{Path, PathBuf};

/// Where distributions put what is not for everybody.
const BESIDE: [&str; 4] = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/bin"];
/// Debian's versions of PostgreSQL stand beside each other.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The first of the programs with one of these names that is installed.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let places = places();
    let in_place =
        |place: &PathBuf| names.iter().map(|name| place.join(name)).find(|path| path.is_file());
    places.iter().find_map(in_place)
}

fn places() -> Vec<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "looks for programs as a shell does, sets nothing"
    )]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    places.extend(BESIDE.iter().map(PathBuf::from));
    let versions = std::fs::read_dir(Path::new(VERSIONS)).into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    places.extend(versions.into_iter().rev());
    places
}
