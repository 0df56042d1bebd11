//! What the options come to for one function, and the code that opens and closes its span.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Error, Expr, Signature};

use crate::arguments;
use crate::fields::Field;
use crate::level::Level;
use crate::options::{Err, Options, Report, Text};
use crate::outcome::{Outcome, STATUS};
use crate::returns::Output;
use crate::root;

pub(crate) struct Plan {
    span: TokenStream,
    follows_from: Option<Expr>,
    outcome: Outcome,
    /// `!`: there is no value to observe.
    never: bool,
}

impl Plan {
    /// Checks the options against the signature; `output` is what the body comes to.
    ///
    /// # Errors
    ///
    /// A field that is not an argument, `err` where nothing can fail, or no way to the facade.
    pub(crate) fn new(
        options: Options,
        signature: &Signature,
        output: &Output,
    ) -> syn::Result<Self> {
        let names = arguments::names(signature);
        let mut fields = options.fields.iter();
        fields.try_for_each(|field| field.check(&names, &signature.ident))?;
        let err = err(options.err, output)?;
        let facade = root::facade(options.facade.as_ref())?;

        let private = hygienic!(#facade::__private);
        let (name, label) = name(options.name, signature);
        let outcome = Outcome {
            target: target(options.target),
            level: options.level.unwrap_or(Level::INFO).tokens(&private),
            private,
            label,
            output: output.span(),
            fallible: err.is_some() || (options.log && output.is_result()),
            err,
            ret: options.ret,
            log: options.log,
        };
        let fields = span_fields(&options.fields, &outcome);
        let parent = options.parent.map(|parent| hygienic!(parent: #parent,));
        let (private, target, level) = (&outcome.private, &outcome.target, &outcome.level);
        let span = hygienic! {
            #private::tracing::span!(target: #target, #parent #level, #name, #(#fields),*)
        };
        Ok(Self { span, follows_from: options.follows_from, outcome, never: output.is_never() })
    }

    /// The path of the facade's private module.
    pub(crate) fn private(&self) -> &TokenStream {
        &self.outcome.private
    }

    /// Statements that leave the new span in `span`.
    pub(crate) fn opened(&self) -> TokenStream {
        let span = &self.span;
        let follows_from = self.follows_from.as_ref().map(|causes| {
            hygienic! {
                if !span.is_disabled() {
                    for cause in (#causes) {
                        span.follows_from(cause);
                    }
                }
            }
        });
        let stopwatch = (!self.never).then(|| self.outcome.stopwatch());
        let begun = self.outcome.begun();
        hygienic!(let span = #span; #follows_from #stopwatch #begun)
    }

    /// Statements that tell from `output` how it ended; `None` where nobody asked, or nothing ends.
    pub(crate) fn closed(&self, span: &TokenStream) -> Option<TokenStream> {
        let observed = self.outcome.is_observed() && !self.never;
        observed.then(|| self.outcome.ended(span))
    }
}

fn target(given: Option<Text>) -> TokenStream {
    match given {
        Some(target) => target.into_token_stream(),
        None => hygienic!(::core::module_path!()),
    }
}

/// The span's name, and what messages call it: a constant's value is not known here.
fn name(given: Option<Text>, signature: &Signature) -> (TokenStream, String) {
    let own = signature.ident.unraw().to_string();
    match given {
        Some(Text::Literal(name)) => (name.to_token_stream(), name.value()),
        Some(Text::Constant(path)) => (path.into_token_stream(), own),
        None => (own.to_token_stream(), own),
    }
}

/// The span's fields; with `err` on, also the status that it may come to.
fn span_fields(given: &[Field], outcome: &Outcome) -> Vec<TokenStream> {
    let private = &outcome.private;
    let mut fields: Vec<_> = given.iter().map(|field| field.tokens(private)).collect();
    if outcome.err.is_some() && given.iter().all(|field| field.key() != STATUS) {
        fields.push(hygienic! {
            #STATUS = #private::tracing::field::Empty
        });
    }
    fields
}

fn err(asked: Err, output: &Output) -> syn::Result<Option<Report>> {
    match asked {
        Err::ByType => Ok(output.is_result().then(Report::default)),
        Err::Off => Ok(None),
        Err::On(span, _) if output.is_unit() || output.is_never() => {
            let sentence = "`err` needs a function that returns a `Result`: remove `err`";
            Err(Error::new(span, sentence))
        }
        Err::On(_, report) => Ok(Some(report)),
    }
}
