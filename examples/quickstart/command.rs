//! Commands for people to go on with.
use std::path::Path;

/// A call of the `obs` command, as a shell takes it.
pub(crate) fn obs(words: &[&str], path: &Path) -> String {
    let path = path.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    let quoted = match path.chars().all(is_plain) {
        true => path.into_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    };
    format!("cargo run --release --bin obs -- {} {quoted}", words.join(" "))
}
