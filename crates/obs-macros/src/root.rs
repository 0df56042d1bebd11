//! The path by which an expansion reaches the facade crate.

use std::env;
use std::ffi::OsString;

use proc_macro2::{Ident, Span};
use syn::{Error, Path};

use crate::files;
use crate::manifest::Reach;

/// The facade as the user named it, else as the manifest of the package being compiled names it.
///
/// # Errors
///
/// The manifest names no facade or several, or cannot be read.
pub(crate) fn facade(named: Option<&Path>) -> syn::Result<Path> {
    match named {
        Some(path) => Ok(path.clone()),
        None => found(read()).map_err(|sentence| Error::new(Span::call_site(), sentence)),
    }
}

fn read() -> Result<Option<Reach>, String> {
    match manifest_dir() {
        Some(dir) => files::reach(dir.as_ref()),
        None => Ok(None),
    }
}

/// Without a manifest (the build is not cargo's) the facade goes by its own name.
fn found(reach: Result<Option<Reach>, String>) -> Result<Path, String> {
    match reach {
        Ok(None) => Ok(extern_path("obs")),
        Ok(Some(Reach::Name(name))) => Ok(extern_path(&name)),
        Ok(Some(Reach::Several { package, names })) => {
            let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let first = names.first().map_or("obs", String::as_str);
            Err(format!(
                "`{package}` knows `obs-facade` by several names ({}): choose one, as in \
                 `#[traced(crate = {first})]`",
                quoted.join(", ")
            ))
        }
        Ok(Some(Reach::Missing { package })) => Err(format!(
            "`obs-facade` is not a dependency of `{package}`: add it to its Cargo.toml, or name \
             the path that reaches it, as in `#[traced(crate = other_crate::obs)]`"
        )),
        Err(sentence) => Err(format!(
            "{sentence}: name the path that reaches the facade, as in `#[traced(crate = obs)]`"
        )),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "only the compiler's environment says which package a macro expands in"
)]
fn manifest_dir() -> Option<OsString> {
    env::var_os("CARGO_MANIFEST_DIR")
}

fn extern_path(name: &str) -> Path {
    let name = Ident::new(name, Span::mixed_site());
    syn::parse_quote!(::#name)
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;

    use super::*;

    fn check(reach: Result<Option<Reach>, String>, expected: &str) {
        let told = found(reach).map(|path| path.to_token_stream().to_string());
        assert_eq!(told.unwrap_or_else(|sentence| sentence), expected);
    }

    #[test]
    fn a_facade_that_is_found_is_an_extern_path_and_any_other_a_sentence() {
        let package = || "app".to_owned();
        let names = ["new_obs".to_owned(), "old_obs".to_owned()].into();
        check(Ok(None), ":: obs");
        check(Ok(Some(Reach::Name("telemetry".to_owned()))), ":: telemetry");
        check(
            Ok(Some(Reach::Several { package: package(), names })),
            "`app` knows `obs-facade` by several names (`new_obs`, `old_obs`): choose one, as in \
             `#[traced(crate = new_obs)]`",
        );
        check(
            Ok(Some(Reach::Missing { package: package() })),
            "`obs-facade` is not a dependency of `app`: add it to its Cargo.toml, or name the \
             path that reaches it, as in `#[traced(crate = other_crate::obs)]`",
        );
        check(
            Err("cannot read `x`".to_owned()),
            "cannot read `x`: name the path that reaches the facade, as in \
             `#[traced(crate = obs)]`",
        );
    }
}
