//! What a record or frame is.

/// What a record or frame is. The numbers are those on disk; a reader steps over numbers that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Kind {
    /// Something happened.
    Event = 16,
    /// A span began.
    SpanStart = 17,
    /// A span ended, or was found open after its run's death.
    SpanEnd = 18,
    /// Attributes were added to an open span.
    SpanRecord = 19,
    /// A span follows from another.
    SpanLink = 20,
    /// Records were refused or lost.
    Lost = 21,
    /// A thread began to write into a ring.
    Thread = 22,
    /// The run-wide attributes changed.
    RunContext = 23,
    /// A file was declared to belong to the run.
    Artifact = 24,
    /// The process began to exit in an orderly way, by `exit` or the end of `main`.
    Exit = 25,
    /// A record that could not be decoded or redacted, and is not shown.
    Withheld = 26,
    /// The run began.
    RunStart = 27,
    /// The run ended, and how that is known.
    RunEnd = 28,
    /// Defines a callsite.
    Callsite = 40,
    /// Defines a context.
    Context = 41,
    /// How far each ring has been drained.
    Positions = 42,
    /// The journal's segment ends here.
    Cut = 43,
    /// How ticks relate to time.
    Clock = 44,
}

impl Kind {
    const ALL: [Self; 18] = [
        Self::Event,
        Self::SpanStart,
        Self::SpanEnd,
        Self::SpanRecord,
        Self::SpanLink,
        Self::Lost,
        Self::Thread,
        Self::RunContext,
        Self::Artifact,
        Self::Exit,
        Self::Withheld,
        Self::RunStart,
        Self::RunEnd,
        Self::Callsite,
        Self::Context,
        Self::Positions,
        Self::Cut,
        Self::Clock,
    ];

    /// The kind with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            16..=28 => Some(Self::ALL[usize::from(number) - 16]),
            40..=44 => Some(Self::ALL[usize::from(number) - 40 + 13]),
            _ => None,
        }
    }

    /// Whether frames of this kind are records: they have a `seq` of their own and are counted. The others only help to
    /// read them.
    #[must_use]
    pub fn is_record(self) -> bool {
        (self as u8) < Self::Callsite as u8
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_kind_is_found_by_its_number_and_no_other_number_is() {
        let found: Vec<Kind> = (0..=255).filter_map(Kind::from_number).collect();
        assert_eq!(found, Kind::ALL);
        assert!(found.iter().all(|kind| Kind::from_number(*kind as u8) == Some(*kind)));
    }
}
