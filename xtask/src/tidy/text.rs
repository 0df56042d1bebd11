//! A text file of the project.

use crate::finding::Finding;

#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// From the workspace root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Text {
    pub(crate) fn is(&self, ending: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, own)| own == ending)
    }

    /// A finding in this file; `line` counts from 1.
    pub(crate) fn finding(
        &self,
        line: usize,
        what: impl Into<String>,
        rule: &'static str,
    ) -> Finding {
        Finding { path: self.path.clone(), line, what: what.into(), rule }
    }
}
