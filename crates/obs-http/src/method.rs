//! Methods: few enough to be names.
use http::Method;

/// What stands for a method that nobody knows.
pub(crate) const OTHER: &str = "_OTHER";

/// The method, if it is one of those that names are made of.
pub(crate) fn known(method: &Method) -> Option<&'static str> {
    const KNOWN: [&str; 9] =
        ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
    KNOWN.into_iter().find(|known| *known == method.as_str())
}

/// The beginning of a method that nobody knows.
pub(crate) fn original(method: &Method) -> Option<&str> {
    known(method).is_none().then(|| crate::head::cut(method.as_str()))
}
