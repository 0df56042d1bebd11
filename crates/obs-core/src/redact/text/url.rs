//! User and password in addresses.
use super::Found;
use super::bytes::Bytes;
use super::placeholder::is_placeholder;
use super::token::is_token;

/// What may stand between `://` and `@`.
const USER_BYTES_MAX: usize = 512;
/// A user's name of this length that looks random is a token.
const TOKEN_LENGTH_MIN: usize = 16;

/// The password, or the token that stands for user and password, behind the `://` that ends at `start`.
pub(super) fn found(text: Bytes<'_>, start: usize) -> Option<Found<'static>> {
    let limit = start + USER_BYTES_MAX;
    let (mut at, mut colon, mut host) = (start, None, None);
    while at < limit {
        match text.at(at) {
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' => break,
            byte if byte <= b' ' => break,
            b'/' | b'?' | b'#' if host.is_some() || colon.is_none() => break,
            b'/' if !has_host_ahead(text, at, limit) || is_port(text, colon, at) => break,
            b':' if colon.is_none() => colon = Some(at),
            b'@' => host = Some(at),
            _ => {}
        }
        at += 1;
    }
    let end = host?;
    let colon = colon.filter(|colon| *colon < end);
    let user = text.part(start, colon.unwrap_or(end));
    let from = match colon {
        _ if is_token(user, TOKEN_LENGTH_MIN) && !user.contains(&b'.') => start,
        Some(colon) => colon + 1,
        None => return None,
    };
    (!is_placeholder(text.part(from, end))).then(|| Found::new(from..end, "url:userinfo"))
}

/// Whether what stands behind the colon is the number of a port.
fn is_port(text: Bytes<'_>, colon: Option<usize>, end: usize) -> bool {
    colon.is_some_and(|colon| text.part(colon + 1, end).iter().all(u8::is_ascii_digit))
}

/// Whether the slash at `index` belongs to a password: an `@` comes before the next slash.
fn has_host_ahead(text: Bytes<'_>, index: usize, limit: usize) -> bool {
    let ends =
        |byte: u8| byte <= b' ' || matches!(byte, b'"' | b'\'' | b'/' | b'?' | b'<' | b'>' | b'@');
    text.at(text.past(index + 1, limit - index, |byte| !ends(byte))) == b'@'
}
