//! The table of settings for the manual.

use super::Settings;
use super::table::ROWS;

/// The table of all settings in Markdown, as it stands in `docs/settings.md`.
pub fn table_markdown() -> String {
    let defaults = Settings::default();
    let mut out = String::from(
        "| setting | variable | default | accepts | what it does |\n|---|---|---|---|---|\n",
    );
    for row in ROWS {
        let default = match row.default {
            "" => format!("`{}`", (row.show)(&defaults)),
            text => text.to_owned(),
        };
        let (name, env, accepts, doc) = (row.name, row.env, row.kind.expected(), row.doc);
        let line = format!("| `{name}` | `OBS_{env}` | {default} | {accepts} | {doc} |\n");
        out.push_str(&line);
    }
    out
}
