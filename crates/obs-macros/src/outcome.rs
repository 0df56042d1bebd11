//! The events of `err`, `ret` and `log`: how the observed call or future began and ended.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::level::Level;
use crate::options::{Format, Report};

/// The span's field that OpenTelemetry reads the status of a span from.
pub(crate) const STATUS: &str = "otel.status_code";

pub(crate) struct Outcome {
    /// The path of the facade's private module.
    pub(crate) private: TokenStream,
    pub(crate) target: TokenStream,
    /// The span's level, at which events without a level of their own are emitted.
    pub(crate) level: TokenStream,
    /// What the messages call the operation.
    pub(crate) label: String,
    /// Where the type of the observed value is written.
    pub(crate) output: Span,
    /// Whether that type is a `Result`.
    pub(crate) fallible: bool,
    pub(crate) err: Option<Report>,
    pub(crate) ret: Option<Report>,
    pub(crate) log: bool,
}

impl Outcome {
    pub(crate) fn is_observed(&self) -> bool {
        self.err.is_some() || self.ret.is_some() || self.log
    }

    /// The event before the body; expects `span` in scope.
    pub(crate) fn begun(&self) -> Option<TokenStream> {
        let event = self.event(&self.level, &[], "started");
        self.log.then(|| hygienic!(span.in_scope(|| #event);))
    }

    /// The stopwatch that [`Self::ended`] reads.
    pub(crate) fn stopwatch(&self) -> Option<TokenStream> {
        let private = &self.private;
        self.log.then(|| hygienic!(let stopwatch = #private::Stopwatch::start();))
    }

    /// The events after the body; expects `output` and the stopwatch in scope. `span` is an
    /// expression.
    pub(crate) fn ended(&self, span: &TokenStream) -> TokenStream {
        let elapsed = self.log.then(|| hygienic!(let duration_ms = stopwatch.elapsed_ms();));
        let (value, error) = (hygienic!(value), hygienic!(error));
        let ok = quote_spanned!(self.output=> ::core::result::Result::Ok(#value));
        let err = quote_spanned!(self.output=> ::core::result::Result::Err(#error));
        let success = self.success(span);
        let told = match (self.fallible, success, self.failure(span)) {
            (true, Some(success), failure) => hygienic! {
                match &output {
                    #ok => { #success }
                    #err => { #failure }
                }
            },
            (true, None, failure) => hygienic! {
                if let #err = &output { #failure }
            },
            (false, success, _) => hygienic! {
                let value = &output;
                #success
            },
        };
        hygienic!(#elapsed #told)
    }

    fn success(&self, span: &TokenStream) -> Option<TokenStream> {
        let returned = self.ret.as_ref().map(|ret| match ret.format {
            Some(Format::Display) => hygienic!("return" = %value),
            Some(Format::Debug) | None => hygienic!("return" = ?value),
        });
        let own = self.ret.as_ref().and_then(|ret| ret.level.as_ref());
        let level = own.map_or_else(|| self.level.clone(), |own| own.tokens(&self.private));
        let verb = match (self.log, &returned) {
            (true, _) => "completed",
            (false, Some(_)) => "returned",
            (false, None) => return None,
        };
        let fields: Vec<_> = self.duration().into_iter().chain(returned).collect();
        let event = self.event(&level, &fields, verb);
        Some(hygienic!(#span.in_scope(|| #event);))
    }

    fn failure(&self, span: &TokenStream) -> TokenStream {
        let Some(err) = &self.err else {
            let fields: Vec<_> = self.duration().into_iter().collect();
            let event = self.event(&self.level, &fields, "failed");
            return hygienic!(#span.in_scope(|| #event););
        };
        let mut fields = vec![
            self.error(err.format),
            hygienic!("error.type" = ::core::any::type_name_of_val(error)),
        ];
        fields.extend(self.duration());
        let level = err.level.as_ref().unwrap_or(&Level::ERROR);
        let event = self.event(&level.tokens(&self.private), &fields, "failed");
        hygienic! {
            #span.record(#STATUS, "ERROR");
            #span.in_scope(|| #event);
        }
    }

    /// The error as a field: with its sources where its type has them, else as it prints.
    fn error(&self, format: Option<Format>) -> TokenStream {
        let private = &self.private;
        match format {
            Some(Format::Debug) => hygienic!("error" = ?error),
            Some(Format::Display) => hygienic!("error" = %error),
            None => hygienic! {
                "error" = {
                    use #private::error::*;
                    (&&&&&&ErrorRef(error)).traced_value()
                }
            },
        }
    }

    fn duration(&self) -> Option<TokenStream> {
        self.log.then(|| hygienic!("duration_ms" = duration_ms))
    }

    fn event(&self, level: &TokenStream, fields: &[TokenStream], verb: &str) -> TokenStream {
        let private = &self.private;
        let target = &self.target;
        let label = self.label.replace('{', "{{").replace('}', "}}");
        let message = format!("{label} {verb}");
        hygienic! {
            #private::tracing::event!(target: #target, #level, { #(#fields),* }, #message)
        }
    }
}
