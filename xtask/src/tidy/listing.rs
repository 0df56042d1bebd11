//! The files of the project.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

/// The files below `root`, with `/`: what git knows or would add; without a repository all but
/// what cargo built.
///
/// # Errors
///
/// When a folder cannot be read.
pub(crate) fn files(root: &Path) -> Result<BTreeSet<String>> {
    if root.join(".git").exists()
        && let Some(files) = known_to_git(root)
    {
        return Ok(files.into_iter().filter(|path| root.join(path).is_file()).collect());
    }
    let mut files = BTreeSet::new();
    walk(root, "", &mut files)?;
    Ok(files)
}

fn known_to_git(root: &Path) -> Option<Vec<String>> {
    let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(args).current_dir(root).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let names = String::from_utf8(output.stdout).ok()?;
    Some(names.split_terminator('\0').map(str::to_owned).collect())
}

fn walk(root: &Path, folder: &str, files: &mut BTreeSet<String>) -> Result<()> {
    let place = root.join(folder);
    if place.join("CACHEDIR.TAG").exists() {
        return Ok(());
    }
    let entries = fs::read_dir(&place).with_context(|| format!("cannot list {folder:?}"))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {folder:?}"))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let kind = entry.file_type().with_context(|| format!("cannot look at {path}"))?;
        if kind.is_dir() && name != ".git" {
            walk(root, &path, files)?;
        } else if kind.is_file() {
            files.insert(path);
        }
    }
    Ok(())
}
