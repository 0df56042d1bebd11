//! A line of instrumentation, described once.
use crate::Level;
use crate::encode::floor_char_boundary;
use crate::value::Cursor;

/// What a callsite makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallsiteKind {
    /// Events.
    Event,
    /// Spans.
    Span,
}

/// A line of instrumentation: all that its records have in common. Defined in a run before the first record that
/// names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callsite {
    /// Events or spans.
    pub kind: CallsiteKind,
    /// How severe its records are.
    pub level: Level,
    /// A span's name. For events the name that was given in place of a message, or nothing.
    pub name: String,
    /// The logger: the module path unless another was given.
    pub target: String,
    /// The source file, where known.
    pub file: Option<String>,
    /// The line in it, where known.
    pub line: Option<u32>,
    /// The names of the fields, in the order of their places.
    pub fields: Vec<String>,
}

/// Longer names, targets and files are cut.
const TEXT_BYTES_MAX: usize = 512;
const NO_LINE: u32 = u32::MAX;

impl Callsite {
    /// Appends the callsite as it stands in dictionaries and journals, cut to its limits, a whole number of words long.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let kind = match self.kind {
            CallsiteKind::Event => 0,
            CallsiteKind::Span => 1,
        };
        let fields = self.fields.iter().take(crate::encode::FIELDS_MAX);
        out.extend_from_slice(&[
            kind,
            self.level as u8,
            fields.len() as u8,
            u8::from(self.file.is_some()),
        ]);
        out.extend_from_slice(&self.line.unwrap_or(NO_LINE).to_le_bytes());
        let file = self.file.as_deref().unwrap_or_default();
        for text in
            [self.name.as_str(), &self.target, file].into_iter().chain(fields.map(String::as_str))
        {
            let text = &text[..floor_char_boundary(text, TEXT_BYTES_MAX)];
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.resize(out.len().next_multiple_of(8), 0);
    }

    /// Reads what [`Callsite::encode`] wrote; `None` where the bytes make no sense.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor { bytes };
        let [kind, level, fields, has_file] = cursor.array()?;
        let kind = match kind {
            0 => CallsiteKind::Event,
            1 => CallsiteKind::Span,
            _ => return None,
        };
        let level = Level::try_from(level).ok()?;
        let line = cursor.u32().map(|line| (line != NO_LINE).then_some(line))?;
        let (name, target, file) = (cursor.text()?, cursor.text()?, cursor.text()?);
        Some(Self {
            kind,
            level,
            name: name.to_owned(),
            target: target.to_owned(),
            file: (has_file == 1).then(|| file.to_owned()),
            line,
            fields: (0..fields).map(|_| cursor.text().map(str::to_owned)).collect::<Option<_>>()?,
        })
    }
}
