//! Which lines of a source are test code.

use std::ops::RangeInclusive;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, File, ImplItemFn, Item, ItemFn, ItemImpl, ItemMod, Meta};

/// The line ranges of functions and modules in `file` that only tests compile.
pub(crate) fn ranges(file: &File) -> Vec<RangeInclusive<usize>> {
    let mut finder = Finder::default();
    finder.visit_file(file);
    finder.ranges
}

/// Whether `attributes` make an item part of the tests alone.
pub(crate) fn marks_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        if path.is_ident("cfg") {
            return matches!(&attribute.meta, Meta::List(list) if asks_for_test(&list.tokens));
        }
        path.segments.last().is_some_and(|segment| segment.ident == "test")
    })
}

fn asks_for_test(condition: &TokenStream) -> bool {
    let mut words = Vec::new();
    collect_words(condition.clone(), &mut words);
    words.iter().any(|word| word == "test")
        && !words.iter().any(|word| word == "not" || word == "any")
}

fn collect_words(stream: TokenStream, words: &mut Vec<String>) {
    for tree in stream {
        match tree {
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            TokenTree::Group(group) => collect_words(group.stream(), words),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[derive(Default)]
struct Finder {
    ranges: Vec<RangeInclusive<usize>>,
}

impl Finder {
    fn note(&mut self, attributes: &[Attribute], end: Span) {
        if marks_test(attributes) {
            let start = attributes[0].pound_token.span.start().line;
            self.ranges.push(start..=end.end().line);
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(ItemFn { attrs, block, .. }) => {
                self.note(attrs, block.brace_token.span.close())
            }
            Item::Impl(ItemImpl { attrs, brace_token, .. }) => {
                self.note(attrs, brace_token.span.close());
            }
            Item::Mod(ItemMod { attrs, content: Some((brace, _)), .. }) => {
                self.note(attrs, brace.span.close());
            }
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.note(&function.attrs, function.block.brace_token.span.close());
        visit::visit_impl_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::ranges;

    fn check(text: &str) -> Vec<(usize, usize)> {
        let file = syn::parse_file(text).unwrap();
        ranges(&file).into_iter().map(|range| range.into_inner()).collect()
    }

    #[test]
    fn a_test_module_and_a_test_function_are_test_code() {
        assert_eq!(check("fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\n"), [(2, 5)]);
        assert_eq!(check("#[test]\nfn a() {\n}\n"), [(1, 3)]);
        assert_eq!(check("#[tokio::test]\nasync fn a() {}\n"), [(1, 2)]);
        assert_eq!(check("impl A {\n #[cfg(all(test, unix))]\n fn a() {}\n}\n"), [(2, 3)]);
    }

    #[test]
    fn what_the_product_compiles_too_is_no_test_code() {
        assert_eq!(check("#[cfg(not(test))]\nfn a() {}\n"), []);
        assert_eq!(check("#[cfg(any(test, loom))]\nmod a {}\n"), []);
        assert_eq!(check("#[cfg(unix)]\nmod a {}\n"), []);
    }
}
