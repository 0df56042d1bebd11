//! `SHA256SUMS`: a line a file, as `sha256sum` writes and checks them.
use crate::hash::Hash;
use crate::manifest::FilePart;

pub(crate) const SUMS: &str = "SHA256SUMS";
/// The signature of the sums; the last entry, if it is there.
pub(crate) const SIGNATURE: &str = "SHA256SUMS.minisig";
/// No signature is longer.
pub(crate) const SIGNATURE_BYTES_MAX: u64 = 4 << 10;
pub(crate) const SUPPORT: &str = "support.json";

/// The line of one file. No path in a bundle needs escaping.
pub(crate) fn line(sha256: &str, path: &str) -> String {
    format!("{sha256}  {path}\n")
}

/// The lines of the files, in their order.
pub(crate) fn lines(files: &[FilePart]) -> String {
    files.iter().map(|file| line(&file.sha256, &file.path)).collect()
}

/// The bundle's id: the digest of these lines.
pub(crate) fn id(lines: &str) -> String {
    format!("sha256:{}", Hash::of(lines.as_bytes()))
}

/// Digest and path of each line; `None` for one of another form.
pub(crate) fn parse(text: &str) -> impl Iterator<Item = Option<(&str, &str)>> {
    text.split_terminator('\n').map(|line| {
        let (digest, path) = line.split_once("  ")?;
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (digest.len() == 64 && digest.bytes().all(hexadecimal)).then_some((digest, path))
    })
}
