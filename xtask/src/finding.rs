//! A place where a rule is broken.

use std::fmt;
use std::io::Write;

use anyhow::Result;

use crate::command::Verdict;

/// One broken rule. Orders by place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// From the workspace root, with `/`.
    pub(crate) path: String,
    /// Counts from 1.
    pub(crate) line: usize,
    pub(crate) what: String,
    pub(crate) rule: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} ({})", self.path, self.line, self.what, self.rule)
    }
}

/// Prints `findings` in the order of their places, or `clean` when there are none.
pub(crate) fn report(
    mut findings: Vec<Finding>,
    clean: &str,
    out: &mut dyn Write,
) -> Result<Verdict> {
    if findings.is_empty() {
        writeln!(out, "{clean}")?;
        return Ok(Verdict::Passed);
    }
    findings.sort();
    findings.dedup();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    let plural = if findings.len() == 1 { "" } else { "s" };
    writeln!(out, "{} finding{plural}", findings.len())?;
    Ok(Verdict::Failed)
}
