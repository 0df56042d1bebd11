//! Finding the files.
use obs::Context;
use std::error::Error;
use std::fs::{DirEntry, FileType, read_dir};
use std::io;
use std::path::{Path, PathBuf};
use tracing::{error, warn};

/// A file, and the context that it is indexed in: the crate that it belongs to.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) package: Context,
}

#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    pub(crate) directories: usize,
    pub(crate) unreadable: usize,
}

/// Finds all files below `root`, `files_max` at most, in an order that does not change from run to run. Links are not
/// followed; repositories of git and directories that call themselves a cache are passed over.
#[obs::traced(fields(files_max))]
pub(crate) fn walk(root: &Path, files_max: usize) -> io::Result<Tree> {
    let mut tree = Tree::default();
    let mut left = vec![(root.to_owned(), Context::current())];
    while let Some((directory, package)) = left.pop() {
        let entries = match entries(&directory) {
            Err(error) if directory == root => return Err(error),
            Err(error) => {
                let path = directory.display();
                error!(%path, error = &error as &dyn Error, "directory left out");
                tree.unreadable += 1;
                continue;
            }
            Ok(entries) => entries,
        };
        if directory != root && has(&entries, "CACHEDIR.TAG") {
            continue;
        }
        tree.directories += 1;
        let package = package_of(&directory, &entries).unwrap_or(package);
        for (entry, kind) in entries {
            let (path, package) = (entry.path(), package.clone());
            if kind.is_dir() && entry.file_name() != ".git" {
                left.push((path, package));
            } else if kind.is_file() && tree.files.len() == files_max {
                warn!(files_max, "there are more files than that");
                return Ok(tree);
            } else if kind.is_file() {
                tree.files.push(File { path, package });
            }
        }
    }
    Ok(tree)
}

fn entries(directory: &Path) -> io::Result<Vec<(DirEntry, FileType)>> {
    let typed = |entry: DirEntry| entry.file_type().map(|kind| (entry, kind));
    let entries = read_dir(directory)?.map(|entry| entry.and_then(typed));
    let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(|(entry, _)| entry.file_name());
    Ok(entries)
}

fn has(entries: &[(DirEntry, FileType)], name: &str) -> bool {
    entries.iter().any(|(entry, _)| entry.file_name() == name)
}

/// A directory with a `Cargo.toml` is a package, and so is all below it.
fn package_of(directory: &Path, entries: &[(DirEntry, FileType)]) -> Option<Context> {
    let name = directory.file_name().filter(|_| has(entries, "Cargo.toml"))?;
    Some(Context::current().with("crate", name.to_string_lossy()))
}
