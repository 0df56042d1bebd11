//! What a return type says, as far as it is written: a `Result`, a future of something, `impl Trait`.

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    GenericArgument, PathArguments, PathSegment, ReturnType, Token, Type, TypeInfer, TypeParamBound,
};

type Bounds = Punctuated<TypeParamBound, Token![+]>;

/// The type of the value whose outcome is observed, `None` where it cannot be read off.
pub(crate) struct Output(Option<Type>);

/// A return type that is a future.
pub(crate) struct Future {
    pub(crate) output: Output,
    pub(crate) boxed: bool,
}

impl Output {
    pub(crate) fn of(returns: &ReturnType) -> Self {
        Self(Some(match returns {
            ReturnType::Default => unit(),
            ReturnType::Type(_, ty) => (**ty).clone(),
        }))
    }

    pub(crate) fn unknown() -> Self {
        Self(None)
    }

    /// Where the type is written: there the compiler says if it is not what it was taken for.
    pub(crate) fn span(&self) -> Span {
        self.0.as_ref().map_or_else(Span::mixed_site, Spanned::span)
    }

    pub(crate) fn is_result(&self) -> bool {
        self.0.as_ref().and_then(last_segment).is_some_and(|segment| segment.ident == "Result")
    }

    pub(crate) fn is_unit(&self) -> bool {
        matches!(&self.0, Some(Type::Tuple(tuple)) if tuple.elems.is_empty())
    }

    pub(crate) fn is_never(&self) -> bool {
        matches!(&self.0, Some(Type::Never(_)))
    }

    /// The type as it can be written in an expression: `_` stands for each `impl Trait`; `None`
    /// where nothing can be said of it (`!` is not a type for an expression).
    pub(crate) fn in_expression(&self) -> Option<Type> {
        match &self.0 {
            Some(Type::Never(_)) | None => None,
            Some(ty) => Some(without_impl(ty.clone())),
        }
    }
}

/// Reads `impl Future<Output = T>`, `Pin<Box<dyn Future<Output = T>>>` and `BoxFuture<T>`.
pub(crate) fn future(returns: &ReturnType) -> Option<Future> {
    let ReturnType::Type(_, ty) = returns else {
        return None;
    };
    if let Type::ImplTrait(implemented) = unwrapped(ty) {
        let output = future_bound(&implemented.bounds)?;
        return Some(Future { output, boxed: false });
    }
    let segment = last_segment(ty)?;
    if segment.ident == "BoxFuture" || segment.ident == "LocalBoxFuture" {
        let output = Output(type_argument(segment).cloned());
        return Some(Future { output, boxed: true });
    }
    let boxed = type_argument(segment).and_then(last_segment)?;
    if segment.ident != "Pin" || boxed.ident != "Box" {
        return None;
    }
    let Type::TraitObject(object) = unwrapped(type_argument(boxed)?) else {
        return None;
    };
    let output = future_bound(&object.bounds)?;
    Some(Future { output, boxed: true })
}

fn future_bound(bounds: &Bounds) -> Option<Output> {
    bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let segment = bound.path.segments.last().filter(|last| last.ident == "Future")?;
        Some(Output(associated_output(segment).cloned()))
    })
}

fn associated_output(segment: &PathSegment) -> Option<&Type> {
    arguments(segment).find_map(|argument| match argument {
        GenericArgument::AssocType(bound) if bound.ident == "Output" => Some(&bound.ty),
        _ => None,
    })
}

/// The last type among a segment's arguments, as in `BoxFuture<'a, T>`.
fn type_argument(segment: &PathSegment) -> Option<&Type> {
    arguments(segment)
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .last()
}

fn arguments(segment: &PathSegment) -> impl Iterator<Item = &GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(bracketed) => Some(bracketed.args.iter()),
        _ => None,
    }
    .into_iter()
    .flatten()
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match unwrapped(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The type within parentheses and the invisible groups that `macro_rules!` leaves.
fn unwrapped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => unwrapped(&group.elem),
        Type::Paren(paren) => unwrapped(&paren.elem),
        other => other,
    }
}

fn unit() -> Type {
    syn::parse_quote!(())
}

fn without_impl(mut ty: Type) -> Type {
    erase(&mut ty);
    ty
}

fn erase(ty: &mut Type) {
    match ty {
        Type::ImplTrait(implemented) => {
            let underscore_token = Token![_](implemented.impl_token.span);
            *ty = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token });
        }
        Type::Array(array) => erase(&mut array.elem),
        Type::Group(group) => erase(&mut group.elem),
        Type::Paren(paren) => erase(&mut paren.elem),
        Type::Path(path) => path.path.segments.iter_mut().for_each(erase_arguments),
        Type::Ptr(pointer) => erase(&mut pointer.elem),
        Type::Reference(reference) => erase(&mut reference.elem),
        Type::Slice(slice) => erase(&mut slice.elem),
        Type::TraitObject(object) => {
            for bound in &mut object.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    bound.path.segments.iter_mut().for_each(erase_arguments);
                }
            }
        }
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(erase),
        _ => {}
    }
}

fn erase_arguments(segment: &mut PathSegment) {
    match &mut segment.arguments {
        PathArguments::AngleBracketed(bracketed) => {
            for argument in &mut bracketed.args {
                match argument {
                    GenericArgument::Type(ty) => erase(ty),
                    GenericArgument::AssocType(bound) => erase(&mut bound.ty),
                    _ => {}
                }
            }
        }
        PathArguments::Parenthesized(signature) => {
            if let ReturnType::Type(_, ty) = &mut signature.output {
                erase(ty);
            }
        }
        PathArguments::None => {}
    }
}
