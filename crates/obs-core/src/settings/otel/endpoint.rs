//! Where telemetry is sent.

use std::fmt;
use std::str::FromStr;

/// The address of a receiver: `https://collector:4318/base`, or for gRPC also `collector:4317`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    scheme: Option<Scheme>,
    authority: String,
    /// Empty, or begins with a slash.
    path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

/// Why a text is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Another scheme.
    #[error("its scheme is neither http nor https")]
    Scheme,
    /// Nothing where the host should be.
    #[error("it names no host")]
    Host,
    /// Something else than a number up to 65535 where the port should be.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// A user or password, which would end up in messages.
    #[error("it holds a user or password; those belong in the headers")]
    Credentials,
    /// Characters that no address holds.
    #[error("it holds spaces, quotes or characters beyond ASCII")]
    Characters,
}

impl Endpoint {
    /// A receiver on this machine.
    pub(super) fn local(port: u16) -> Self {
        let authority = format!("localhost:{port}");
        Self { scheme: Some(Scheme::Http), authority, path: String::new() }
    }

    /// Whether it says by its scheme that TLS is used, or that it is not.
    #[must_use]
    pub fn is_secure(&self) -> Option<bool> {
        self.scheme.map(|scheme| scheme == Scheme::Https)
    }

    /// Host and port, as they were written.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host, without the brackets of an address of version 6.
    #[must_use]
    pub fn host(&self) -> &str {
        let (host, _) = split(&self.authority);
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port, if it names one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        split(&self.authority).1?.parse().ok()
    }

    /// The path: empty, or begins with a slash.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same, with `path` behind its own, and one slash between.
    #[must_use]
    pub fn join(&self, path: &str) -> Self {
        let (before, behind) = (self.path.trim_end_matches('/'), path.trim_start_matches('/'));
        Self { path: format!("{before}/{behind}"), ..self.clone() }
    }

    /// The same, with TLS or without it where its scheme does not say.
    #[must_use]
    pub fn or_secure(&self, is_secure: bool) -> Self {
        let scheme = if is_secure { Scheme::Https } else { Scheme::Http };
        Self { scheme: self.scheme.or(Some(scheme)), ..self.clone() }
    }
}

/// Host and port of an authority.
fn split(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '<' | '>' | '\\');
        if !text.chars().all(fits) {
            return Err(EndpointError::Characters);
        }
        let (scheme, rest) = match text.split_once("://") {
            None => (None, text),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
                (Some(Scheme::Http), rest)
            }
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => {
                (Some(Scheme::Https), rest)
            }
            Some(_) => return Err(EndpointError::Scheme),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(EndpointError::Credentials);
        }
        let (host, port) = split(authority);
        if host.is_empty() || host.contains(':') && !host.starts_with('[') {
            return Err(EndpointError::Host);
        }
        if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
            return Err(EndpointError::Port);
        }
        Ok(Self { scheme, authority: authority.to_owned(), path: path.to_owned() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scheme {
            None => "",
            Some(Scheme::Http) => "http://",
            Some(Scheme::Https) => "https://",
        })?;
        write!(f, "{}{}", self.authority, self.path)
    }
}
