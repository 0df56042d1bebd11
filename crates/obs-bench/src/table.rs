//! Lines as a table for people.
use crate::line::Line;
use std::io::{self, Write};

/// What stands for a number that is not there.
const NONE: &str = "–";
/// What stands for the median of a peer that has no such work.
const CANNOT: &str = "cannot";

/// The cells of a line: workload, ours, unit, peer, the peer's, ratio, CPU time, lost.
pub(crate) fn cells(line: &Line) -> [String; 8] {
    let or_none = |cell: Option<String>| cell.unwrap_or_else(|| NONE.to_owned());
    let theirs = match (&line.peer, line.peer_median) {
        (None, _) => NONE.to_owned(),
        (Some(_), None) => CANNOT.to_owned(),
        (Some(_), Some(median)) => number(median),
    };
    [
        line.full_workload(),
        or_none(line.ours_median.map(number)),
        line.unit.to_owned(),
        or_none(line.peer.clone()),
        theirs,
        or_none(line.ratio.map(|ratio| format!("{} ×", number(ratio)))),
        or_none(line.cpu_ns_per_event.map(number)),
        or_none(line.lost.map(|lost| lost.to_string())),
    ]
}

/// Three digits that count, in front of the point as many as there are.
pub(crate) fn number(number: f64) -> String {
    match number.abs() {
        size if size >= 99.95 => format!("{number:.0}"),
        size if size >= 9.995 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// Heads of the columns of [`cells`].
pub(crate) const HEADS: [&str; 8] =
    ["workload", "ours", "unit", "peer", "the peer's", "ratio", "our CPU ns", "our lost"];

fn row(out: &mut dyn Write, cells: [&str; 8]) -> io::Result<()> {
    let [workload, ours, unit, peer, theirs, ratio, cpu, lost] = cells;
    writeln!(
        out,
        "{workload:<30}{ours:>10} {unit:<9}{peer:<32}{theirs:>10}{ratio:>10}{cpu:>11}{lost:>9}"
    )
}

/// Writes the head of the table.
pub(crate) fn write_head(out: &mut dyn Write) -> io::Result<()> {
    row(out, HEADS)
}

/// Writes a line as a row.
pub(crate) fn write_row(line: &Line, out: &mut dyn Write) -> io::Result<()> {
    let cells = cells(line);
    row(out, cells.each_ref().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::{number, write_row};
    use crate::line::Line;

    #[test]
    fn numbers_have_three_digits_that_count() {
        let numbers = [0.0, 0.31, 9.99, 10.0, 99.94, 99.96, 1234.5, -3.21];
        let said = ["0.00", "0.31", "9.99", "10.0", "99.9", "100", "1234", "-3.21"];
        assert_eq!(numbers.map(number), said);
    }

    #[test]
    fn a_peer_without_a_median_cannot_do_it() {
        let line = Line {
            workload: "span".to_owned(),
            peer: Some("slog-async".to_owned()),
            ours_median: Some(81.5),
            unit: "ns",
            ..Line::default()
        };
        let mut out = Vec::new();
        write_row(&line, &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        let words: Vec<_> = said.split_whitespace().collect();
        assert_eq!(words, ["span", "81.5", "ns", "slog-async", "cannot", "–", "–", "–"]);
    }
}
