//! The table of settings for the manual.

use super::Settings;
use super::otel::{self, OTHERS};
use super::table::{OWN, Row};

/// The table of the toolkit's own settings in Markdown, as it stands in `docs/settings.md`.
pub fn table_markdown() -> String {
    table("| setting | variable | default | accepts | what it does |", OWN.iter(), |row| {
        format!("`{}` | `{}`", row.name, row.variable("OBS"))
    })
}

/// The tables of OpenTelemetry's variables in Markdown, as they stand in `docs/otel.md`: those that are settings, and
/// the others with the reason.
pub fn otel_tables_markdown() -> [String; 2] {
    let settings = table("| variable | default | accepts | what it does |", otel::rows(), |row| {
        format!("`{}`", row.variable(""))
    });
    let mut others = String::from("| variable | honoured | why, or how |\n|---|---|---|\n");
    for other in OTHERS {
        let honoured = if other.is_honoured { "yes" } else { "no" };
        others += &format!("| `{}` | {honoured} | {} |\n", other.var, other.doc);
    }
    [settings, others]
}

fn table<'r>(
    head: &str,
    rows: impl Iterator<Item = &'r Row>,
    names: impl Fn(&Row) -> String,
) -> String {
    let defaults = Settings::default();
    let columns = head.matches('|').count() - 1;
    let mut out = format!("{head}\n{}|\n", "|---".repeat(columns));
    for row in rows {
        let default = match row.default {
            "" => format!("`{}`", (row.show)(&defaults)),
            text => text.to_owned(),
        };
        let (accepts, doc) = (row.kind.expected(), row.doc);
        out += &format!("| {} | {default} | {accepts} | {doc} |\n", names(row));
    }
    out
}
