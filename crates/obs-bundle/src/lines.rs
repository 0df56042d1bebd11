//! Lines, as the bytes of a file stream by in pieces of any size.
use crate::manifest::Selected;
use crate::window::{Times, Window};

/// The beginning of a line that waits for its end is not longer; a longer line passes in parts.
const HELD_BYTES_MAX: usize = 1 << 20;

/// Lets whole lines pass that are in a window, and keeps the beginning of one back until its end has come: a file that
/// is ended early does not end within a line.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    window: Option<(Window, Times)>,
    /// The beginning of a line.
    held: Vec<u8>,
    /// Of a line that was too long to be held, whether it passes.
    long: Option<bool>,
    /// What passes.
    out: Vec<u8>,
    selected: Selected,
}

impl Lines {
    /// Lines of which only those in the window pass.
    pub(crate) fn in_window(window: (Window, Times)) -> Self {
        Self { window: Some(window), ..Self::default() }
    }

    /// The bytes that may pass now.
    pub(crate) fn pass(&mut self, piece: &[u8]) -> &[u8] {
        self.out.clear();
        if self.window.is_some() || self.long.is_some() {
            piece.split_inclusive(|byte| *byte == b'\n').for_each(|part| self.part(part));
        } else {
            let end = piece.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let (whole, rest) = piece.split_at(end);
            if end > 0 {
                self.out.append(&mut self.held);
                self.out.extend_from_slice(whole);
            }
            self.hold(rest);
        }
        &self.out
    }

    /// Takes a line, or a part of one.
    fn part(&mut self, part: &[u8]) {
        let is_end = part.ends_with(b"\n");
        if let Some(passes) = self.long {
            self.decide(part, passes);
            self.long = Some(passes).filter(|_| !is_end);
        } else if !is_end {
            self.hold(part);
        } else if self.held.is_empty() {
            let passes = self.passes(part);
            self.decide(part, passes);
            self.count(passes);
        } else {
            let mut line = std::mem::take(&mut self.held);
            line.extend_from_slice(part);
            let passes = self.passes(&line);
            self.decide(&line, passes);
            self.count(passes);
        }
    }

    fn hold(&mut self, part: &[u8]) {
        self.held.extend_from_slice(part);
        if self.held.len() > HELD_BYTES_MAX {
            let begun = std::mem::take(&mut self.held);
            let passes = self.passes(&begun);
            self.decide(&begun, passes);
            self.count(passes);
            self.long = Some(passes);
        }
    }

    fn passes(&self, line: &[u8]) -> bool {
        self.window.is_none_or(|(window, times)| window.has_line(line, times))
    }

    fn decide(&mut self, part: &[u8], passes: bool) {
        if passes {
            self.out.extend_from_slice(part);
        } else {
            self.selected.bytes_left_out += part.len() as u64;
        }
    }

    fn count(&mut self, passes: bool) {
        self.selected.lines_left_out += u64::from(!passes);
    }

    /// What is left at the end of the file: a last line without a line break.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        self.out.clear();
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            let passes = self.passes(&held);
            self.decide(&held, passes);
            self.count(passes);
        }
        std::mem::take(&mut self.out)
    }

    /// What was left out, where there is a window.
    pub(crate) fn selected(&self) -> Option<Selected> {
        self.window.map(|_| self.selected.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;
    use crate::window::{Times, Window};

    fn passed(mut lines: Lines, text: &str, length: usize) -> (String, Lines) {
        let mut out = Vec::new();
        for piece in text.as_bytes().chunks(length) {
            out.extend_from_slice(lines.pass(piece));
        }
        out.extend(lines.finish());
        (String::from_utf8(out).unwrap(), lines)
    }

    fn line(minute: u32, text: &str) -> String {
        format!("{{\"timestamp\":\"2026-11-22T10:{minute:02}:00Z\",\"event\":\"{text}\"}}\n")
    }

    #[test]
    fn what_passes_does_not_depend_on_the_pieces() {
        let long = "x".repeat(3 << 20);
        let text = line(0, "a") + &line(5, &long) + &line(1, "b") + &line(6, &long) + &line(7, "c");
        let time = |text: &str| text.parse().ok();
        let from = Window { from: time("2026-11-22T10:05:00Z"), until: None };
        let kept = line(5, &long) + &line(6, &long) + &line(7, "c");
        let window = Window { until: time("2026-11-22T10:07:00Z"), ..from };
        let kept_until = line(5, &long) + &line(6, &long);
        for length in [1_000, 4_096, 65_536, text.len()] {
            assert_eq!(passed(Lines::default(), &text, length).0, text);
            assert_eq!(passed(Lines::in_window((from, Times::At)), &text, length).0, kept);
            let (out, lines) = passed(Lines::in_window((window, Times::At)), &text, length);
            assert_eq!(out, kept_until);
            let selected = lines.selected().unwrap();
            assert_eq!(selected.lines_left_out, 3);
            assert_eq!(selected.bytes_left_out, (text.len() - kept_until.len()) as u64);
        }
    }

    #[test]
    fn a_line_passes_when_it_is_whole_or_nothing_follows() {
        let mut lines = Lines::default();
        assert_eq!(lines.pass(b"a\nb"), b"a\n");
        assert_eq!(lines.pass(b"c"), b"");
        assert_eq!(lines.pass(b"d\n\ne"), b"bcd\n\n");
        assert_eq!(lines.finish(), b"e");
    }
}
