//! What somebody speaks who answers, but not as a receiver.
use super::deadline::Deadline;
use super::fault::FaultKind;
use super::way::{of_rustls, shake_hands};
use crate::answer::said;
use crate::tls;
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

/// More is not listened to.
const BYTES_MAX: usize = 256;
/// The header of a frame of HTTP/2: RFC 9113, section 4.1.
const FRAME_BYTES: usize = 9;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
/// What a client of HTTP/2 says first: RFC 9113, section 3.4, and settings that change nothing.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Speech {
    /// HTTP/1, by this line.
    Http1(String),
    /// HTTP/2.
    Http2,
    /// TLS.
    Tls,
    /// The connection was cut.
    Nothing,
    /// Nothing came in time.
    Silence,
    /// TLS complained, after all had been well with it: of this, in these words.
    Complaint(FaultKind, String),
    /// Something else.
    Other(String),
}

impl fmt::Display for Speech {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http1(line) => write!(f, "\"{line}\""),
            Self::Http2 => f.write_str("frames of HTTP/2"),
            Self::Tls => f.write_str("TLS"),
            Self::Nothing => f.write_str("nothing, and cuts the connection"),
            Self::Silence => f.write_str("nothing in time"),
            Self::Complaint(_, words) => f.write_str(words),
            Self::Other(text) => write!(f, "\"{text}\", which is no HTTP"),
        }
    }
}

/// What is spoken at an address without TLS, if it is HTTP.
pub(super) fn plain(address: SocketAddr, deadline: Deadline) -> Option<Speech> {
    let speech = of(connect(address, deadline)?, address, deadline);
    matches!(speech, Speech::Http1(_) | Speech::Http2).then_some(speech)
}

/// What is spoken by who listens to `stream`, and may be asked again at its address.
pub(super) fn of(stream: TcpStream, address: SocketAddr, deadline: Deadline) -> Speech {
    if let Some(speech) = patient(&stream, deadline).err() {
        return speech;
    }
    match hear(stream, deadline) {
        Speech::Nothing if speaks_http2(address, deadline) => Speech::Http2,
        Speech::Nothing if speaks_tls(address, deadline) => Speech::Tls,
        other => other,
    }
}

/// What is answered to a simple request.
pub(super) fn hear(mut stream: impl Read + Write, deadline: Deadline) -> Speech {
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    // Who speaks otherwise may have cut the connection already, after an answer.
    drop(stream.write_all(request).and_then(|()| stream.flush()));
    match listen(&mut stream, deadline) {
        (bytes, end) if bytes.is_empty() => end,
        (bytes, _) => judge(&bytes),
    }
}

/// What these bytes are the beginning of.
fn judge(bytes: &[u8]) -> Speech {
    if is_frame(bytes) {
        return Speech::Http2;
    }
    if let [0x15 | 0x16, 3, ..] = bytes {
        return Speech::Tls;
    }
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    let text = said(line);
    if bytes.starts_with(b"HTTP/1.") { Speech::Http1(text) } else { Speech::Other(text) }
}

/// Whether it is the first frame of a server of HTTP/2, or its last.
fn is_frame(bytes: &[u8]) -> bool {
    let Some([0, _, _, kind, _, 0, 0, 0, 0]) = bytes.get(..FRAME_BYTES) else { return false };
    [SETTINGS, GOAWAY].contains(kind)
}

/// What comes until a line has ended, a frame has begun, or enough is there; and what it is if nothing came.
fn listen(stream: &mut impl Read, deadline: Deadline) -> (Vec<u8>, Speech) {
    let mut bytes = Vec::new();
    let mut buffer = [0; BYTES_MAX];
    while !deadline.is_over() && bytes.len() < BYTES_MAX && !is_frame(&bytes) {
        match stream.read(&mut buffer) {
            Ok(0) => return (bytes, Speech::Nothing),
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                let end = match (of_rustls(&error), error.kind()) {
                    (Some((kind, words)), _) => Speech::Complaint(kind, words),
                    (None, ErrorKind::WouldBlock | ErrorKind::TimedOut) => Speech::Silence,
                    _ => Speech::Nothing,
                };
                return (bytes, end);
            }
        }
        if bytes.starts_with(b"HTTP/") && bytes.contains(&b'\n') {
            break;
        }
    }
    (bytes, Speech::Silence)
}

fn connect(address: SocketAddr, deadline: Deadline) -> Option<TcpStream> {
    TcpStream::connect_timeout(&address, deadline.left()).ok()
}

/// Lets the stream wait no longer than there is time.
fn patient(stream: &TcpStream, deadline: Deadline) -> Result<(), Speech> {
    let left = Some(deadline.left());
    let set = stream.set_read_timeout(left).and_then(|()| stream.set_write_timeout(left));
    set.map_err(|_| Speech::Nothing)
}

fn speaks_http2(address: SocketAddr, deadline: Deadline) -> bool {
    let Some(mut stream) = connect(address, deadline) else { return false };
    if patient(&stream, deadline).is_err() || stream.write_all(PREFACE).is_err() {
        return false;
    }
    is_frame(&listen(&mut stream, deadline).0)
}

/// Whether somebody there answers the beginning of a handshake as TLS has it, whatever the answer is.
fn speaks_tls(address: SocketAddr, deadline: Deadline) -> bool {
    let name = ServerName::IpAddress(address.ip().into());
    let connection = tls::trusting_nobody()
        .and_then(|config| ClientConnection::new(Arc::new(config), name).ok());
    let (Some(connection), Some(stream)) = (connection, connect(address, deadline)) else {
        return false;
    };
    match shake_hands(connection, stream, deadline) {
        Ok(_) => true,
        Err(error) => {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            of_rustls(&error).is_some() && !matches!(inner, Some(rustls::Error::InvalidMessage(_)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Speech, hear, judge};
    use crate::probe::deadline::Deadline;
    use std::io::{self, Read, Write};
    use std::time::Duration;

    /// Who says this whatever he hears, a byte at a time, and hangs up.
    struct Parrot(&'static [u8]);

    impl Read for Parrot {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            self.0 = rest;
            buffer[0] = *first;
            Ok(1)
        }
    }

    impl Write for Parrot {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_spoken_is_told_by_the_first_bytes_however_they_come() {
        for (bytes, speech) in [
            (&b"HTTP/1.1 404 Not Found\r\nA: b\r\n"[..], "\"HTTP/1.1 404 Not Found\""),
            (b"HTTP/1.0 400 Bad Request", "\"HTTP/1.0 400 Bad Request\""),
            (b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64", "frames of HTTP/2"),
            (b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01", "frames of HTTP/2"),
            (b"\x15\x03\x01\x00\x02\x02\x46", "TLS"),
            (b"", "nothing, and cuts the connection"),
            (b"SSH-2.0-x\x1b[2J\r\n", "\"SSH-2.0-x\\u{1b}[2J\", which is no HTTP"),
            (
                b"\0\0\x06\x09\0\0\0\0\0",
                "\"\\u{0}\\u{0}\\u{6}\\t\\u{0}\\u{0}\\u{0}\\u{0}\\u{0}\", which is no HTTP",
            ),
        ] {
            let heard = hear(Parrot(bytes), Deadline::after(Duration::from_secs(60)));
            assert_eq!(heard.to_string(), speech);
        }
    }

    #[test]
    fn who_never_ends_is_not_listened_to_for_ever() {
        let endless = io::repeat(b'x');
        let (bytes, _) = super::listen(&mut { endless }, Deadline::after(Duration::from_secs(60)));
        assert_eq!(bytes.len(), super::BYTES_MAX);
        assert!(matches!(judge(&bytes), Speech::Other(_)));
    }
}
