//! The function under the attribute, its body left as the tokens it came in.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Block, Error, LitStr, Signature, Token, Visibility, braced, token};

pub(crate) struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    pub(crate) signature: Signature,
    braces: token::Brace,
    inner_attributes: Vec<Attribute>,
    body: TokenStream,
}

impl Function {
    /// The body in a block of its own.
    pub(crate) fn block(&self) -> TokenStream {
        inner_block(self.braces, self.body.clone())
    }

    /// The body as a tree; `None` where it has syntax that only the compiler knows.
    pub(crate) fn parsed(&self) -> Option<Block> {
        let stmts = syn::parse::Parser::parse2(Block::parse_within, self.body.clone());
        stmts.ok().map(|stmts| Block { brace_token: self.braces, stmts })
    }

    /// The function with other statements in its braces.
    pub(crate) fn with_body(&self, statements: &TokenStream) -> TokenStream {
        let mut tokens = TokenStream::new();
        tokens.append_all(&self.attributes);
        self.visibility.to_tokens(&mut tokens);
        self.signature.to_tokens(&mut tokens);
        self.braces.surround(&mut tokens, |inner| {
            inner.append_all(&self.inner_attributes);
            inner.append_all(statements.clone());
        });
        tokens
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if !is_function(&input.fork())? {
            let sentence = "`#[traced]` goes on a function or method: on an `impl` block or a \
                            trait, put it on each method to be traced";
            return Err(input.error(sentence));
        }
        let signature: Signature = input.parse()?;
        if let Some(constness) = &signature.constness {
            let sentence = "a `const fn` cannot open a span: remove `const` or `#[traced]`";
            return Err(Error::new(constness.span, sentence));
        }
        if input.peek(Token![;]) {
            let sentence = format!(
                "`{}` has no body here: put `#[traced]` where it is implemented",
                signature.ident
            );
            return Err(Error::new(signature.ident.span(), sentence));
        }
        let content;
        let braces = braced!(content in input);
        let inner_attributes = content.call(Attribute::parse_inner)?;
        let body = content.parse()?;
        Ok(Self { attributes, visibility, signature, braces, inner_attributes, body })
    }
}

/// A block within the function's, so that items still stand before statements; its braces are the
/// expansion's, so that no lint finds them needless.
pub(crate) fn inner_block(braces: token::Brace, body: TokenStream) -> TokenStream {
    let mut block = Group::new(Delimiter::Brace, body);
    block.set_span(braces.span.join().resolved_at(Span::mixed_site()));
    block.into_token_stream()
}

/// Whether `fn` comes next, but for the words that may stand before it.
fn is_function(input: ParseStream<'_>) -> syn::Result<bool> {
    while input.peek(Token![const])
        || input.peek(Token![async])
        || input.peek(Token![unsafe])
        || input.peek(Token![extern])
        || input.peek(LitStr)
    {
        input.parse::<TokenTree>()?;
    }
    Ok(input.peek(Token![fn]))
}
