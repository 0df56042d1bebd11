//! JSON documents that can be shown on a terminal.
use obs_core::escape;
use serde::Serialize;

/// The value as indented JSON with a line break at the end. Characters that move a cursor, hide or reorder text are
/// escaped in it, as in every output of the toolkit.
pub(crate) fn document(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let text = serde_json::to_string_pretty(value)? + "\n";
    Ok(escape::json_document(&text))
}

#[cfg(test)]
mod tests {
    use super::document;
    use serde_json::{Value, json};

    #[test]
    fn a_document_holds_no_character_that_moves_a_cursor() {
        let value =
            json!({"a\u{202e}": ["\u{1b}[2J\n\"\\", "\u{9b}\u{7f}", "ä\u{e0041}b", "日本"]});
        let bytes = document(&value).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        let expected = "{\n  \"a\\u202e\": [\n    \"\\u001b[2J\\n\\\"\\\\\",\n    \"\\u009b\\u007f\",\n    \
                        \"ä\\udb40\\udc41b\",\n    \"日本\"\n  ]\n}\n";
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value);
    }
}
