//! The id by which people find a request again.

/// Characters of a request's id.
pub const REQUEST_ID_BYTES_MAX: usize = 128;

/// The id that a header names, if it can be taken as it is: 1 to 128 of letters and digits of ASCII and
/// `- _ . : / + = @ ~`. That covers UUIDs, ULIDs, Base64, and what proxies make. Nothing among them means anything to a
/// terminal, a shell's quotes, HTML, SQL or a header. Anything else is not to be repeated anywhere: a new id takes its
/// place.
///
/// ```
/// use obs_core::propagation::request_id;
///
/// assert_eq!(request_id("7f3a-92.b"), Some("7f3a-92.b"));
/// assert_eq!(request_id("7f3a\r\nadmin: true"), None);
/// ```
#[must_use]
pub fn request_id(text: &str) -> Option<&str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@~".contains(&byte);
    let is_id = (1..=REQUEST_ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(fits);
    is_id.then_some(text)
}
