//! Looks for secrets in a bundle that is finished, by the rules that took them out.
use crate::error::{BundleError, BundleErrorKind};
use crate::filter::Filter;
use crate::manifest::Manifest;
use crate::verify::each_piece;
use obs_core::io::IoFile;
use obs_core::redact::{LiteralSearch, Redactor};
use std::collections::HashMap;

/// Reads every file of the archive. Not those that the bundle is described by: what others say in them was redacted
/// text by text, and their counts stand under the names of rules.
///
/// # Errors
///
/// [`BundleErrorKind::Redaction`] when there is a secret in one.
pub(crate) fn recheck(
    file: &mut dyn IoFile,
    manifest: &Manifest,
    redactor: &Redactor,
) -> Result<(), BundleError> {
    let known: HashMap<&str, &str> =
        manifest.files.iter().map(|file| (file.path.as_str(), file.media_type.as_str())).collect();
    let (mut now, mut filter) = (String::new(), Filter::AsIs);
    let (mut leaky, mut read_bytes) = (None, 0_u64);
    let (redactor, mut search) = (redactor.clone().patient(), LiteralSearch::new(redactor));
    let mut look = |path: &str, piece: &[u8]| {
        if path != now {
            let media = known.get(path).copied().unwrap_or_default();
            (now, filter) = (path.to_owned(), Filter::of(path, media, &redactor));
            search = LiteralSearch::new(&redactor);
        }
        let rest = if piece.is_empty() { filter.finish() } else { filter.pass(piece) };
        read_bytes += rest.len() as u64;
        if leaky.is_none() && (search.is_in(piece) || filter.has_found()) {
            leaky = Some(path.to_owned());
        }
    };
    let read = each_piece(file, &mut look);
    read.map_err(|error| BundleError::new(BundleErrorKind::Check, error.to_string()))?;
    match leaky {
        None if read_bytes == 0 => {
            Err(BundleError::new(BundleErrorKind::Check, "the finished bundle is empty"))
        }
        None => Ok(()),
        Some(path) => {
            let message = format!(
                "what looks like a secret is still in \"{path}\"; `--exclude` leaves a file out"
            );
            Err(BundleError::new(BundleErrorKind::Redaction, message))
        }
    }
}
