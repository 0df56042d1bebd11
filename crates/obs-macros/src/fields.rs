//! One field of `fields(…)`: `argument`, `%argument`, `name = expression`, `"name" = ?expression`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, ExprReference, LitStr, Token};

type Dotted = Punctuated<Ident, Token![.]>;

pub(crate) struct Field {
    key: String,
    span: Span,
    sigil: Option<Sigil>,
    /// The first word of a field without a value: it must be an argument.
    argument: Option<Ident>,
    value: Expr,
}

enum Sigil {
    Debug(Token![?]),
    Display(Token![%]),
}

impl Field {
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Refuses a field without a value that is not one of the arguments of `function`.
    pub(crate) fn check(&self, arguments: &[Ident], function: &Ident) -> syn::Result<()> {
        match &self.argument {
            Some(word) if !arguments.iter().any(|argument| argument == word) => {
                let sentence = format!(
                    "`{word}` is not an argument of `{function}`: give the field a value, as in \
                     `{word} = expression`"
                );
                Err(Error::new(word.span(), sentence))
            }
            _ => Ok(()),
        }
    }

    /// The field as the macros of `tracing` read it; `private` is the facade's private module.
    pub(crate) fn tokens(&self, private: &TokenStream) -> TokenStream {
        let key = LitStr::new(&self.key, Span::mixed_site());
        let value = &self.value;
        match &self.sigil {
            Some(Sigil::Debug(sigil)) => {
                hygienic!(#key = #sigil #value)
            }
            Some(Sigil::Display(sigil)) => {
                hygienic!(#key = #sigil #value)
            }
            None => {
                let value = recordable(private, value);
                hygienic!(#key = #value)
            }
        }
    }
}

/// A call whose argument stands where the value stands: there the compiler says if it does not fit.
fn recordable(private: &TokenStream, value: &Expr) -> TokenStream {
    let borrowed = ExprReference {
        attrs: Vec::new(),
        and_token: Token![&](value.span()),
        mutability: None,
        expr: Box::new(value.clone()),
    };
    hygienic!(#private::recordable(#borrowed))
}

impl Parse for Field {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let key: LitStr = input.parse()?;
            return named(key.value(), key.span(), input);
        }
        let sigil = sigil(input)?;
        let words = dotted(input)?;
        let span = words.first().map_or_else(|| input.span(), Ident::span);
        let key = key(&words);
        if sigil.is_none() && input.peek(Token![=]) {
            return named(key, span, input);
        }
        if !input.is_empty() && !input.peek(Token![,]) {
            let sentence = match sigil {
                Some(_) => "a `%` or `?` stands before the value: write `name = %expression`",
                None => "a field that is not an argument needs a name: write `name = expression`",
            };
            return Err(Error::new(span, sentence));
        }
        let argument = words.first().cloned();
        let value = syn::parse2(words.into_token_stream())?;
        Ok(Self { key, span, sigil, argument, value })
    }
}

/// What follows a field's name: `= expression`, with a sigil or without.
fn named(key: String, span: Span, input: ParseStream<'_>) -> syn::Result<Field> {
    input.parse::<Token![=]>()?;
    let sigil = sigil(input)?;
    let value = input.parse()?;
    Ok(Field { key, span, sigil, argument: None, value })
}

fn sigil(input: ParseStream<'_>) -> syn::Result<Option<Sigil>> {
    if input.peek(Token![?]) {
        input.parse().map(Sigil::Debug).map(Some)
    } else if input.peek(Token![%]) {
        input.parse().map(Sigil::Display).map(Some)
    } else {
        Ok(None)
    }
}

fn dotted(input: ParseStream<'_>) -> syn::Result<Dotted> {
    let mut words = Dotted::new();
    loop {
        let word = input.call(Ident::parse_any).map_err(|error| {
            let sentence = "expected a field: `argument`, `%argument`, `?argument` or \
                            `name = expression`";
            Error::new(error.span(), sentence)
        })?;
        words.push_value(word);
        if !input.peek(Token![.]) {
            return Ok(words);
        }
        words.push_punct(input.parse()?);
    }
}

fn key(words: &Dotted) -> String {
    let words: Vec<_> = words.iter().map(|word| word.unraw().to_string()).collect();
    words.join(".")
}
