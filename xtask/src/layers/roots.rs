//! The root files of libraries and binaries, which forbid unsafe code.

use syn::{AttrStyle, Attribute, File, Ident, Meta, Token, punctuated::Punctuated};

use super::table::UNSAFE_CRATE;
use crate::finding::Finding;

/// Says when the root file `path` does not forbid unsafe code.
pub(crate) fn check(path: &str, text: &str) -> Option<Finding> {
    let what = match syn::parse_file(text) {
        Ok(file) if forbids(&file) => return None,
        Ok(_) => format!("write `#![forbid(unsafe_code)]`; only {UNSAFE_CRATE} does without"),
        Err(error) => format!("cannot be parsed: {error}"),
    };
    Some(Finding { path: path.to_owned(), line: 1, what, rule: "unsafe" })
}

fn forbids(file: &File) -> bool {
    file.attrs.iter().any(|attribute| {
        let inner = matches!(attribute.style, AttrStyle::Inner(_));
        inner && attribute.path().is_ident("forbid") && names_unsafe(attribute)
    })
}

fn names_unsafe(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    let names = list.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated);
    names.is_ok_and(|names| names.iter().any(|name| name == "unsafe_code"))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_root_forbids_unsafe_code_or_is_found() {
        let clean =
            ["#![forbid(unsafe_code)]", "//! A crate.\n#![forbid(missing_docs, unsafe_code)]"];
        for text in clean {
            assert_eq!(check("src/lib.rs", text), None, "{text}");
        }
        let missing = [
            "//! #![forbid(unsafe_code)]",
            "#![deny(unsafe_code)]",
            "#![forbid(missing_docs)]",
            "#[forbid(unsafe_code)] mod a {}",
        ];
        for text in missing {
            let finding = check("src/lib.rs", text).unwrap();
            assert_eq!(
                finding.to_string(),
                "src/lib.rs:1: write `#![forbid(unsafe_code)]`; only obs-ring does without (unsafe)",
                "{text}"
            );
        }
    }
}
