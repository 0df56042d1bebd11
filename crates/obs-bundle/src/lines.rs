//! Lines, as the bytes of a file stream by in pieces of any size.

/// The beginning of a line that waits for its end is not longer; a longer line passes in parts.
const HELD_BYTES_MAX: usize = 1 << 20;

/// Lets whole lines pass and keeps the beginning of one back until its end has come: a file that is ended early does
/// not end within a line.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The beginning of a line.
    held: Vec<u8>,
    /// What passes.
    out: Vec<u8>,
}

impl Lines {
    /// The bytes that may pass now.
    pub(crate) fn pass(&mut self, piece: &[u8]) -> &[u8] {
        self.out.clear();
        let end = piece.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (whole, rest) = piece.split_at(end);
        if end > 0 {
            self.out.append(&mut self.held);
            self.out.extend_from_slice(whole);
        }
        self.held.extend_from_slice(rest);
        if self.held.len() > HELD_BYTES_MAX {
            self.out.append(&mut self.held);
        }
        &self.out
    }

    /// What is left at the end of the file: a last line without a line break.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.held
    }
}
