//! The rules, each with its name in parentheses at the end of what it finds.

mod code;
pub(crate) mod comments;
mod lines;
pub(crate) mod links;
mod names;
mod proofs;
pub(crate) mod sizes;

use super::source::Source;
use super::text::Text;
use crate::finding::Finding;

/// Rules over any text file.
pub(crate) const TEXT: &[fn(&Text) -> Vec<Finding>] =
    &[lines::trailing_space, lines::final_newline, lines::machine_path, lines::marker];

/// Rules over one Rust source.
pub(crate) const SOURCE: &[fn(&Source) -> Vec<Finding>] = &[
    code::parse,
    code::unwrap,
    code::unfinished,
    code::feature,
    code::ignore,
    code::sleep,
    lines::length,
    lines::marker_in_comment,
    names::get,
    names::type_name,
    names::word,
    proofs::safety,
    proofs::ordering,
    sizes::file,
    sizes::function,
    sizes::parameters,
    sizes::required_methods,
];
