//! Attribute macros of the obs toolkit.

use proc_macro::TokenStream;
use quote::ToTokens as _;

mod arguments;
mod expand;
mod fields;
mod files;
mod function;
mod level;
mod manifest;
mod options;
mod outcome;
mod plan;
mod returns;
mod root;

/// Opens a span around a function.
#[proc_macro_attribute]
pub fn traced(options: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let expanded = match expand::expand(options.into(), item.clone()) {
        Ok(tokens) => tokens,
        Err(error) => {
            let mut tokens = error.into_compile_error();
            item.to_tokens(&mut tokens);
            tokens
        }
    };
    expanded.into()
}
