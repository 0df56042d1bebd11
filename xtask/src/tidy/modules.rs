//! The modules of a source that stand in files of their own.

use syn::{Attribute, Expr, File, Item, Lit, Meta};

use super::test_code::marks_test;

/// A module that stands in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Child {
    /// The inline modules around it, then its own name.
    pub(crate) names: Vec<String>,
    /// `#[path = "…"]`.
    pub(crate) path: Option<String>,
    /// Tests alone compile it.
    pub(crate) test: bool,
}

/// The modules in `file` that have no body there.
pub(crate) fn children(file: &File) -> Vec<Child> {
    let mut found = Vec::new();
    collect(&file.items, &[], marks_test(&file.attrs), &mut found);
    found
}

fn collect(items: &[Item], outer: &[String], test: bool, found: &mut Vec<Child>) {
    for item in items {
        let Item::Mod(module) = item else { continue };
        let mut names = outer.to_vec();
        names.push(module.ident.to_string());
        let test = test || marks_test(&module.attrs);
        match &module.content {
            Some((_, items)) => collect(items, &names, test, found),
            None => found.push(Child { names, path: given_path(&module.attrs), test }),
        }
    }
}

fn given_path(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}
