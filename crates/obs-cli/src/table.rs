//! Tables for people.
use crate::paint::{Colors, Paint};
use obs_core::escape;

const GAP: &str = "  ";
/// A column that gives way to a narrow terminal keeps so many characters.
const FLEXIBLE_CHARS_MIN: usize = 8;

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Left,
    /// To the left, and cut where the terminal is too narrow.
    Flexible,
    Right,
}

/// One field of a table.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    paint: Paint,
}

impl Cell {
    pub(crate) fn new(text: &str, paint: Paint) -> Self {
        Self { text: escape::terminal(text).into_owned(), paint }
    }

    fn chars(&self) -> usize {
        self.text.chars().count()
    }
}

/// Rows under heads.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new(heads: &[(&str, Column)]) -> Self {
        let titles = heads.iter().map(|(title, _)| Cell::new(title, Paint::Bold)).collect();
        Self { columns: heads.iter().map(|(_, column)| *column).collect(), rows: vec![titles] }
    }

    /// Adds a row of as many cells as there are heads.
    pub(crate) fn row<const N: usize>(&mut self, cells: [(&str, Paint); N]) {
        self.row_of(cells.into_iter());
    }

    /// The same, where the number of cells is not known beforehand.
    pub(crate) fn row_of<'c>(&mut self, cells: impl Iterator<Item = (&'c str, Paint)>) {
        self.rows.push(cells.map(|(text, paint)| Cell::new(text, paint)).collect());
    }

    /// The lines, no longer than `columns` characters where that can be.
    pub(crate) fn render(&self, colors: Colors, columns: Option<usize>) -> String {
        let widths = self.widths(columns);
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (place, cell) in row.iter().enumerate() {
                let text = cut(&cell.text, widths[place]);
                let gap = " ".repeat(widths[place] - text.chars().count());
                let is_last = place + 1 == row.len();
                if self.columns[place] == Column::Right {
                    line.push_str(&gap);
                }
                colors.paint(&mut line, cell.paint, &text);
                if self.columns[place] != Column::Right && !is_last {
                    line.push_str(&gap);
                }
                line.push_str(if is_last { "" } else { GAP });
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn widths(&self, columns: Option<usize>) -> Vec<usize> {
        let widest = |place: usize| self.rows.iter().map(|row| row[place].chars()).max();
        let places = 0..self.columns.len();
        let mut widths: Vec<usize> = places.map(|place| widest(place).unwrap_or(0)).collect();
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let needed = gaps + widths.iter().sum::<usize>();
        let mut excess = needed.saturating_sub(columns.unwrap_or(usize::MAX));
        while excess > 0 {
            let flexible = self.columns.iter().zip(&mut widths);
            let flexible = flexible.filter(|(column, _)| **column == Column::Flexible);
            let widest = flexible.map(|(_, width)| width).max();
            let Some(width) = widest.filter(|width| **width > FLEXIBLE_CHARS_MIN) else { break };
            *width -= 1;
            excess -= 1;
        }
        widths
    }
}

fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    text.chars().take(chars_max - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::{Column, Table};
    use crate::paint::{Colors, Paint};
    use expect_test::{Expect, expect};

    fn check(colors: Colors, columns: Option<usize>, expected: &Expect) {
        let heads = [("NAME", Column::Flexible), ("COUNT", Column::Right), ("ID", Column::Left)];
        let mut table = Table::new(&heads);
        table.row([("a", Paint::Good), ("7", Paint::Plain), ("0193", Paint::Dim)]);
        table.row([
            ("a rather long \x1b name", Paint::Bad),
            ("1500", Paint::Plain),
            ("0", Paint::Plain),
        ]);
        expected.assert_eq(&table.render(colors, columns));
    }

    #[test]
    fn columns_are_as_wide_as_they_need_to_be() {
        check(
            Colors::None,
            None,
            &expect![[r#"
            NAME                       COUNT  ID
            a                              7  0193
            a rather long \u{1b} name   1500  0
        "#]],
        );
    }

    #[test]
    fn a_narrow_terminal_cuts_what_can_be_cut() {
        check(
            Colors::None,
            Some(30),
            &expect![[r#"
            NAME               COUNT  ID
            a                      7  0193
            a rather long \u…   1500  0
        "#]],
        );
        check(
            Colors::None,
            Some(5),
            &expect![[r#"
            NAME      COUNT  ID
            a             7  0193
            a rathe…   1500  0
        "#]],
        );
    }

    #[test]
    fn colours_do_not_change_the_widths() {
        check(
            Colors::Ansi,
            None,
            &expect![[r#"
            [1mNAME[0m                       [1mCOUNT[0m  [1mID[0m
            [32ma[0m                              7  [2m0193[0m
            [31ma rather long \u{1b} name[0m   1500  0
        "#]],
        );
    }
}
