//! Rows on their way into tables.
use obs_core::UnixNanos;
use std::ops::Range;

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell {
    Null,
    Whole(i64),
    Real(f64),
    Flag(bool),
    Time(UnixNanos),
    /// From here to there in the text of all rows.
    Text(u32, u32),
}

/// The rows of one table, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// Cells of a row.
    width: usize,
    cells: Vec<Cell>,
}

/// Rows of all tables, from records that follow on one another.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    text: Vec<u8>,
    pub(crate) parts: [Part; 3],
}

/// Text beyond this is not kept for its memory.
const KEPT_BYTES_MAX: usize = 2 << 20;

impl Part {
    pub(crate) fn len(&self) -> usize {
        self.cells.len().checked_div(self.width).unwrap_or(0)
    }

    pub(crate) fn row(&self, index: usize) -> &[Cell] {
        &self.cells[index * self.width..(index + 1) * self.width]
    }

    pub(crate) fn rows(&self, range: Range<usize>) -> impl Iterator<Item = &[Cell]> {
        self.cells[range.start * self.width..range.end * self.width].chunks_exact(self.width.max(1))
    }

    /// Adds a row, whose cells are all there.
    pub(crate) fn push(&mut self, cells: &[Cell]) {
        debug_assert!(self.width == 0 || self.width == cells.len(), "rows of one width");
        self.width = cells.len();
        self.cells.extend_from_slice(cells);
    }
}

impl Rows {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT_BYTES_MAX);
        self.parts.iter_mut().for_each(|part| part.cells.clear());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.cells.is_empty())
    }

    /// The bytes of all texts.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The text of a cell that has one.
    pub(crate) fn text(&self, start: u32, end: u32) -> &str {
        // Whatever is put here is text: whole values, one at a time.
        str::from_utf8(&self.text[start as usize..end as usize]).unwrap_or_default()
    }

    /// The bytes of texts that a row holds.
    pub(crate) fn text_bytes(row: &[Cell]) -> usize {
        row.iter()
            .map(|cell| if let Cell::Text(start, end) = cell { (end - start) as usize } else { 0 })
            .sum()
    }

    /// Keeps a text.
    pub(crate) fn keep(&mut self, text: &str) -> Cell {
        self.keep_with(|all| all.extend_from_slice(text.as_bytes()))
    }

    /// Keeps the text that `write` appends.
    pub(crate) fn keep_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Cell {
        let start = self.text.len();
        write(&mut self.text);
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Cell::Text(place(start), place(self.text.len()))
    }
}
