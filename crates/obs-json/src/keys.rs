//! Keys of a line: those that every line has, and how attributes stay clear of them.
use obs_core::escape;

/// Which keys a line has of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// A line of `log.jsonl`.
    Log,
    /// A line of `spans.jsonl`.
    Spans,
}

/// In front of an attribute's name that would pass for a key of the line's own.
const PREFIX: &str = "field.";
/// Behind the key of a text that was cut: its length in bytes before.
pub(super) const TRUNCATED: &str = ".truncated_bytes";
/// Behind the key of an error: the messages of its sources.
pub(super) const CAUSES: &str = ".causes";

impl Keys {
    /// Whether an attribute of this name is written with the prefix. A name that has the prefix already and is reserved
    /// without it gets one more, so that two names never become one key.
    fn is_reserved(self, name: &str) -> bool {
        let mut bare = name;
        while let Some(rest) = bare.strip_prefix(PREFIX) {
            bare = rest;
        }
        match bare {
            "timestamp"
            | "level"
            | "logger"
            | "run_id"
            | "trace_id"
            | "span_id"
            | "seq"
            | "thread"
            | "span.attrs"
            | "context.attrs"
            | "fields_left_out"
            | "attributes_left_out"
            | "spans_left_out" => true,
            "event" => self == Self::Log,
            "name" | "parent_id" | "start" | "duration_ns" | "unfinished" | "age_ns" => {
                self == Self::Spans
            }
            _ => false,
        }
    }

    /// Appends `,"name":`.
    pub(super) fn write(self, out: &mut Vec<u8>, name: &str) {
        out.extend_from_slice(b",\"");
        if self.is_reserved(name) {
            out.extend_from_slice(PREFIX.as_bytes());
        }
        escape::json(out, name);
        if is_like_companion(name) {
            out.push(b'_');
        }
        out.extend_from_slice(b"\":");
    }
}

/// Whether a name ends like the key of a companion, underscores apart. It gets one underscore more: then no
/// attribute's key ends like that, and again two names never become one key.
fn is_like_companion(name: &str) -> bool {
    let bare = name.trim_end_matches('_');
    bare.ends_with(TRUNCATED) || bare.ends_with(CAUSES)
}

#[cfg(test)]
mod tests {
    use super::Keys;
    use expect_test::expect;

    #[test]
    fn names_like_keys_of_the_line_are_changed_and_stay_apart() {
        let names = [
            "rows",
            "event",
            "name",
            "seq",
            "field.seq",
            "field.field.seq",
            "field.rows",
            "x.causes",
            "x.causes_",
            "x.causes_y",
            "level.truncated_bytes",
            "a\"b",
        ];
        let written = |keys: Keys| {
            let mut out = Vec::new();
            names.iter().for_each(|name| keys.write(&mut out, name));
            String::from_utf8(out).unwrap()
        };
        expect![[r#","rows":,"field.event":,"name":,"field.seq":,"field.field.seq":,"field.field.field.seq":,"field.rows":,"x.causes_":,"x.causes__":,"x.causes_y":,"level.truncated_bytes_":,"a\"b":"#]].assert_eq(&written(Keys::Log));
        expect![[r#","rows":,"event":,"field.name":,"field.seq":,"field.field.seq":,"field.field.field.seq":,"field.rows":,"x.causes_":,"x.causes__":,"x.causes_y":,"level.truncated_bytes_":,"a\"b":"#]].assert_eq(&written(Keys::Spans));
    }
}
