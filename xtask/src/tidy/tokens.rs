//! The tokens of a source in one flat list, also those inside of macro calls.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// One token; a group gives one for each of its brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// Counts from 1.
    pub(crate) line: usize,
}

/// The tokens of `stream` in order; `::` is one token.
pub(crate) fn flatten(stream: TokenStream) -> Vec<Token> {
    let mut tokens = Vec::new();
    collect(stream, &mut tokens);
    tokens
}

fn collect(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut joined = false;
    for tree in stream {
        let (text, span) = match &tree {
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                push(tokens, open, group.span_open());
                collect(group.stream(), tokens);
                (close.to_owned(), group.span_close())
            }
            TokenTree::Ident(ident) => (ident.to_string(), ident.span()),
            TokenTree::Literal(literal) => (literal.to_string(), literal.span()),
            TokenTree::Punct(punct) => (punct.as_char().to_string(), punct.span()),
        };
        let colon = text == ":";
        if colon && joined && tokens.last().is_some_and(|last| last.text == ":") {
            tokens.pop();
            push(tokens, "::", span);
        } else {
            push(tokens, &text, span);
        }
        joined = matches!(&tree, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
    }
}

fn push(tokens: &mut Vec<Token>, text: &str, span: proc_macro2::Span) {
    if !text.is_empty() {
        tokens.push(Token { text: text.to_owned(), line: span.start().line });
    }
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// The lines at which `pattern` starts in `tokens`.
pub(crate) fn lines_of(tokens: &[Token], pattern: &[&str]) -> Vec<usize> {
    let windows = tokens.windows(pattern.len());
    let matching = windows.filter(|window| window.iter().zip(pattern).all(|(t, p)| t.text == *p));
    matching.map(|window| window[0].line).collect()
}

#[cfg(test)]
mod tests {
    use super::{flatten, lines_of};

    #[test]
    fn macro_calls_are_flattened_too() {
        let stream = "a!(\n b::c(1, \"d\")\n);".parse().unwrap();
        let tokens = flatten(stream);
        let texts: Vec<_> = tokens.iter().map(|token| token.text.as_str()).collect();
        let expected = ["a", "!", "(", "b", "::", "c", "(", "1", ",", "\"d\"", ")", ")", ";"];
        assert_eq!(texts, expected);
        assert_eq!(lines_of(&tokens, &["::", "c", "("]), [2]);
        assert_eq!(lines_of(&tokens, &["c", "::"]), [0; 0]);
    }
}
