//! A span as the console shows it.
use obs_core::Value;
use obs_core::record::ScopeSpan;

/// The name that the program gives it, where that is another than its callsite's.
pub(super) fn given_name(span: ScopeSpan<'_>) -> Option<Value<'_>> {
    special(span, "otel.name")
}

/// Its fields, but those that say how it is to be sent.
pub(super) fn fields(span: ScopeSpan<'_>) -> impl Iterator<Item = (&str, Value<'_>)> {
    span.fields().filter(|(name, _)| !name.starts_with("otel."))
}

/// A field that says how it is to be sent.
pub(super) fn special<'a>(span: ScopeSpan<'a>, wanted: &str) -> Option<Value<'a>> {
    span.fields().filter(|(name, _)| *name == wanted).map(|(_, value)| value).last()
}
