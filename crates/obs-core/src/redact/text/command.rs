//! What commands take behind a short flag: `curl -u user:password`, `mysql -ppassword`, `sshpass -p password`.
use super::bytes::{Bytes, is_blank};
use super::line::Word;
use super::placeholder::is_placeholder;
use super::quote::Quote;
use super::{Found, Progress, VALUE_BYTES_MAX, bare};
use std::ops::Range;

/// How far before the flag the command's name is looked for.
const COMMAND_BYTES_MAX: usize = 256;
/// A number behind `-p` that has no more digits is a port.
const PORT_DIGITS_MAX: usize = 5;

/// A flag behind which a command takes a secret.
#[derive(Debug)]
pub(super) struct Flag {
    pub(super) text: &'static str,
    /// The commands that take one, by a word that stands before the flag.
    commands: &'static [(Word, Takes)],
}

/// How a command takes its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// A user and, behind a colon, the password.
    User,
    /// A password behind a blank; the port of something else is none.
    Apart,
    /// A password right behind the flag: a word behind a blank is something else.
    Glued,
    /// Either, but no port.
    AnyWay,
}

const USER: &[(Word, Takes)] = &[(Word::Curl, Takes::User)];

pub(super) const FLAGS: &[Flag] = &[
    Flag { text: " -u", commands: USER },
    Flag { text: "--user ", commands: USER },
    Flag { text: "--user=", commands: USER },
    Flag { text: "--proxy-user", commands: USER },
    Flag {
        text: " -p",
        commands: &[
            (Word::SshPass, Takes::AnyWay),
            (Word::Login, Takes::Apart),
            (Word::Mongo, Takes::Apart),
            (Word::MySql, Takes::Glued),
            (Word::MariaDb, Takes::Glued),
            (Word::SevenZip, Takes::Glued),
        ],
    },
    Flag { text: " -a", commands: &[(Word::RedisCli, Takes::Apart)] },
    Flag { text: " -w", commands: &[(Word::Ldap, Takes::Apart)] },
];

/// The secret behind the flag of this number, which ends at `end`.
pub(super) fn found(
    text: Bytes<'_>,
    end: usize,
    number: usize,
    progress: &mut Progress<'_, '_>,
) -> Option<Found<'static>> {
    let at = text.past(end, 8, |byte| is_blank(byte) || byte == b'=');
    let is_apart = at > end;
    let mut stands = |word| progress.place.words.is_before(text, end, word, COMMAND_BYTES_MAX);
    let mut takes = |(word, takes): &(Word, Takes)| {
        let fits = match takes {
            Takes::User | Takes::AnyWay => true,
            Takes::Apart => is_apart,
            Takes::Glued => !is_apart,
        };
        (fits && stands(*word)).then_some(*takes)
    };
    let takes = FLAGS[number].commands.iter().find_map(&mut takes)?;
    let value = match Quote::at(text, at) {
        Some((quote, content)) => quote.content(text, content, VALUE_BYTES_MAX),
        None => bare::value(text, at, VALUE_BYTES_MAX),
    };
    if text.has_marker(&value) {
        return None;
    }
    let (secret, rule) = match takes {
        Takes::User => (behind_user(text, value), "flag:user"),
        Takes::Apart | Takes::Glued | Takes::AnyWay => (value, "flag:password"),
    };
    let written = text.part(secret.start, secret.end);
    let is_other = match takes {
        Takes::User | Takes::Glued => false,
        Takes::Apart | Takes::AnyWay => written.starts_with(b"-") || is_port(written),
    };
    (!is_other && !is_placeholder(written)).then(|| Found::new(secret, rule))
}

/// What stands behind the first colon, if one does.
fn behind_user(text: Bytes<'_>, value: Range<usize>) -> Range<usize> {
    let colon = text.run(value.start, value.len(), |byte| byte != b':');
    (value.start + colon + 1).min(value.end)..value.end
}

fn is_port(value: &[u8]) -> bool {
    value.len() <= PORT_DIGITS_MAX && value.iter().all(u8::is_ascii_digit)
}
