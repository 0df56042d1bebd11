//! Words that stood earlier on a line.
use super::bytes::Bytes;

/// No word is looked for further back.
const BACK_BYTES_MAX: usize = 256;

/// What is looked for, in whatever case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Curl,
    Ldap,
    Login,
    MariaDb,
    Mongo,
    MySql,
    RedisCli,
    SevenZip,
    SshPass,
}

impl Word {
    const ALL: [(Self, &'static [u8]); 9] = [
        (Self::Curl, b"curl"),
        (Self::Ldap, b"ldap"),
        (Self::Login, b"login "),
        (Self::MariaDb, b"mariadb"),
        (Self::Mongo, b"mongo"),
        (Self::MySql, b"mysql"),
        (Self::RedisCli, b"redis-cli"),
        (Self::SevenZip, b"7z"),
        (Self::SshPass, b"sshpass"),
    ];
}

/// The words that end with a byte in lower case, a bit for each.
static ENDS: [u16; 256] = {
    let (mut ends, mut at) = ([0; 256], 0);
    while at < Word::ALL.len() {
        if let [.., end] = Word::ALL[at].1 {
            ends[*end as usize] |= 1 << at;
        }
        at += 1;
    }
    ends
};

/// Where each word last stood on the line. No byte is looked at twice, however often that is asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    /// The text was looked through up to here.
    to: usize,
    last: [Option<usize>; Word::ALL.len()],
}

impl Words {
    /// Whether `word` stands in the `bytes_max` bytes before `index`, on the same line. Of one text `index` only grows.
    pub(super) fn is_before(
        &mut self,
        text: Bytes<'_>,
        index: usize,
        word: Word,
        bytes_max: usize,
    ) -> bool {
        for at in self.to.max(index.saturating_sub(BACK_BYTES_MAX))..index {
            let byte = text.at(at).to_ascii_lowercase();
            match ENDS[usize::from(byte)] {
                0 if byte == b'\n' => self.last = Default::default(),
                0 => {}
                words => self.note(text, at + 1, words),
            }
        }
        self.to = self.to.max(index);
        let start = index.saturating_sub(bytes_max.min(BACK_BYTES_MAX));
        self.last[word as usize].is_some_and(|last| last >= start)
    }

    /// Keeps those of `words`, a bit for each, that end at `end`.
    fn note(&mut self, text: Bytes<'_>, end: usize, mut words: u16) {
        while words != 0 {
            let (word, letters) = Word::ALL[words.trailing_zeros() as usize];
            words &= words - 1;
            let start = end.saturating_sub(letters.len());
            if text.part(start, end).eq_ignore_ascii_case(letters) {
                self.last[word as usize] = Some(start);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Word, Words};

    #[test]
    fn a_word_is_before_a_place_of_its_line_only() {
        let text = Bytes(b"MySQL curl\nlogin 7z a");
        let mut words = Words::default();
        assert!(words.is_before(text, 5, Word::MySql, 5));
        assert!(!words.is_before(text, 10, Word::MySql, 5));
        assert!(words.is_before(text, 10, Word::Curl, 256));
        assert!(!words.is_before(text, 16, Word::Curl, 256));
        assert!(!words.is_before(text, 16, Word::Login, 5));
        assert!(words.is_before(text, 17, Word::Login, 256));
        assert!(words.is_before(text, 21, Word::SevenZip, 256));
    }

    #[test]
    fn words_stand_at_their_own_places() {
        for (at, (word, _)) in Word::ALL.into_iter().enumerate() {
            assert_eq!(word as usize, at);
        }
    }
}
