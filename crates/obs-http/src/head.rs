//! Heads of messages: what spans say of them.
use http::header::{AsHeaderName, CONTENT_LENGTH};
use http::{HeaderMap, Uri};
use std::borrow::Cow;

/// Longer texts of a client's are cut where they describe a span.
pub(crate) const TEXT_BYTES_MAX: usize = 1_024;

/// The text of a header, cut to a sane length; `None` if it is missing or no text.
pub(crate) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(cut)
}

/// The beginning of a text.
pub(crate) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}

/// The name of a request's span: the method, and the template of its path where that is known. A method that is made up
/// would make up a name.
pub(crate) fn span_name<'a>(method: Option<&'a str>, template: Option<&str>) -> Cow<'a, str> {
    let verb = method.unwrap_or("HTTP");
    match template {
        Some(template) => Cow::Owned(format!("{verb} {template}")),
        None => Cow::Borrowed(verb),
    }
}

/// How many bytes a message's body has, as it says.
pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The host of an address or a `Host` header, and its port if there is one.
pub(crate) fn host(uri: &Uri, headers: &HeaderMap) -> (Option<String>, Option<u16>) {
    let authority = uri.authority().cloned().or_else(|| {
        let host = text(headers, http::header::HOST)?;
        host.parse::<http::uri::Authority>().ok()
    });
    match authority {
        Some(authority) => (Some(authority.host().to_owned()), authority.port_u16()),
        None => (None, None),
    }
}
