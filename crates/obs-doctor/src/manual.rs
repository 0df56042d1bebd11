//! The table of findings for the manual.
use crate::checks::CHECKS;
use crate::examine;
use crate::kind::Kind;

/// The table of all kinds of findings in Markdown, as it stands in `docs/doctor.md`.
#[must_use]
pub fn table_markdown() -> String {
    let mut out =
        String::from("| finding | severity | what it means | what to do |\n|---|---|---|---|\n");
    for Kind { id, severity, means, remedy } in kinds() {
        out += &format!("| `{id}` | {severity} | {means} | {remedy} |\n");
    }
    out
}

fn kinds() -> impl Iterator<Item = &'static Kind> {
    CHECKS.iter().flat_map(|check| check.kinds).chain(examine::KINDS).copied()
}

#[cfg(test)]
mod tests {
    use super::kinds;
    use crate::kind::Severity;
    use std::collections::HashSet;

    #[test]
    fn every_id_is_there_once_in_small_letters_and_what_is_wrong_has_a_remedy() {
        let mut ids = HashSet::new();
        for kind in kinds() {
            assert!(ids.insert(kind.id), "{} is there twice", kind.id);
            assert!(kind.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", kind.id);
            assert!(kind.severity < Severity::Warning || !kind.remedy.is_empty(), "{}", kind.id);
            assert!(!kind.means.contains('|') && !kind.remedy.contains('|'), "{}", kind.id);
        }
    }
}
