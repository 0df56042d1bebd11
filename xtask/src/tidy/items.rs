//! The named things of a source: functions, types, traits.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{
    Block, File, FnArg, ImplItemFn, ItemEnum, ItemFn, ItemImpl, ItemStruct, ItemTrait, ItemType,
    ItemUnion, Signature, TraitItem, TraitItemFn, Visibility,
};

/// A function, with a body or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Where `fn` stands.
    pub(crate) line: usize,
    /// From `fn` to the closing brace; 1 without a body.
    pub(crate) length: usize,
    /// Without `self`.
    pub(crate) parameters: usize,
    pub(crate) public: bool,
    /// A trait prescribes its name and its parameters.
    pub(crate) prescribed: bool,
}

/// A struct, enum, union, trait or alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) public: bool,
    /// How many methods an implementor has to write; `None` for what is no trait.
    pub(crate) required_methods: Option<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Items {
    pub(crate) functions: Vec<Function>,
    pub(crate) types: Vec<Type>,
    in_public_trait: bool,
    in_trait_impl: bool,
}

impl Items {
    pub(crate) fn of(file: &File) -> Self {
        let mut items = Self::default();
        items.visit_file(file);
        items
    }

    fn function(&mut self, signature: &Signature, block: Option<&Block>, public: bool) {
        let line = signature.fn_token.span.start().line;
        let end = block.map_or(line, |block| block.brace_token.span.close().end().line);
        let typed = |input: &&FnArg| matches!(input, FnArg::Typed(_));
        self.functions.push(Function {
            name: signature.ident.to_string(),
            line,
            length: end + 1 - line,
            parameters: signature.inputs.iter().filter(typed).count(),
            public,
            prescribed: self.in_trait_impl && block.is_some(),
        });
    }

    fn named(&mut self, name: &syn::Ident, visibility: &Visibility) -> &mut Type {
        let span: Span = name.span();
        self.types.push(Type {
            name: name.to_string(),
            line: span.start().line,
            public: is_public(visibility),
            required_methods: None,
        });
        let last = self.types.len() - 1;
        &mut self.types[last]
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn required_methods(item: &ItemTrait) -> usize {
    let required = |item: &&TraitItem| matches!(item, TraitItem::Fn(f) if f.default.is_none());
    item.items.iter().filter(required).count()
}

impl<'ast> Visit<'ast> for Items {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        let outer = std::mem::take(&mut self.in_trait_impl);
        self.function(&item.sig, Some(&item.block), is_public(&item.vis));
        visit::visit_item_fn(self, item);
        self.in_trait_impl = outer;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, Some(&item.block), is_public(&item.vis));
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.function(&item.sig, item.default.as_ref(), self.in_public_trait);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let outer = std::mem::replace(&mut self.in_trait_impl, item.trait_.is_some());
        visit::visit_item_impl(self, item);
        self.in_trait_impl = outer;
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        let public = is_public(&item.vis);
        self.named(&item.ident, &item.vis).required_methods = Some(required_methods(item));
        let outer = std::mem::replace(&mut self.in_public_trait, public);
        let outer_impl = std::mem::take(&mut self.in_trait_impl);
        visit::visit_item_trait(self, item);
        self.in_public_trait = outer;
        self.in_trait_impl = outer_impl;
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.named(&item.ident, &item.vis);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.named(&item.ident, &item.vis);
    }

    fn visit_item_union(&mut self, item: &'ast ItemUnion) {
        self.named(&item.ident, &item.vis);
    }

    fn visit_item_type(&mut self, item: &'ast ItemType) {
        self.named(&item.ident, &item.vis);
    }
}

#[cfg(test)]
mod tests {
    use super::Items;

    #[test]
    fn functions_know_their_length_parameters_and_reach() {
        let text = "\
pub fn a(x: u8, y: u8) {
    b();
}
impl A { fn b(&self, x: u8) {} pub fn c() {} }
impl B for A { fn d() { fn e() {} } }
pub trait C { fn f(); fn g(self: Box<Self>) {} }
trait D { fn h(); }
";
        let items = Items::of(&syn::parse_file(text).unwrap());
        let told: Vec<_> = items
            .functions
            .iter()
            .map(|f| (f.name.as_str(), f.length, f.parameters, f.public, f.prescribed))
            .collect();
        let expected = [
            ("a", 3, 2, true, false),
            ("b", 1, 1, false, false),
            ("c", 1, 0, true, false),
            ("d", 1, 0, false, true),
            ("e", 1, 0, false, false),
            ("f", 1, 0, true, false),
            ("g", 1, 0, true, false),
            ("h", 1, 0, false, false),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn types_know_their_reach_and_what_they_ask_for() {
        let text = "pub struct A; enum B {} pub type C = u8; mod m { pub union D { a: u8 } }
            pub trait E { const X: u8; fn a(); fn b() {} fn c(); }";
        let items = Items::of(&syn::parse_file(text).unwrap());
        let told: Vec<_> = items
            .types
            .iter()
            .map(|item| (item.name.as_str(), item.line, item.public, item.required_methods))
            .collect();
        let expected = [
            ("A", 1, true, None),
            ("B", 1, false, None),
            ("C", 1, true, None),
            ("D", 1, true, None),
            ("E", 2, true, Some(2)),
        ];
        assert_eq!(told, expected);
    }
}
