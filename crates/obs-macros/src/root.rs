//! The path by which an expansion reaches the facade crate.

use std::path::Path as FilePath;

use proc_macro2::Span;
use syn::{Error, Path};

use crate::manifest::{self, Reach};

/// The facade as the user named it, else as the manifest of the crate being compiled names it.
///
/// Without a manifest (a build that is not cargo's) the crate's own name is taken: `::obs`.
pub(crate) fn facade(named: Option<&Path>) -> syn::Result<Path> {
    if let Some(path) = named {
        return Ok(path.clone());
    }
    let Some(dir) = manifest_dir() else {
        return extern_path("obs");
    };
    match manifest::read(FilePath::new(&dir)) {
        Ok(None) => extern_path("obs"),
        Ok(Some(Reach::Name(name))) => extern_path(&name),
        Ok(Some(Reach::Several { package, names })) => {
            let first = names.iter().next().map_or("obs", String::as_str);
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            Err(misuse(format!(
                "`{package}` knows `obs-facade` under several names ({}): choose one, as in \
                 `#[traced(crate = {first})]`",
                names.join(", ")
            )))
        }
        Ok(Some(Reach::Missing { package })) => Err(misuse(format!(
            "`obs-facade` is not a dependency of `{package}`: add it to its Cargo.toml, or name \
             the path that reaches it, as in `#[traced(crate = other_crate::obs)]`"
        ))),
        Err(sentence) => Err(misuse(format!(
            "{sentence}; name the facade yourself, as in `#[traced(crate = obs)]`"
        ))),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "only the compiler's environment says which package a macro expands in"
)]
fn manifest_dir() -> Option<std::ffi::OsString> {
    std::env::var_os("CARGO_MANIFEST_DIR")
}

fn extern_path(name: &str) -> syn::Result<Path> {
    syn::parse_str(&format!("::{name}"))
}

fn misuse(sentence: String) -> Error {
    Error::new(Span::call_site(), sentence)
}
