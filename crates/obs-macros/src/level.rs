//! `level = …`: one of the five by name, or a constant of the caller's.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream};
use syn::{Error, LitStr, Path};

const NAMES: [&str; 5] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

pub(crate) enum Level {
    Named(&'static str),
    Constant(Path),
}

impl Level {
    pub(crate) const INFO: Self = Self::Named("INFO");
    pub(crate) const ERROR: Self = Self::Named("ERROR");

    /// The level as a constant expression; `private` is the facade's private module.
    pub(crate) fn tokens(&self, private: &TokenStream) -> TokenStream {
        match self {
            Self::Named(name) => {
                let name = Ident::new(name, Span::mixed_site());
                hygienic!(#private::tracing::Level::#name)
            }
            Self::Constant(path) => path.to_token_stream(),
        }
    }
}

impl Parse for Level {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            return named(&text.value()).ok_or_else(|| unknown(text.span(), &text.value()));
        }
        let path: Path = input.parse()?;
        let Some(ident) = path.get_ident() else {
            return Ok(Self::Constant(path));
        };
        let word = ident.to_string();
        match named(&word) {
            Some(level) => Ok(level),
            None if word.starts_with(char::is_lowercase) => Err(unknown(ident.span(), &word)),
            None => Ok(Self::Constant(path)),
        }
    }
}

fn named(word: &str) -> Option<Level> {
    let name = NAMES.into_iter().find(|name| name.eq_ignore_ascii_case(word))?;
    Some(Level::Named(name))
}

fn unknown(span: Span, word: &str) -> Error {
    Error::new(
        span,
        format!("unknown level `{word}`: write `trace`, `debug`, `info`, `warn` or `error`"),
    )
}
