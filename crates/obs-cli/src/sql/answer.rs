//! An answer as a table, as JSON, and as values with commas between.
use super::options::AnswerFormat;
use crate::failure::Result;
use crate::output::Output;
use crate::paint::Paint;
use crate::table::{Column, Table};
use obs_sql_sink::{Answer, SqlValue};
use serde_json::{Map, Value};
use std::borrow::Cow;

pub(crate) fn write(answer: &Answer, format: AnswerFormat, output: &mut Output) -> Result<()> {
    match format {
        AnswerFormat::Table => table(answer, output),
        AnswerFormat::Json => answer.rows.iter().try_for_each(|row| {
            let members = answer.columns.iter().zip(row);
            let members = members.map(|(name, value)| ((*name).to_owned(), json(value)));
            output.json(&Value::Object(members.collect::<Map<_, _>>()))
        }),
        AnswerFormat::Csv => {
            output
                .bytes(line(answer.columns.iter().map(|name| Cow::Borrowed(*name))).as_bytes())?;
            answer
                .rows
                .iter()
                .try_for_each(|row| output.bytes(line(row.iter().map(csv)).as_bytes()))
        }
    }
}

/// Columns that give way to a narrow terminal.
const FLEXIBLE: [&str; 6] = ["event", "said", "span", "action", "logger", "service"];

fn table(answer: &Answer, output: &mut Output) -> Result<()> {
    let titles: Vec<String> = answer.columns.iter().map(|name| name.to_uppercase()).collect();
    let heads: Vec<(&str, Column)> = answer
        .columns
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let is_number =
                |row: &Vec<SqlValue>| matches!(row[index], SqlValue::Whole(_) | SqlValue::Real(_));
            let column = match name {
                name if FLEXIBLE.contains(name) => Column::Flexible,
                _ if answer.rows.iter().any(is_number) => Column::Right,
                _ => Column::Left,
            };
            (titles[index].as_str(), column)
        })
        .collect();
    let mut table = Table::new(&heads);
    for row in &answer.rows {
        let texts: Vec<String> = row.iter().map(text).collect();
        table.row_of(texts.iter().map(|text| (text.as_str(), Paint::Plain)));
    }
    output.bytes(table.render(output.colors(), output.columns()).as_bytes())
}

fn text(value: &SqlValue) -> String {
    match value {
        SqlValue::Whole(number) => number.to_string(),
        SqlValue::Real(number) => format!("{number:.3}"),
        SqlValue::Text(text) => text.clone(),
        _ => "-".to_owned(),
    }
}

fn json(value: &SqlValue) -> Value {
    match value {
        SqlValue::Whole(number) => (*number).into(),
        SqlValue::Real(number) => (*number).into(),
        SqlValue::Text(text) => text.as_str().into(),
        _ => Value::Null,
    }
}

/// A value without what a spreadsheet takes for a formula.
///
/// Source: OWASP, "CSV Injection".
fn csv(value: &SqlValue) -> Cow<'_, str> {
    match value {
        SqlValue::Text(text)
            if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']) =>
        {
            format!("'{text}").into()
        }
        SqlValue::Text(text) => text.into(),
        SqlValue::Whole(number) => number.to_string().into(),
        SqlValue::Real(number) => number.to_string().into(),
        _ => "".into(),
    }
}

/// A line as RFC 4180 has it, but that it ends in a line feed alone. Control characters other than those that a quoted
/// value may hold are spelt out, for a line may end up on a terminal.
fn line<'v>(values: impl Iterator<Item = Cow<'v, str>>) -> String {
    let quoted = values.map(|value| {
        let safe: String = value
            .chars()
            .map(|character| match character {
                '\n' | '\t' => character.to_string(),
                _ => obs_core::escape::terminal(character.encode_utf8(&mut [0; 4])).into_owned(),
            })
            .collect();
        if safe.contains([',', '"', '\n', '\t', ' ']) {
            format!("\"{}\"", safe.replace('"', "\"\""))
        } else {
            safe
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::{csv, line};
    use obs_sql_sink::SqlValue;

    #[test]
    fn a_value_is_no_formula_and_stays_in_its_place() {
        let values = [
            SqlValue::Text("=cmd|' /C calc'!A0".into()),
            SqlValue::Text("+1".into()),
            SqlValue::Text("@SUM(A1)".into()),
            SqlValue::Text("a,\"b\"\nc".into()),
            SqlValue::Text("\u{1b}[31m".into()),
            SqlValue::Whole(-7),
            SqlValue::Real(0.5),
            SqlValue::Null,
        ];
        let expected =
            "\"'=cmd|' /C calc'!A0\",'+1,'@SUM(A1),\"a,\"\"b\"\"\nc\",\\u{1b}[31m,-7,0.5,\n";
        assert_eq!(line(values.iter().map(csv)), expected);
    }
}
