//! How much was looked at, beside how much text there was to look at.
use super::bytes::Bytes;

/// So much time each byte of a text has.
const NS_PER_BYTE: u64 = 14;
/// So much may be owed: that of a text as dense as code or a list of passwords, for some hundred KiB of it.
const OWED_NS_MAX: u64 = 1_000_000;

/// What is withheld at once is no shorter, but for the text's end.
const WITHHELD_BYTES_MIN: usize = 16 << 10;
/// It ends with a line, if one ends by then.
const WITHHELD_BYTES_MAX: usize = 48 << 10;

/// What takes time.
#[derive(Debug, Clone, Copy)]
pub(in crate::redact) enum Look {
    /// Whether an anchor is what it seems to be.
    Anchor,
    /// What stands around the stem of a name, or behind the name of a scheme.
    Name,
    /// What is said by a name of so many bytes that was not seen before.
    NewName(usize),
    /// The first bytes of what may be a value.
    Head,
    /// Whether a value under a name is one that has so many bytes, as far as they were looked at.
    Value(usize),
    /// The same where it takes more than its head.
    LongValue,
    /// Trying a pattern of the program.
    Pattern,
    /// Writing a marker.
    Found,
}

impl Look {
    /// What it takes at most, in nanoseconds of a machine as there are many.
    const fn ns(self) -> u64 {
        match self {
            Self::Anchor => 40,
            Self::Head => 50,
            Self::Name => 60,
            Self::Value(bytes) => 40 + 3 * bytes as u64,
            Self::Found => 130,
            Self::NewName(bytes) => 150 + 25 * bytes as u64,
            Self::LongValue => 250,
            Self::Pattern => 500,
        }
    }
}

/// The time that was taken, by what was done, and not yet made good by text. It is counted and not measured, so that
/// it is the same each time.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::redact) struct Effort {
    owed_ns: u64,
    /// What is before has made good what it can.
    at: usize,
    is_endless: bool,
}

impl Effort {
    /// One that is never spent.
    pub(in crate::redact) fn endless() -> Self {
        Self { is_endless: true, ..Self::default() }
    }

    /// Looks at something.
    pub(in crate::redact) fn take(&mut self, look: Look) {
        self.owed_ns += look.ns();
    }

    /// The text up to `at` has been passed.
    pub(super) fn come_to(&mut self, at: usize) {
        self.pass(at.saturating_sub(self.at));
        self.at = self.at.max(at);
    }

    /// So many bytes more have been passed, of this text or another.
    pub(in crate::redact) fn pass(&mut self, bytes: usize) {
        self.owed_ns = self.owed_ns.saturating_sub(bytes as u64 * NS_PER_BYTE);
    }

    /// Goes on with another text, behind the last one's `bytes`.
    pub(in crate::redact) fn end(&mut self, bytes: usize) {
        self.come_to(bytes);
        self.at = 0;
    }

    /// Whether more was done than any text takes that somebody would read.
    pub(in crate::redact) fn is_spent(&self) -> bool {
        self.owed_ns > OWED_NS_MAX && !self.is_endless
    }
}

/// Where the part of a text ends that is withheld from `start` on.
pub(super) fn withheld_end(text: Bytes<'_>, start: usize) -> usize {
    let from = start.saturating_add(WITHHELD_BYTES_MIN);
    let bytes_max = WITHHELD_BYTES_MAX - WITHHELD_BYTES_MIN;
    text.past(from, bytes_max, |byte| byte != b'\n').min(text.len())
}

#[cfg(test)]
mod tests {
    use super::{Effort, Look, NS_PER_BYTE, OWED_NS_MAX};

    #[test]
    fn text_makes_good_what_looks_take_and_no_more() {
        let mut effort = Effort::default();
        effort.come_to(1_000);
        assert_eq!(effort.owed_ns, 0, "text is no credit for what comes later");
        effort.take(Look::Found);
        effort.come_to(1_000);
        assert_eq!(effort.owed_ns, Look::Found.ns());
        effort.come_to(900);
        effort.come_to(1_005);
        assert_eq!(effort.owed_ns, Look::Found.ns() - 5 * NS_PER_BYTE);
        effort.end(1_006);
        effort.come_to(1);
        assert_eq!(effort.owed_ns, Look::Found.ns() - 7 * NS_PER_BYTE);
    }

    #[test]
    fn it_is_spent_when_more_is_owed_than_may_be() {
        let mut effort = Effort::default();
        let looks = OWED_NS_MAX / Look::Found.ns();
        (0..looks).for_each(|_| effort.take(Look::Found));
        assert!(!effort.is_spent());
        effort.take(Look::Found);
        assert!(effort.is_spent());
        effort.pass(10);
        assert!(!effort.is_spent());
    }
}
